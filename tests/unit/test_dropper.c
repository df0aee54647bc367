/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * close/dropper with a real process: what it is given is closed, by it and
 * not here, however long that takes; and what happens when it goes away.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "close/dropper.h"
#include "io/child.h"
#include "support/foreign.h"
#include "support/scene.h"

enum { DEPTH = 8 };

struct world {
    size_t open_before;
    struct sc_dropper dropper;
    struct sc_backlog_line line;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    int queue[2], talk[2];

    assert_non_null(world);
    world->open_before = scene_open_descriptors();
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, queue), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, talk), 0);
    pid_t process = fork();
    assert_true(process >= 0);
    if (process == 0) {
        int keep[] = {queue[1], talk[1]};
        sc_child_settle("test-dropper", keep, 2);
        sc_dropper_run(queue[1], talk[1], NULL, NULL);
    }
    close(queue[1]);
    close(talk[1]);
    world->dropper = (struct sc_dropper){.queue = queue[0], .talk = talk[0], .process = process};
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    pid_t process = world->dropper.process;

    sc_dropper_close(&world->dropper);
    if (process > 0)
        assert_int_equal(waitpid(process, NULL, 0), process);
    assert_int_equal(world->line.busy, 0);
    assert_int_equal(scene_open_descriptors(), world->open_before);
    free(world);
    return 0;
}

static void await_idle(struct world *world)
{
    struct pollfd ready = {.fd = world->dropper.talk, .events = POLLIN};

    while (sc_dropper_look(&world->dropper, 5) == SC_DROPPER_AT_WORK)
        assert_int_equal(poll(&ready, 1, 20000), 1);
    assert_int_equal(sc_dropper_look(&world->dropper, 5), SC_DROPPER_IDLE);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void what_it_is_given_is_closed(void **state)
{
    static const size_t counts[] = {1, 2, 50, SC_PASS_MAX};
    struct world *world = *state;
    struct foreign made[SC_PASS_MAX];
    int fds[SC_PASS_MAX];

    assert_int_equal(sc_dropper_look(&world->dropper, 1), SC_DROPPER_IDLE);
    for (size_t i = 0; i < SC_COUNT_OF(counts); i++) {
        for (size_t n = 0; n < counts[i]; n++) {
            made[n] = foreign_socket();
            fds[counts[i] - 1 - n] = made[n].near;
        }
        assert_int_equal(sc_dropper_give(&world->dropper, &world->line, fds, counts[i], 2), 0);
        assert_int_equal(world->line.busy, 1);
        assert_int_equal(world->dropper.moved, 2);
        for (size_t n = 0; n < counts[i]; n++) {
            assert_false(is_open(made[n].near));
            assert_true(foreign_is_closed(made[n].far));
            close(made[n].far);
        }
        await_idle(world);
        assert_int_equal(world->line.busy, 0);
        assert_int_equal(world->dropper.moved, 5);
    }
}

/* Each would take an hour; together they take some milliseconds. */
static void what_lingers_is_interrupted(void **state)
{
    struct world *world = *state;
    struct foreign made[20];
    int fds[20];

    for (size_t i = 0; i < 20; i++) {
        made[i] = foreign_lingering(3600);
        fds[i] = made[i].near;
    }
    assert_int_equal(sc_dropper_give(&world->dropper, &world->line, fds, 20, 0), 0);
    await_idle(world);
    for (size_t i = 0; i < 20; i++)
        close(made[i].far);
}

static void several_batches_wait_for_each_other(void **state)
{
    struct world *world = *state;
    struct foreign made[DEPTH];

    for (size_t i = 0; i < DEPTH; i++) {
        made[i] = foreign_socket();
        assert_int_equal(
            sc_dropper_give(&world->dropper, &world->line, &made[i].near, 1, (int64_t)i), 0);
    }
    assert_int_equal(world->dropper.outstanding, DEPTH);
    assert_int_equal(world->line.busy, 1);
    assert_int_equal(world->dropper.moved, 0); /* when it began */
    for (size_t i = 0; i < DEPTH; i++) {
        assert_true(foreign_is_closed(made[i].far));
        close(made[i].far);
    }
    await_idle(world);
}

/* A close that no signal ends: nothing here waits, and it goes on when it can. */
static void what_hangs_hangs_there(void **state)
{
    struct world *world = *state;
    struct foreign behind = foreign_socket();
    struct foreign_held held;

    if (!foreign_hold(&held)) {
        close(behind.near);
        close(behind.far);
        skip();
    }
    int trap = foreign_wrap(held.pipe.far);
    assert_int_equal(sc_dropper_give(&world->dropper, &world->line, &trap, 1, 0), 0);
    assert_int_equal(sc_dropper_give(&world->dropper, &world->line, &behind.near, 1, 0), 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(sc_dropper_look(&world->dropper, 9), SC_DROPPER_AT_WORK);
        usleep(1000); /* for as long as one likes: it does not get on */
    }
    assert_true(foreign_is_open(behind.far));
    foreign_let_go(&held);
    assert_true(foreign_is_closed(behind.far));
    close(behind.far);
    await_idle(world);
}

/* Killed when it has work: that is dropped with it. */
static void one_that_is_killed_lets_go(void **state)
{
    struct world *world = *state;
    struct foreign made = foreign_socket();

    assert_int_equal(kill(world->dropper.process, SIGSTOP), 0);
    assert_int_equal(waitpid(world->dropper.process, NULL, WUNTRACED), world->dropper.process);
    assert_int_equal(sc_dropper_give(&world->dropper, &world->line, &made.near, 1, 0), 0);
    assert_int_equal(sc_dropper_look(&world->dropper, 0), SC_DROPPER_AT_WORK);
    assert_true(foreign_is_open(made.far));
    pid_t process = world->dropper.process;
    assert_int_equal(kill(process, SIGKILL), 0);
    assert_true(foreign_is_closed(made.far));
    assert_int_equal(waitpid(process, NULL, 0), process);
    assert_int_equal(sc_dropper_look(&world->dropper, 0), SC_DROPPER_GONE);
    assert_int_equal(world->line.busy, 0);
    assert_int_equal(world->dropper.queue, -1);
    close(made.far);
}

/* Nothing is lost that could not be given. */
static void one_that_has_gone_takes_nothing(void **state)
{
    struct world *world = *state;
    struct foreign made = foreign_socket();
    pid_t process = world->dropper.process;

    assert_int_equal(kill(process, SIGKILL), 0);
    assert_int_equal(waitpid(process, NULL, 0), process);
    assert_int_equal(sc_dropper_give(&world->dropper, &world->line, &made.near, 1, 0), -EPIPE);
    assert_true(is_open(made.near));
    assert_int_equal(world->line.busy, 0);
    assert_int_equal(sc_dropper_give(&world->dropper, &world->line, &made.near, 1, 0), -EPIPE);
    assert_int_equal(sc_dropper_look(&world->dropper, 0), SC_DROPPER_GONE);
    close(made.near);
    close(made.far);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_it_is_given_is_closed),          TEST(what_lingers_is_interrupted),
        TEST(several_batches_wait_for_each_other), TEST(what_hangs_hangs_there),
        TEST(one_that_is_killed_lets_go),          TEST(one_that_has_gone_takes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
