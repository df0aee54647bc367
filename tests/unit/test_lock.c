/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io/lock against real files, other processes that have the lock, and dead
 * ones whose descriptors live on.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/lock.h"
#include "io/pass.h"
#include "support/scene.h"

static int take(struct sc_lock *lock, const struct scene *scene)
{
    return sc_lock_take(lock, scene->fd, "lock");
}

static bool exists(const struct scene *scene, const char *name)
{
    return faccessat(scene->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void make_file(const struct scene *scene, const char *name)
{
    int fd = openat(scene->fd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    close(fd);
}

static void it_is_taken_once(void **state)
{
    struct sc_lock one, other;

    assert_int_equal(take(&one, *state), 0);
    assert_true(one.fresh);
    assert_true(sc_lock_is_whole(&one));
    assert_int_equal(take(&other, *state), -EADDRINUSE);
    assert_int_equal(other.fd, -1);
    assert_int_equal(other.holder, getpid());
    assert_int_equal(other.holder_user, geteuid());
    sc_lock_release(&other);
    assert_true(sc_lock_is_whole(&one));
    sc_lock_release(&one);
    assert_false(exists(*state, "lock"));
    sc_lock_release(&one); /* which holds nothing any more */
}

static void a_file_that_nobody_holds_is_taken(void **state)
{
    struct sc_lock lock;

    make_file(*state, "lock");
    assert_int_equal(take(&lock, *state), 0);
    assert_false(lock.fresh);
    sc_lock_release(&lock);
    assert_false(exists(*state, "lock"));
}

static void a_file_that_was_removed_is_missed(void **state)
{
    const struct scene *scene = *state;
    struct sc_lock one, other;

    assert_int_equal(take(&one, scene), 0);
    assert_int_equal(unlinkat(scene->fd, "lock", 0), 0);
    assert_false(sc_lock_is_whole(&one));
    assert_int_equal(take(&other, scene), 0);
    assert_true(other.fresh);
    assert_false(sc_lock_is_whole(&one));
    sc_lock_release(&one);
    assert_true(exists(scene, "lock")); /* It is the other's. */
    assert_true(sc_lock_is_whole(&other));
    sc_lock_release(&other);
}

static void what_is_no_file_of_its_own_is_refused(void **state)
{
    const struct scene *scene = *state;
    struct sc_lock lock;

    assert_int_equal(mkfifoat(scene->fd, "lock", 0600), 0);
    assert_int_equal(take(&lock, scene), -EPERM);
    assert_int_equal(unlinkat(scene->fd, "lock", 0), 0);
    assert_int_equal(mkdirat(scene->fd, "lock", 0700), 0);
    assert_int_equal(take(&lock, scene), -EISDIR);
    assert_int_equal(unlinkat(scene->fd, "lock", AT_REMOVEDIR), 0);
    make_file(scene, "other");
    assert_int_equal(symlinkat("other", scene->fd, "lock"), 0);
    assert_int_equal(take(&lock, scene), -ELOOP);
    assert_int_equal(unlinkat(scene->fd, "lock", 0), 0);
    assert_int_equal(linkat(scene->fd, "other", scene->fd, "lock", 0), 0);
    assert_int_equal(take(&lock, scene), -EPERM);
    assert_true(exists(scene, "lock"));
    assert_true(exists(scene, "other"));
}

static void a_long_name_is_refused(void **state)
{
    char name[SC_LOCK_NAME_MAX + 1];
    struct sc_lock lock;

    memset(name, 'x', sizeof(name));
    name[SC_LOCK_NAME_MAX] = '\0';
    assert_int_equal(sc_lock_take(&lock, ((struct scene *)*state)->fd, name), -ENAMETOOLONG);
    name[SC_LOCK_NAME_MAX - 1] = '\0';
    assert_int_equal(sc_lock_take(&lock, ((struct scene *)*state)->fd, name), 0);
    sc_lock_release(&lock);
}

static void a_directory_that_has_gone_is_an_error(void **state)
{
    struct sc_lock lock;

    (void)state;
    assert_int_equal(sc_lock_take(&lock, -1, "lock"), -EBADF);
}

/* A child has the lock; a copy of its descriptor is ours, as one of a thread that hangs would be.
 */
struct holder {
    pid_t child;
    int copy;
    int talk;
};

static void holder_act(const struct scene *scene, int talk)
{
    int fd = openat(scene->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || sc_pass_send(talk, SC_BYTES("x"), fd) != 1)
        _exit(1);
    pause();
    _exit(1);
}

static struct holder holder_start(const struct scene *scene)
{
    struct sc_received received = {.fd = -1};
    int talk[2];
    char byte;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, talk), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        holder_act(scene, talk[1]);
    close(talk[1]);
    int error;
    while ((error = sc_pass_receive(talk[0], &byte, 1, &received)) == -EAGAIN)
        usleep(1000);
    assert_int_equal(error, 0);
    assert_true(received.fd >= 0);
    return (struct holder){.child = child, .copy = received.fd, .talk = talk[0]};
}

static void holder_end(struct holder *holder)
{
    kill(holder->child, SIGKILL);
    waitpid(holder->child, NULL, 0);
    close(holder->copy);
    close(holder->talk);
}

static void a_living_holder_keeps_it(void **state)
{
    struct holder holder = holder_start(*state);
    struct sc_lock lock;

    assert_int_equal(take(&lock, *state), -EADDRINUSE);
    assert_int_equal(lock.holder, holder.child);
    assert_int_equal(kill(holder.child, SIGSTOP), 0);
    assert_int_equal(waitpid(holder.child, NULL, WUNTRACED), holder.child);
    assert_int_equal(take(&lock, *state), -EADDRINUSE); /* also when it sleeps */
    assert_true(exists(*state, "lock"));
    holder_end(&holder);
}

/* Whether the kernel names a dead holder to us depends on the namespace that we are in. */
static bool dead_are_named(void)
{
    char link[64] = {0};

    return readlink("/proc/self/ns/pid", link, sizeof(link) - 1) > 0 &&
           strcmp(link, "pid:[4026531836]") == 0;
}

static void a_dead_holder_gives_way(void **state)
{
    const struct scene *scene = *state;
    struct holder holder = holder_start(scene);
    struct sc_lock lock, other;

    if (!dead_are_named()) {
        holder_end(&holder);
        skip();
    }
    kill(holder.child, SIGKILL);
    assert_int_equal(waitpid(holder.child, NULL, 0), holder.child);
    assert_int_equal(take(&lock, scene), 0);
    assert_true(sc_lock_is_whole(&lock));
    assert_false(lock.fresh); /* so what is beside it is stale */
    assert_int_equal(take(&other, scene), -EADDRINUSE);
    assert_int_equal(other.holder, getpid());
    sc_lock_release(&lock);
    assert_false(exists(scene, "lock"));
    close(holder.copy);
    close(holder.talk);
}

/* Nobody has asked yet how it ended. */
static void a_zombie_gives_way(void **state)
{
    struct holder holder = holder_start(*state);
    struct sc_lock lock;
    siginfo_t ended;

    kill(holder.child, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)holder.child, &ended, WEXITED | WNOWAIT), 0);
    assert_int_equal(take(&lock, *state), 0);
    assert_true(sc_lock_is_whole(&lock));
    sc_lock_release(&lock);
    holder_end(&holder);
}

