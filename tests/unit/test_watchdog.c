/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The watchdog, in processes of its own, because it ends them: a loop that hangs, and one that
 * only waits.
 */
#include "support/check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/watchdog.h"

enum { SECONDS = 3 };

static void ignore_record(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                          size_t length)
{
    (void)sink;
    (void)severity;
    if (write(STDOUT_FILENO, text, length) < 0)
        _exit(3);
}

static void hang(struct ev_loop *loop, struct ev_timer *watch, int events)
{
    (void)loop;
    (void)watch;
    (void)events;
    for (;;)
        pause();
}

static void stop(struct ev_loop *loop, struct ev_timer *watch, int events)
{
    (void)watch;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

/* Runs a loop under a watchdog, which does @what when @after seconds are over. */
_Noreturn static void run(void (*what)(struct ev_loop *, struct ev_timer *, int), double after,
                          int output)
{
    struct sc_log_sink sink = {.write = ignore_record};
    struct sc_log log = {.sink = &sink};
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct sc_watchdog *watchdog;
    struct ev_timer timer;

    dup2(output, STDOUT_FILENO);
    if (!loop || sc_watchdog_new(&watchdog, loop, &log, SECONDS, 0) < 0)
        _exit(2);
    ev_timer_init(&timer, what, after, 0.0);
    ev_timer_start(loop, &timer);
    raise(SIGALRM); /* A stranger's signal means nothing. */
    ev_run(loop, 0);
    sc_watchdog_free(watchdog);
    ev_loop_destroy(loop);
    _exit(0);
}

static int status_of(void (*what)(struct ev_loop *, struct ev_timer *, int), double after,
                     char *said, size_t size)
{
    int status, output[2];

    assert_int_equal(pipe(output), 0);
    pid_t child = fork();
    if (child == 0)
        run(what, after, output[1]);
    close(output[1]);
    ssize_t length = read(output[0], said, size - 1);
    assert_true(length >= 0);
    said[length] = '\0';
    close(output[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_a_loop_that_hangs_ends(void **state)
{
    char said[256];
    time_t start = time(NULL);

    (void)state;
    assert_int_equal(status_of(hang, 0.0, said, sizeof(said)), 1);
    assert_string_equal(said, "fatal: watchdog: the event loop has hung for 3 seconds");
    assert_in_range(time(NULL) - start, SECONDS - 1, 3 * SECONDS);
}

static void test_waiting_is_not_hanging(void **state)
{
    char said[256];

    (void)state;
    assert_int_equal(status_of(stop, 1.5 * SECONDS, said, sizeof(said)), 0);
    assert_string_equal(said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_loop_that_hangs_ends),
        cmocka_unit_test(test_waiting_is_not_hanging),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
