/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a confined process must still be able to do, each in a child of its own that would be
 * killed. What it must not is test_sandbox_forbidden.c's.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "confine/landlock.h"
#include "io/pass.h"
#include "support/confined.h"

#undef _exit /* A confined process cannot write what it has covered. */

enum { BIG = 8 * 1024 * 1024 };

/* Where a child finds what is sent to it: a number that nothing else here has. */
enum { QUEUE = 30 };

/* What the C library does in ways of its own. */

static bool use_memory(void)
{
    char *big = malloc(BIG);

    if (!big)
        return false;
    memset(big, 1, BIG);
    char *bigger = realloc(big, 4 * (size_t)BIG);
    if (!bigger)
        return false;
    free(bigger);
    return true;
}

static int compare(const void *one, const void *other)
{
    return *(const char *)one - *(const char *)other;
}

static bool sort(void)
{
    char *text = calloc(1, BIG);

    if (!text)
        return false;
    qsort(text, BIG, 1, compare);
    free(text);
    return true;
}

/* As where the kernel has no vDSO. */
static bool tell_time(void)
{
    struct timespec now, pause = {.tv_nsec = 1};
    struct tm tm;
    time_t seconds = time(NULL);

    return syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) == 0 &&
           syscall(SYS_gettimeofday, &now, NULL) == 0 && nanosleep(&pause, NULL) == 0 &&
           localtime_r(&seconds, &tm) && localtime(&seconds);
}

static bool reach_log(void)
{
    struct sockaddr_un nobody = {.sun_family = AF_UNIX, .sun_path = "/tmp/test-sandbox-no-log"};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    return fd >= 0 && connect(fd, (struct sockaddr *)&nobody, sizeof(nobody)) < 0 &&
           errno == ENOENT;
}

static bool wait_for_event(void)
{
    struct epoll_event event;
    int fd = epoll_create1(EPOLL_CLOEXEC);

    return fd >= 0 && epoll_wait(fd, &event, 1, 1) == 0 && poll(NULL, 0, 1) == 0;
}

static bool has_no_clone3(void)
{
    return syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS;
}

static bool (*const allowed[])(void) = {
    use_memory, sort, tell_time, reach_log, wait_for_event, has_no_clone3,
};

static void test_allowed(void **state)
{
    (void)state;
    for (int kind = SERVER; kind <= ALONE; kind++)
        for (size_t i = 0; i < SC_COUNT_OF(allowed); i++)
            if (!is_fine(run_confined((enum kind)kind, SC_SANDBOX_KILL, allowed[i])))
                fail_msg("call %zu of kind %d did not work", i, kind);
}

static bool end_by_abort(void)
{
    abort();
}

static void test_abort_is_abort(void **state)
{
    (void)state;
    for (int kind = SERVER; kind <= ALONE; kind++)
        assert_true(died_of(run_confined((enum kind)kind, SC_SANDBOX_KILL, end_by_abort), SIGABRT));
}

static bool look_up_users(void)
{
    const struct passwd *root = getpwnam("root");

    return root && root->pw_uid == 0 && !getpwnam("no-such-user");
}

static bool read_file(void)
{
    FILE *file = fopen("/etc/passwd", "re");

    return file && fgetc(file) != EOF && fclose(file) == 0;
}

static void test_alone_reads_again(void **state)
{
    (void)state;
    assert_true(is_fine(run_confined(ALONE, SC_SANDBOX_KILL, look_up_users)));
    assert_true(is_fine(run_confined(ALONE, SC_SANDBOX_KILL, read_file)));
}

static bool read_nothing(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) == -1 && errno == EACCES;
}

static void test_server_reads_nothing(void **state)
{
    (void)state;
    if (!has_landlock())
        skip();
    assert_true(is_fine(run_confined(SERVER, SC_SANDBOX_KILL, read_nothing)));
}

static bool remove_file(void)
{
    return unlink("/tmp/test-sandbox-no-such-file") == -1 && errno == ENOENT;
}