/* Tells what came of it, and keeps the lock until everybody has told. */
static void take_and_tell(const struct scene *scene, const int tell[2], const int go[2])
{
    struct sc_lock lock;
    int error = take(&lock, scene);
    char byte = error == 0 ? 'x' : error == -EADDRINUSE ? '.' : '?';

    close(go[1]);
    if (write(tell[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 0)
        _exit(1);
    _exit(0);
}

/* Of those who find a dead holder at the same time, one takes its place. */
static void one_of_many_takes_over(void **state)
{
    enum { MANY = 12 };
    struct holder holder = holder_start(*state);
    int tell[2], go[2], taken = 0;
    siginfo_t ended;
    char byte;

    kill(holder.child, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)holder.child, &ended, WEXITED | WNOWAIT), 0);
    assert_int_equal(pipe2(tell, O_CLOEXEC), 0);
    assert_int_equal(pipe2(go, O_CLOEXEC), 0);
    for (int i = 0; i < MANY; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            take_and_tell(*state, tell, go);
    }
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(read(tell[0], &byte, 1), 1);
        assert_true(byte == 'x' || byte == '.');
        taken += byte == 'x';
    }
    assert_int_equal(taken, 1);
    for (int i = 0; i < 2; i++) {
        close(go[i]);
        close(tell[i]);
    }
    holder_end(&holder);
    for (int i = 0; i < MANY; i++)
        assert_true(wait(NULL) > 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_taken_once),
        TEST(a_file_that_nobody_holds_is_taken),
        TEST(a_file_that_was_removed_is_missed),
        TEST(what_is_no_file_of_its_own_is_refused),
        TEST(a_long_name_is_refused),
        TEST(a_directory_that_has_gone_is_an_error),
        TEST(a_living_holder_keeps_it),
        TEST(a_dead_holder_gives_way),
        TEST(a_zombie_gives_way),
        TEST(one_of_many_takes_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
