/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a confined process must not be able to do: each is tried in a child and fails, or ends it,
 * as the mode says.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/confined.h"

/* Each does what nothing in the server does, and returns whether that failed with EPERM. */

static bool try_fork(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    return is_eperm(child);
}

static bool try_exec(void)
{
    char *arguments[] = {(char[]){"true"}, NULL};

    return is_eperm(execv("/bin/true", arguments));
}

static bool try_internet(void)
{
    return is_eperm(socket(AF_INET, SOCK_STREAM, 0));
}

static bool try_netlink(void)
{
    return is_eperm(socket(AF_NETLINK, SOCK_RAW, 0));
}

static bool try_ptrace(void)
{
    return is_eperm(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static bool try_code_in_new_memory(void)
{
    void *memory =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED && errno == EPERM;
}

static bool try_code_in_old_memory(void)
{
    static char page[8192];
    void *start = (void *)(((uintptr_t)page + 4095) / 4096 * 4096);

    return is_eperm(mprotect(start, 4096, PROT_READ | PROT_EXEC));
}

static bool try_writing(void)
{
    return is_eperm(open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static bool try_making(void)
{
    return is_eperm(open("/tmp/test-sandbox-new", O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
}

static bool try_renaming(void)
{
    return is_eperm(rename("/tmp/test-sandbox-1", "/tmp/test-sandbox-2"));
}

static bool try_signal(void)
{
    return is_eperm(kill(getppid(), 0));
}

static bool try_signal_by_thread(void)
{
    pid_t other = getpid() + 1;

    return is_eperm(syscall(SYS_tgkill, other, other, 0));
}

static bool try_dumps(void)
{
    return is_eperm(prctl(PR_SET_DUMPABLE, 1));
}

static bool try_limit(void)
{
    const struct rlimit limit = {0, 0};

    return is_eperm(setrlimit(RLIMIT_NPROC, &limit));
}

static bool try_typing(void)
{
    return is_eperm(ioctl(0, TIOCSTI, "x"));
}

static bool try_user(void)
{
    return is_eperm(syscall(SYS_setuid, getuid()));
}

static bool try_ring(void)
{
    return is_eperm(syscall(SYS_io_uring_setup, 1, NULL));
}

static bool try_bpf(void)
{
    return is_eperm(syscall(SYS_bpf, 0, NULL, 0));
}

static bool try_other_memory(void)
{
    return is_eperm(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0));
}

static bool try_name_space(void)
{
    return is_eperm(syscall(SYS_unshare, 0));
}

static bool try_listening(void)
{
    return is_eperm(listen(0, 1));
}

static bool (*const forbidden[])(void) = {
    try_fork,
    try_exec,
    try_internet,
    try_netlink,
    try_ptrace,
    try_code_in_new_memory,
    try_code_in_old_memory,
    try_writing,
    try_making,
    try_renaming,
    try_signal,
    try_signal_by_thread,
    try_dumps,
    try_limit,
    try_typing,
    try_user,
    try_ring,
    try_bpf,
    try_other_memory,
    try_name_space,
    try_listening,
};

static void test_forbidden_dies(void **state)
{
    (void)state;
    for (int kind = DROPPER; kind <= ALONE; kind++)
        for (size_t i = 0; i < SC_COUNT_OF(forbidden); i++)
            if (!died_of(run_confined((enum kind)kind, SC_SANDBOX_KILL, forbidden[i]), SIGSYS))
                fail_msg("call %zu of kind %d did not die", i, kind);
}

static void test_forbidden_fails(void **state)
{
    (void)state;
    for (int kind = DROPPER; kind <= ALONE; kind++)
        for (size_t i = 0; i < SC_COUNT_OF(forbidden); i++)
            if (!is_fine(run_confined((enum kind)kind, SC_SANDBOX_YES, forbidden[i])))
                fail_msg("call %zu of kind %d did not fail with EPERM", i, kind);
}

static bool do_forbidden(void)
{
    int fd = open("/tmp", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    return fd >= 0 && child > 0 && waitpid(child, NULL, 0) == child &&
           socket(AF_INET, SOCK_DGRAM, 0) >= 0;
}

static void test_forbidden_goes_on_when_logged(void **state)
{
    (void)state;
    assert_true(is_fine(run_confined(SERVER, SC_SANDBOX_LOG, do_forbidden)));
    assert_true(is_fine(run_confined(ALONE, SC_SANDBOX_LOG, do_forbidden)));
    assert_true(is_fine(run_confined(DROPPER, SC_SANDBOX_LOG, do_forbidden)));
}

/* In a thread too: the filter holds for all of them. */
static void *call_in_thread(void *argument)
{
    (void)argument;
    return try_internet() ? argument : NULL;
}

static bool try_in_thread(void)
{
    pthread_t thread;
    char result;
    void *returned;

    return pthread_create(&thread, NULL, call_in_thread, &result) == 0 &&
           pthread_join(thread, &returned) == 0 && returned == &result;
}

static void test_threads(void **state)
{
    (void)state;
    for (int kind = SERVER; kind <= ALONE; kind++) {
        assert_true(is_fine(run_confined((enum kind)kind, SC_SANDBOX_YES, try_in_thread)));
        assert_true(died_of(run_confined((enum kind)kind, SC_SANDBOX_KILL, try_in_thread), SIGSYS));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forbidden_dies),
        cmocka_unit_test(test_forbidden_fails),
        cmocka_unit_test(test_forbidden_goes_on_when_logged),
        cmocka_unit_test(test_threads),
    };

    if (is_instrumented())
        return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
