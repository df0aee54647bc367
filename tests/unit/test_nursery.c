/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * close/nursery: processes that are forked when they are wanted, killed when
 * they hang, and gone when the nursery's parent is.
 */
#include "support/check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "close/nursery.h"
#include "support/foreign.h"
#include "support/scene.h"

enum { PATIENCE_MS = 20000 };

/* Counts how often each was called, where all processes see it. */
struct calls {
    int nursery;
    int dropper;
};

static void count_nursery(void *context)
{
    __atomic_add_fetch(&((struct calls *)context)->nursery, 1, __ATOMIC_SEQ_CST);
}

static void count_dropper(void *context)
{
    __atomic_add_fetch(&((struct calls *)context)->dropper, 1, __ATOMIC_SEQ_CST);
}

struct world {
    size_t open_before;
    struct sc_nursery nursery;
    struct calls *calls;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    world->open_before = scene_open_descriptors();
    world->calls = mmap(NULL, sizeof(*world->calls), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(world->calls != MAP_FAILED);
    const struct sc_nursery_confine confine = {
        .nursery = count_nursery, .dropper = count_dropper, .context = world->calls};
    assert_int_equal(sc_nursery_start(&world->nursery, &confine), 0);
    *state = world;
    return 0;
}

/* It ends by itself, and is no zombie when it was looked after. */
static int teardown(void **state)
{
    struct world *world = *state;

    sc_nursery_stop(&world->nursery);
    while (world->nursery.process > 0) {
        sc_nursery_reap(&world->nursery);
        usleep(1000);
    }
    assert_int_equal(waitpid(-1, NULL, 0), -1);
    assert_int_equal(scene_open_descriptors(), world->open_before);
    munmap(world->calls, sizeof(*world->calls));
    free(world);
    return 0;
}

static struct sc_dropper bring_up(struct world *world)
{
    struct sc_dropper dropper;

