/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * close/twin with real processes: it closes by number in our own table, each
 * number once, whoever sleeps or dies; and when the process that it belongs to
 * ends, however that ends, it closes everything.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "close/twin.h"
#include "support/foreign.h"
#include "support/scene.h"

enum { SIZE = 2000, OWN = 16 };

struct world {
    struct scene *scene;
    struct sc_twin *twin;
    struct sc_backlog_line line;
    bool is_own[OWN];
};

/* The only child that we have. */
static pid_t twin_process(void)
{
    char path[64];
    int process = 0;

    snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)getpid(), (long)getpid());
    FILE *children = fopen(path, "re");
    assert_non_null(children);
    assert_int_equal(fscanf(children, "%d", &process), 1);
    (void)fclose(children);
    return process;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    void *scene;

    assert_non_null(world);
    scene_setup(&scene);
    world->scene = scene;
    assert_int_equal(sc_twin_new(&world->twin, SIZE, world->is_own, OWN), 0);
    *state = world;
    return 0;
}

static void await_end(struct sc_twin *twin)
{
    while (!sc_twin_is_over(twin))
        usleep(1000);
}

static int teardown(void **state)
{
    struct world *world = *state;
    void *scene = world->scene;

    sc_twin_dismiss(world->twin);
    await_end(world->twin);
    sc_twin_free(world->twin);
    assert_int_equal(world->line.busy, 0);
    assert_int_equal(scene_teardown(&scene), 0);
    free(world);
    return 0;
}

static size_t look(struct world *world, int64_t now, int *fds)
{
    struct sc_backlog_line *line = NULL;
    size_t count = sc_twin_look(world->twin, now, 1000, &line, fds);

    assert_true(count == 0 || line == &world->line);
    return count;
}

static void await_done(struct world *world)
{
    int fds[SC_TWIN_BATCH_MOST];

    while (sc_twin_busy(world->twin) > 0) {
        assert_int_equal(look(world, 0, fds), 0);
        usleep(1000);
    }
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void it_closes_what_it_is_given(void **state)
{
    struct world *world = *state;
    struct foreign made[SC_TWIN_BATCH_MOST];
    int fds[SC_TWIN_BATCH_MOST];

    for (size_t count = 1; count <= SC_TWIN_BATCH_MOST; count += 7) {
        for (size_t i = 0; i < count; i++) {
            made[i] = i % 2 ? foreign_socket() : foreign_pipe();
            fds[i] = made[i].near;
        }
        sc_twin_give(world->twin, &world->line, fds, count, 0);
        assert_int_equal(world->line.busy, 1);
        sc_twin_wake(world->twin);
        for (size_t i = 0; i < count; i++)
            assert_true(foreign_is_closed(made[i].far));
        await_done(world);
        for (size_t i = 0; i < count; i++) {
            assert_false(is_open(made[i].near));
            close(made[i].far);
        }
        assert_int_equal(sc_twin_pending(world->twin), 0);
    }
}

static void many_batches_at_once(void **state)
{
    struct world *world = *state;
    static struct foreign made[SC_TWIN_BATCHES];

    for (size_t i = 0; i < SC_TWIN_BATCHES; i++) {
        made[i] = foreign_pipe();
        sc_twin_give(world->twin, &world->line, &made[i].near, 1, 0);
    }
    assert_int_equal(sc_twin_busy(world->twin), SC_TWIN_BATCHES);
    sc_twin_wake(world->twin);
    for (size_t i = 0; i < SC_TWIN_BATCHES; i++) {
        assert_true(foreign_is_closed(made[i].far));
        close(made[i].far);
    }
    await_done(world);
}

/* Numbers that are closed come again at once, and are given again. */
static void the_same_numbers_again_and_again(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < 2000; i++) {
        struct foreign made = foreign_pipe();
        sc_twin_give(world->twin, &world->line, &made.near, 1, 0);
        sc_twin_wake(world->twin);
        if (i % 3 == 0)
            await_done(world);
        assert_true(foreign_is_closed(made.far));
        close(made.far);
        int fds[SC_TWIN_BATCH_MOST];
        assert_int_equal(look(world, 0, fds), 0);
    }
    await_done(world);
}

/* What hangs is left, what lies behind it comes back, and others are closed. */
static void what_hangs_holds_up_nothing(void **state)
{
    struct world *world = *state;
    struct foreign behind = foreign_pipe(), other = foreign_pipe();
    struct foreign_held held;
    int fds[SC_TWIN_BATCH_MOST];

    if (!foreign_hold(&held)) {
        const int all[] = {behind.near, behind.far, other.near, other.far};
        for (size_t i = 0; i < SC_COUNT_OF(all); i++)
            close(all[i]);
        skip();
    }
    const int batch[] = {behind.near, held.pipe.far}; /* the last is the first */
    sc_twin_give(world->twin, &world->line, batch, 2, 100);
    sc_twin_give(world->twin, &world->line, &other.near, 1, 100);
    sc_twin_wake(world->twin);
    assert_true(foreign_is_closed(other.far));
    while (sc_twin_pending(world->twin) != 1 || sc_twin_busy(world->twin) != 1) {
        assert_int_equal(look(world, 100, fds), 0);
        usleep(1000);
    }
    assert_null(sc_twin_hangs(world->twin, 1099, 1000));
    assert_int_equal(look(world, 1099, fds), 0);
    assert_ptr_equal(sc_twin_hangs(world->twin, 1100, 1000), &world->line);
    assert_false(sc_twin_sleeps(world->twin, 1100, 1000));
    assert_int_equal(look(world, 1100, fds), 1);
    assert_int_equal(fds[0], behind.near);
    assert_int_equal(look(world, 1100, fds), 0);
    assert_true(foreign_is_open(behind.far));
    assert_int_equal(world->line.busy, 1); /* with what hangs */
    foreign_let_go(&held);
    await_done(world);
    assert_true(foreign_is_open(behind.far));
    assert_true(is_open(behind.near));
    close(behind.near);
    close(behind.far);
    close(other.far);
}