static bool remove_other_file(void)
{
    return unlink("/etc/test-sandbox-no-such-file") == -1 && errno == ENOENT;
}

/* Landlock says no where there is something; what is not there does not matter. */
static void test_removal(void **state)
{
    (void)state;
    assert_true(is_fine(run_confined(ALONE, SC_SANDBOX_KILL, remove_file)));
    assert_true(is_fine(run_confined(ALONE, SC_SANDBOX_KILL, remove_other_file)));
    assert_true(died_of(run_confined(SERVER, SC_SANDBOX_KILL, remove_file), SIGSYS));
}

static void make_file(char path[])
{
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    close(fd);
}

/* Landlock alone, of which the filter would hide most. */
static void check_landlock(const char *inside, const char *outside)
{
    char *arguments[] = {(char[]){"true"}, NULL};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || sc_landlock_enter("/var/tmp", true) < 0)
        _exit(NOT_CONFINED);
    bool right = open(outside, O_WRONLY | O_CLOEXEC) == -1 && errno == EACCES &&
                 open("/var/tmp/test-sandbox-new", O_CREAT | O_CLOEXEC, 0600) == -1 &&
                 errno == EACCES && unlink(outside) == -1 && errno == EACCES &&
                 open(outside, O_RDONLY | O_CLOEXEC) >= 0 && execv("/bin/true", arguments) == -1 &&
                 errno == EACCES && unlink(inside) == 0;
    _exit(right ? FINE : WRONG);
}

static void test_landlock(void **state)
{
    char outside[] = "/tmp/test-sandbox-XXXXXX";
    char inside[] = "/var/tmp/test-sandbox-XXXXXX";
    int status;

    (void)state;
    if (!has_landlock())
        skip();
    make_file(outside);
    make_file(inside);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        check_landlock(inside, outside);
    assert_int_equal(waitpid(child, &status, 0), child);
    unlink(outside);
    unlink(inside);
    assert_true(is_fine(status));
}

static bool is_unprivileged(void)
{
    struct rlimit core;
    bool bounded = getuid() == 0; /* Others can drop no bounds, and need not. */

    for (unsigned long i = 0; bounded && i < 41; i++)
        bounded = prctl(PR_CAPBSET_READ, i) != 1;
    return prctl(PR_GET_DUMPABLE) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
           getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 && (bounded || getuid() != 0) &&
           (getuid() != 0 || is_eperm(chroot("/")));
}

/* Before the filter, which would forbid to ask. */
static void test_give_up(void **state)
{
    struct sc_sandbox sandbox = {.mode = SC_SANDBOX_KILL};
    int status;

    (void)state;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(sc_sandbox_give_up(&sandbox) == 0 && is_unprivileged() ? FINE : WRONG);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(is_fine(status));
}

/* The socket's directory has gone: that is said, and is fatal in one mode only. */
static void test_failure(void **state)
{
    struct sc_log_sink sink = {.write = remember_record};
    struct sc_log log = {.sink = &sink};
    struct sc_sandbox sandbox = {.log = &log, .socket = "/tmp/test-sandbox-no/x", .alone = true};
    int status;

    (void)state;
    if (!has_landlock())
        skip();
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        sandbox.mode = SC_SANDBOX_YES;
        if (sc_sandbox_give_up(&sandbox) != 0 ||
            strcmp(last_record(), "warning: sandbox: cannot give up files: "
                                  "No such file or directory") != 0)
            _exit(WRONG);
        sandbox.mode = SC_SANDBOX_KILL;
        if (sc_sandbox_give_up(&sandbox) != -ENOENT)
            _exit(WRONG);
        _exit(strncmp(last_record(), "fatal: ", 7) == 0 ? FINE : WRONG);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(is_fine(status));
}