    assert_int_equal(sc_nursery_ask(&world->nursery, 1), 0);
    assert_int_equal(sc_nursery_ask(&world->nursery, 1), 0); /* which asks for no second one */
    assert_int_equal(sc_nursery_wait(&world->nursery, &dropper, PATIENCE_MS), 0);
    assert_false(world->nursery.asked);
    return dropper;
}

static void assert_works(struct sc_dropper *dropper)
{
    struct sc_backlog_line line = {0};
    struct foreign made = foreign_socket();
    struct pollfd ready = {.fd = dropper->talk, .events = POLLIN};

    assert_int_equal(sc_dropper_give(dropper, &line, &made.near, 1, 0), 0);
    assert_true(foreign_is_closed(made.far));
    assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
    assert_int_equal(sc_dropper_look(dropper, 0), SC_DROPPER_IDLE);
    close(made.far);
}

static void processes_come_one_by_one(void **state)
{
    struct world *world = *state;
    struct sc_dropper droppers[10], none;

    assert_int_equal(sc_nursery_get(&world->nursery, &none, 1), -EAGAIN);
    for (int i = 0; i < 10; i++) {
        droppers[i] = bring_up(world);
        assert_works(&droppers[i]);
    }
    assert_int_equal(world->calls->nursery, 1);
    assert_int_equal(world->calls->dropper, 10);
    for (int i = 0; i < 10; i++) {
        assert_works(&droppers[i]);
        sc_dropper_close(&droppers[i]);
    }
}

/* What was given to one that sleeps is closed when it is killed. */
static void one_that_sleeps_is_killed(void **state)
{
    struct world *world = *state;
    struct sc_dropper dropper = bring_up(world), other;
    struct sc_backlog_line line = {0};
    struct foreign made = foreign_socket();

    assert_int_equal(kill(dropper.process, SIGSTOP), 0);
    assert_int_equal(sc_dropper_give(&dropper, &line, &made.near, 1, 0), 0);
    sc_nursery_kill(&world->nursery, dropper.process);
    assert_true(foreign_is_closed(made.far));
    close(made.far);
    struct pollfd ready = {.fd = dropper.talk, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
    assert_int_equal(sc_dropper_look(&dropper, 0), SC_DROPPER_GONE);
    other = bring_up(world);
    assert_works(&other);
    sc_dropper_close(&other);
}

/* It kills its own children only. */
static void nobody_else_is_killed(void **state)
{
    struct world *world = *state;
    pid_t stranger = fork();

    assert_true(stranger >= 0);
    if (stranger == 0) {
        pause();
        _exit(1);
    }
    sc_nursery_kill(&world->nursery, stranger);
    struct sc_dropper dropper = bring_up(world); /* so it has read the order */
    sc_dropper_close(&dropper);
    assert_int_equal(waitpid(stranger, NULL, WNOHANG), 0);
    assert_int_equal(kill(stranger, SIGKILL), 0);
    assert_int_equal(waitpid(stranger, NULL, 0), stranger);
}

/* Its processes work on without it, until nobody needs them. */
static void a_nursery_that_is_killed(void **state)
{
    struct world *world = *state;
    struct sc_dropper dropper = bring_up(world), none;

    assert_int_equal(kill(world->nursery.process, SIGKILL), 0);
    assert_int_equal(
        waitid(P_PID, (id_t)world->nursery.process, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
    assert_works(&dropper);
    assert_int_equal(sc_nursery_get(&world->nursery, &none, 1), -EPIPE);
    assert_int_equal(sc_nursery_ask(&world->nursery, 1), -EPIPE);
    assert_int_equal(world->nursery.order, -1);
    sc_nursery_kill(&world->nursery, dropper.process); /* which nobody can any more */
    assert_works(&dropper);
    sc_dropper_close(&dropper);
}

static void a_nursery_that_sleeps_is_not_waited_for(void **state)
{
    struct world *world = *state;
    struct sc_dropper none;

    assert_int_equal(kill(world->nursery.process, SIGSTOP), 0);
    assert_int_equal(sc_nursery_ask(&world->nursery, 1), 0);
    assert_int_equal(sc_nursery_get(&world->nursery, &none, 1), -EAGAIN);
    assert_int_equal(sc_nursery_wait(&world->nursery, &none, 10), -ETIMEDOUT);
    assert_int_equal(kill(world->nursery.process, SIGCONT), 0);
    assert_int_equal(sc_nursery_wait(&world->nursery, &none, PATIENCE_MS), 0);
    sc_dropper_close(&none);
}

/* Whoever has it is killed: neither it nor what it has forked stays, whatever its copies are. */
static int be_killed(void *context)
{
    const int *tell = context;
    struct sc_nursery nursery;
    struct sc_dropper dropper;

    if (sc_nursery_start(&nursery, &(struct sc_nursery_confine){0}) < 0 ||
        sc_nursery_ask(&nursery, 0) < 0 || sc_nursery_wait(&nursery, &dropper, PATIENCE_MS) < 0 ||
        write(*tell, "x", 1) != 1)
        _exit(1);
    kill(getpid(), SIGKILL);
    return 1;
}

static void it_ends_with_its_parent(void **state)
{
    struct foreign pipe = foreign_pipe();
    pid_t child = fork();
    int status;
    char byte;

    (void)state;
    assert_true(child >= 0);
    if (child == 0)
        _exit(be_killed(&pipe.near));
    close(pipe.near);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(read(pipe.far, &byte, 1), 1);
    assert_int_equal(read(pipe.far, &byte, 1), 0); /* nobody has the other end */
    close(pipe.far);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(processes_come_one_by_one),
        TEST(one_that_sleeps_is_killed),
        TEST(nobody_else_is_killed),
        TEST(a_nursery_that_is_killed),
        TEST(a_nursery_that_sleeps_is_not_waited_for),
        cmocka_unit_test(it_ends_with_its_parent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