/* Stopped: all comes back, and when it wakes up it closes none of it. */
static void one_that_sleeps_gives_all_back(void **state)
{
    struct world *world = *state;
    struct foreign made[3] = {foreign_pipe(), foreign_pipe(), foreign_pipe()};
    const int batch[] = {made[0].near, made[1].near, made[2].near};
    int fds[SC_TWIN_BATCH_MOST];
    pid_t process = twin_process();

    assert_int_equal(kill(process, SIGSTOP), 0);
    assert_int_equal(waitpid(process, NULL, WUNTRACED), process);
    sc_twin_give(world->twin, &world->line, batch, 3, 100);
    sc_twin_wake(world->twin);
    assert_int_equal(sc_twin_pending(world->twin), 3);
    assert_false(sc_twin_sleeps(world->twin, 1099, 1000));
    assert_true(sc_twin_sleeps(world->twin, 1100, 1000));
    assert_int_equal(look(world, 1100, fds), 3);
    assert_memory_equal(fds, batch, sizeof(batch));
    assert_int_equal(sc_twin_busy(world->twin), 0);
    assert_int_equal(kill(process, SIGCONT), 0);
    struct foreign next = foreign_pipe();
    sc_twin_give(world->twin, &world->line, &next.near, 1, 1100);
    sc_twin_wake(world->twin);
    assert_true(foreign_is_closed(next.far)); /* so it is awake */
    await_done(world);
    close(next.far);
    for (int i = 0; i < 3; i++) {
        assert_true(is_open(made[i].near));
        close(made[i].near);
        close(made[i].far);
    }
}

/* Killed: what it had not begun comes back, and is open. */
static void one_that_is_killed_gives_back(void **state)
{
    struct world *world = *state;
    struct foreign made = foreign_pipe();
    struct sc_backlog_line *line;
    int fds[SC_TWIN_BATCH_MOST];
    pid_t process = twin_process();

    assert_false(sc_twin_is_over(world->twin));
    assert_int_equal(kill(process, SIGKILL), 0);
    await_end(world->twin);
    assert_true(is_open(made.near)); /* Its end closes nothing. */
    sc_twin_give(world->twin, &world->line, &made.near, 1, 0);
    assert_int_equal(sc_twin_look(world->twin, 0, 0, &line, fds), 1);
    assert_int_equal(fds[0], made.near);
    assert_true(is_open(made.near));
    close(made.near);
    close(made.far);
}

static void one_that_is_dismissed_closes_nothing(void **state)
{
    struct world *world = *state;
    struct foreign made = foreign_pipe();

    sc_twin_dismiss(world->twin);
    await_end(world->twin);
    assert_true(is_open(made.near));
    close(made.near);
    close(made.far);
}

/* --- when the server ends ----------------------------------------------- */

struct server {
    const struct scene *scene;
    int ready;
    bool exits; /* in good order */
};

/* A server with a lock of its own, and with strangers' things that it has from its parent. */
static int serve(void *context)
{
    const struct server *server = context;
    bool is_own[OWN] = {false};
    struct sc_twin *twin;

    int lock = openat(server->scene->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || lock >= OWN || flock(lock, LOCK_EX | LOCK_NB) < 0)
        return 1;
    is_own[lock] = true;
    if (sc_twin_new(&twin, SIZE, is_own, OWN) < 0 || write(server->ready, "x", 1) != 1)
        return 1;
    if (!server->exits)
        pause();
    return 0;
}

static void await_lock(const struct scene *scene)
{
    int fd = openat(scene->fd, "lock", O_RDWR | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0); /* The alarm ends the test if it never comes. */
    close(fd);
}

static void play_end(struct scene *scene, bool exits)
{
    struct foreign sock = foreign_socket(), pipe = foreign_pipe(), ready = foreign_pipe();
    struct server server = {scene, ready.near, exits};
    struct foreign_held held;
    bool is_held = foreign_hold(&held);
    char byte;

    alarm(30);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(serve(&server));
    /* From here on only the child and its twin have them. */
    close(sock.near);
    close(pipe.near);
    close(ready.near);
    if (is_held)
        close(held.pipe.far);
    assert_int_equal(read(ready.far, &byte, 1), 1);
    if (!exits)
        assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child); /* It is reaped, whatever hangs. */
    await_lock(scene);
    assert_true(foreign_is_closed(sock.far));
    assert_true(foreign_is_closed(pipe.far));
    close(sock.far);
    close(pipe.far);
    close(ready.far);
    if (is_held)
        foreign_let_go(&held);
    alarm(0);
}

static void a_server_that_is_killed(void **state)
{
    play_end(*state, false);
}

static void a_server_that_exits(void **state)
{
    play_end(*state, true);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_closes_what_it_is_given),
        TEST(many_batches_at_once),
        TEST(the_same_numbers_again_and_again),
        TEST(what_hangs_holds_up_nothing),
        TEST(one_that_sleeps_gives_all_back),
        TEST(one_that_is_killed_gives_back),
        TEST(one_that_is_dismissed_closes_nothing),
        cmocka_unit_test_setup_teardown(a_server_that_is_killed, scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(a_server_that_exits, scene_setup, scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