/* With no, all is as it was. */
static void test_no(void **state)
{
    struct sc_sandbox sandbox = {.mode = SC_SANDBOX_NO};

    (void)state;
    sc_sandbox_drop_bounds(SC_SANDBOX_NO);
    assert_int_equal(sc_sandbox_give_up(&sandbox), 0);
    assert_int_equal(sc_sandbox_enter(&sandbox), 0);
    sc_sandbox_confine_writer(SC_SANDBOX_NO);
    sc_sandbox_confine_nursery(SC_SANDBOX_NO);
    sc_sandbox_confine_dropper(SC_SANDBOX_NO);
    assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
    assert_int_equal(prctl(PR_GET_SECCOMP), 0);
}

/* What the process that closes sockets lives on. */
static bool drop_what_comes(void)
{
    const struct itimerspec never = {0};
    char byte;

    return syscall(SYS_timer_settime, -1, 0, &never, NULL) == -1 && errno == EINVAL &&
           recv(QUEUE, &byte, 1, MSG_DONTWAIT) == 1 && recv(QUEUE, &byte, 1, 0) == 0;
}

static bool make_local_socket(void)
{
    return is_eperm(socket(AF_UNIX, SOCK_STREAM, 0));
}

static bool receive_descriptor(void)
{
    struct sc_received received;
    char byte;

    return sc_pass_receive(QUEUE, &byte, 1, &received) == -EPERM;
}

static bool say_something(void)
{
    return is_eperm(write(STDERR_FILENO, "!", 1));
}

static void test_dropper(void **state)
{
    bool (*const too_much[])(void) = {make_local_socket, receive_descriptor, say_something};
    int ends[2];
    const int sent = STDIN_FILENO;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_true(dup2(ends[0], QUEUE) == QUEUE);
    for (size_t i = 0; i < SC_COUNT_OF(too_much); i++) {
        assert_true(is_fine(run_confined(DROPPER, SC_SANDBOX_YES, too_much[i])));
        assert_true(died_of(run_confined(DROPPER, SC_SANDBOX_KILL, too_much[i]), SIGSYS));
    }
    assert_int_equal(sc_pass_send_all(ends[1], SC_BYTES("x"), &sent, 1), 0);
    close(ends[1]);
    assert_true(is_fine(run_confined(DROPPER, SC_SANDBOX_KILL, drop_what_comes)));
    close(ends[0]);
    close(QUEUE);
}

/* What the process lives on that forks others, and they until they are confined further. */
static bool fork_confine_and_reap(void)
{
    int ends[2], status;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        sc_sandbox_confine_dropper(SC_SANDBOX_KILL);
        _exit(send(ends[1], "x", 1, MSG_NOSIGNAL) == 1 ? FINE : WRONG);
    }
    return child > 0 && waitpid(child, &status, 0) == child && is_fine(status);
}

static bool start_a_program(void)
{
    char *const arguments[] = {(char[]){"true"}, NULL};

    execv("/bin/true", arguments);
    return errno == EPERM;
}

static bool leave_for_a_namespace(void)
{
    return is_eperm(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
}

static bool write_a_file(void)
{
    return is_eperm(open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static void test_nursery(void **state)
{
    bool (*const too_much[])(void) = {make_local_socket, start_a_program, leave_for_a_namespace,
                                      write_a_file, say_something};

    (void)state;
    assert_true(is_fine(run_confined(NURSERY, SC_SANDBOX_KILL, fork_confine_and_reap)));
    for (size_t i = 0; i < SC_COUNT_OF(too_much); i++) {
        assert_true(is_fine(run_confined(NURSERY, SC_SANDBOX_YES, too_much[i])));
        assert_true(died_of(run_confined(NURSERY, SC_SANDBOX_KILL, too_much[i]), SIGSYS));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no),
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_abort_is_abort),
        cmocka_unit_test(test_alone_reads_again),
        cmocka_unit_test(test_server_reads_nothing),
        cmocka_unit_test(test_removal),
        cmocka_unit_test(test_landlock),
        cmocka_unit_test(test_give_up),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_dropper),
        cmocka_unit_test(test_nursery),
    };

    if (is_instrumented())
        return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
