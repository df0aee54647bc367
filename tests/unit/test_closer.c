/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * close/closer with real processes and descriptors, and a clock of the test's
 * own: who hangs holds up only himself, whatever is killed, stopped or cannot
 * be had, everything is closed, and nothing twice.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "close/closer.h"
#include "io/peer.h"
#include "support/foreign.h"
#include "support/random.h"
#include "support/scene.h"

enum { SIZE = 1024, MALLORY = 1, ALICE = 2, NOBODY = 65534 };

struct world {
    struct sc_log_sink sink;
    struct sc_log log;
    char said[4096];
    size_t open_before;
    struct sc_closer *closer;
    int64_t now;
};

static void remember(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                     size_t length)
{
    struct world *world = SC_CONTAINER_OF(sink, struct world, sink);
    size_t there = strlen(world->said);

    (void)severity;
    snprintf(world->said + there, sizeof(world->said) - there, "%.*s\n", (int)length, text);
}

static void world_init(struct world *world)
{
    *world = (struct world){.sink.write = remember, .now = 1000};
    world->log.sink = &world->sink;
    world->open_before = scene_open_descriptors();
    assert_int_equal(
        sc_closer_new(&world->closer, SIZE, &world->log, &(struct sc_nursery_confine){0}), 0);
    sc_closer_flush(world->closer, world->now);
}

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct world));
    assert_non_null(*state);
    world_init(*state);
    return 0;
}

static void reap_all(void)
{
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    assert_int_equal(errno, ECHILD);
}

static int teardown(void **state)
{
    struct world *world = *state;

    sc_closer_free(world->closer, 20000);
    reap_all();
    assert_int_equal(scene_open_descriptors(), world->open_before);
    free(world);
    return 0;
}

/* How often something was said. */
static int said(const struct world *world, const char *text)
{
    int count = 0;

    for (const char *at = world->said; (at = strstr(at, text)); at++)
        count++;
    return count;
}

/* Some of the loop's turns; the clock stands still, so that nothing seems to hang. */
static void turn(struct world *world)
{
    world->now = sc_closer_due(world->closer) == INT64_MAX ? world->now : world->now + 1;
    sc_closer_flush(world->closer, world->now);
    usleep(500); /* for the processes */
}

/* Whatever the clock says, it is closed in the end. */
static void await_closed(struct world *world, int far)
{
    struct pollfd watched = {.fd = far, .events = POLLRDHUP};

    for (int i = 0; i < 40000 && poll(&watched, 1, 0) == 0; i++)
        turn(world);
    assert_true((watched.revents & (POLLHUP | POLLRDHUP)) != 0);
    close(far);
}

static void take(struct world *world, int fd, int64_t user)
{
    uint8_t nature = sc_peer_nature(fd);

    sc_closer_expect(world->closer, nature);
    sc_closer_take(world->closer, fd, nature, user);
}

static void everything_is_closed(void **state)
{
    enum { MANY = 300 };
    struct world *world = *state;
    static struct foreign made[MANY];

    assert_int_equal(sc_closer_due(world->closer), INT64_MAX);
    for (int i = 0; i < MANY; i++) {
        made[i] = i % 3 ? foreign_socket() : foreign_pipe();
        take(world, made[i].near, i % 7);
    }
    assert_true(sc_closer_due(world->closer) <= world->now);
    for (int i = 0; i < MANY; i++)
        await_closed(world, made[i].far);
    for (int i = 0; i < 1000 && sc_closer_pending(world->closer) > 0; i++)
        turn(world);
    assert_int_equal(sc_closer_pending(world->closer), 0);
    assert_int_equal(sc_closer_queued(world->closer), 0);
    assert_string_equal(world->said, "");
}

/* One alone waits a little for others to come, and is not forgotten. */
static void one_alone_waits_for_a_while(void **state)
{
    struct world *world = *state;
    struct foreign made = foreign_socket();

    sc_closer_take(world->closer, made.near, SC_PEER_SOCKET, ALICE);
    int64_t due = sc_closer_due(world->closer);
    assert_true(due > world->now && due <= world->now + 10);
    assert_int_equal(sc_closer_pending(world->closer), 1);
    assert_int_equal(sc_closer_pending_of(world->closer, ALICE), 1);
    assert_int_equal(sc_closer_pending_of(world->closer, MALLORY), 0);
    sc_closer_flush(world->closer, due - 1);
    assert_true(foreign_is_open(made.far));
    sc_closer_flush(world->closer, due);
    assert_int_equal(sc_closer_pending(world->closer), 0);
    assert_true(foreign_is_closed(made.far));
    close(made.far);
}

/* Both ways of closing: a socket with something in it, and the thing itself. */
static void hang(struct world *world, struct foreign_held *held, bool in_socket, int64_t user)
{
    int trap = in_socket ? foreign_wrap(held->pipe.far) : held->pipe.far;

    take(world, trap, user);
    for (int i = 0; i < 20; i++)
        turn(world);
}

static void what_hangs_of_one_user_is_his(bool in_socket, struct world *world)
{
    struct foreign mine[2], hers[2];
    struct foreign_held held;

    if (!foreign_hold(&held))
        skip();
    hang(world, &held, in_socket, MALLORY);
    world->now += 1000;
    turn(world);
    turn(world);
    assert_int_equal(said(world, "of user 1 hangs"), 1);
    for (int i = 0; i < 2; i++) {
        mine[i] = i ? foreign_pipe() : foreign_socket();
        hers[i] = i ? foreign_pipe() : foreign_socket();
        take(world, mine[i].near, MALLORY);
        take(world, hers[i].near, ALICE);
    }
    for (int i = 0; i < 2; i++) {
        await_closed(world, hers[i].far);
        await_closed(world, mine[i].far);
    }
    for (int i = 0; i < 10; i++) {
        world->now += 1000;
        turn(world);
    }
    assert_int_equal(said(world, "hangs"), 1); /* once, however long */
    foreign_let_go(&held);
}

static void a_socket_that_hangs(void **state)
{
    what_hangs_of_one_user_is_his(true, *state);
}

static void a_pipe_that_hangs(void **state)
{
    what_hangs_of_one_user_is_his(false, *state);
}

/* As many as he can make hang, and still there is something left for her. */
static void many_that_hang(bool in_socket, struct world *world)
{
    enum { MANY = 40 };
    static struct foreign_held held[MANY];
    struct foreign hers[2] = {foreign_socket(), foreign_pipe()};

    for (int i = 0; i < MANY; i++) {
        if (!foreign_hold(&held[i])) {
            close(hers[0].far);
            close(hers[1].far);
            skip();
        }
        take(world, in_socket ? foreign_wrap(held[i].pipe.far) : held[i].pipe.far, MALLORY);
        turn(world);
        world->now += 50; /* late, so that another process is given the next */
    }
    world->now += 2000;
    for (int i = 0; i < 20; i++)
        turn(world);
    take(world, hers[0].near, ALICE);
    take(world, hers[1].near, ALICE);
    await_closed(world, hers[0].far);
    await_closed(world, hers[1].far);
    assert_int_equal(sc_closer_pending_of(world->closer, ALICE), 0);
    for (int i = 0; i < MANY; i++)
        foreign_let_go(&held[i]);
}

static void many_sockets_that_hang(void **state)
{
    many_that_hang(true, *state);
}

static void many_pipes_that_hang(void **state)
{
    many_that_hang(false, *state);
}

/* It was said once; when that has ended and it happens again, it is said again. */
static void a_hang_that_ends_is_forgotten(void **state)
{
    struct world *world = *state;

    for (int round = 1; round <= 2; round++) {
        struct foreign_held held;
        if (!foreign_hold(&held))
            skip();
        hang(world, &held, false, MALLORY);
        world->now += 1000;
        turn(world);
        assert_int_equal(said(world, "hangs"), round);
        foreign_let_go(&held);
        for (int i = 0; i < 1000; i++) {
            world->now += 1000;
            turn(world);
        }
    }
}

/* The ids of our children, and of theirs. */
static size_t find_processes(pid_t parent, int *found, size_t most)
{
    char path[64];
    size_t count = 0;

    snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)parent, (long)parent);
    FILE *children = fopen(path, "re");
    while (children && count < most && fscanf(children, "%d", &found[count]) == 1)
        count++;
    if (children)
        (void)fclose(children);
    size_t own = count;
    for (size_t i = 0; i < own; i++)
        count += find_processes(found[i], found + count, most - count);
    return count;
}

/* The end of the server waits for nothing that hangs, and gives away what it can. */
static void the_end_is_not_held_up(void **state)
{
    struct world *world = *state;
    struct foreign one = foreign_socket(), other = foreign_pipe();
    struct foreign_held held[2];
    int processes[8];

    if (!foreign_hold(&held[0]) || !foreign_hold(&held[1]))
        skip();
    hang(world, &held[0], true, MALLORY);
    hang(world, &held[1], false, MALLORY);
    take(world, one.near, MALLORY);
    take(world, other.near, MALLORY);
    sc_closer_free(world->closer, 1000);
    foreign_let_go(&held[0]);
    foreign_let_go(&held[1]);
    assert_true(foreign_is_closed(one.far));
    assert_true(foreign_is_closed(other.far));
    close(one.far);
    close(other.far);
    /* The twin waits for our end, which does not come here. */
    for (size_t i = find_processes(getpid(), processes, 8); i-- > 0;)
        (void)kill(processes[i], SIGKILL);
    reap_all();
    assert_int_equal(
        sc_closer_new(&world->closer, SIZE, &world->log, &(struct sc_nursery_confine){0}), 0);
}

/* A number that was given away may be ours again at once, and then it stays ours. */
struct property {
    int fds[64];
    ino_t inodes[64];
    size_t count;
};

static void property_add(struct property *property)
{
    struct stat status;

    if (property->count == SC_COUNT_OF(property->fds))
        close(property->fds[--property->count]);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    property->fds[property->count] = fd;
    property->inodes[property->count++] = status.st_ino;
}

static void property_check(const struct property *property)
{
    struct stat status;

    for (size_t i = 0; i < property->count; i++) {
        assert_int_equal(fstat(property->fds[i], &status), 0);
        assert_int_equal(status.st_ino, property->inodes[i]);
    }
}

/* Whatever is stopped or killed meanwhile. */
static void nothing_is_closed_twice(void **state)
{
    struct world *world = *state;
    struct random random = {number_from_environment("SCACHE_SEED", 1)};
    struct property property = {.count = 0};
    int processes[64];

    for (int i = 0; i < 3000; i++) {
        struct foreign made = random_below(&random, 2) ? foreign_socket() : foreign_pipe();
        take(world, made.near, random_below(&random, 3));
        close(made.far);
        turn(world);
        if (random_below(&random, 100) == 0)
            world->now += 2000;
        if (random_below(&random, 20) == 0) {
            size_t count = find_processes(getpid(), processes, 64);
            if (count > 1) /* the nursery lives, else there would soon be nobody to kill */
                (void)kill(processes[1 + random_below(&random, (uint32_t)count - 1)],
                           random_below(&random, 2) ? SIGKILL : SIGSTOP);
        }
        property_add(&property);
        property_check(&property);
    }
    for (size_t i = find_processes(getpid(), processes, 64); i-- > 0;)
        (void)kill(processes[i], SIGCONT);
    while (property.count > 0)
        close(property.fds[--property.count]);
}

/* --- where there can be no process -------------------------------------- */

static int be_refused(void *context)
{
    const struct rlimit none = {0, 0};
    struct foreign made[3] = {foreign_socket(), foreign_pipe(), foreign_socket()};
    struct world *world = context;

    if (setrlimit(RLIMIT_NPROC, &none) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
        return 2;
    world_init(world);
    if (said(world, "cannot start a process that closes sockets: ") != 1)
        return 3;
    for (int i = 0; i < 3; i++) {
        take(world, made[i].near, ALICE);
        world->now += 10;
        sc_closer_flush(world->closer, world->now);
        if (sc_closer_pending(world->closer) > 0 || !foreign_is_closed(made[i].far))
            return 4;
    }
    if (said(world, "cannot start a process that closes files: ") != 1)
        return 5;
    sc_closer_free(world->closer, 1000);
    return said(world, "a close that hangs would hold up everybody") == 1 ? 0 : 6;
}

static void without_processes_it_closes_all_the_same(void **state)
{
    struct world world;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(scene_in_child(be_refused, &world), 0);
}

/* All that could close is killed; what remains is the process that shares our table. */
static void without_a_nursery_the_twin_closes_sockets(void **state)
{
    struct world *world = *state;
    int processes[8];

    size_t count = find_processes(getpid(), processes, 8);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(kill(processes[i], SIGKILL), 0);
    for (int i = 0; i < 20; i++) {
        struct foreign made = foreign_socket();
        take(world, made.near, ALICE);
        await_closed(world, made.far);
    }
    assert_int_equal(said(world, "has gone: another takes its place"), 1);
    assert_int_equal(said(world, "hold up everybody"), 0);
}

/* It costs something, so it is there only while it is needed. */
static void the_twin_comes_and_goes(void **state)
{
    struct world *world = *state;
    struct foreign made = foreign_pipe();
    int processes[8];

    assert_int_equal(find_processes(getpid(), processes, 8), 2);
    sc_closer_expect(world->closer, 0);
    assert_int_equal(find_processes(getpid(), processes, 8), 3);
    for (int i = 0; i < 20; i++) {
        world->now += 2000;
        turn(world);
    }
    assert_int_equal(find_processes(getpid(), processes, 8), 3);
    sc_closer_take(world->closer, made.near, 0, ALICE);
    await_closed(world, made.far);
    for (int i = 0; i < 2000 && find_processes(getpid(), processes, 8) > 2; i++) {
        world->now += 100;
        turn(world);
    }
    assert_int_equal(find_processes(getpid(), processes, 8), 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_is_closed),
        TEST(one_alone_waits_for_a_while),
        TEST(a_socket_that_hangs),
        TEST(a_pipe_that_hangs),
        TEST(many_sockets_that_hang),
        TEST(many_pipes_that_hang),
        TEST(a_hang_that_ends_is_forgotten),
        TEST(the_end_is_not_held_up),
        TEST(nothing_is_closed_twice),
        cmocka_unit_test(without_processes_it_closes_all_the_same),
        TEST(without_a_nursery_the_twin_closes_sockets),
        TEST(the_twin_comes_and_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
