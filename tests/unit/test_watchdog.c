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
#include "loop/timer.h"

enum { SECONDS = 3 };

static void ignore_record(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                          size_t length)
{
    (void)sink;
    (void)severity;
    if (write(STDOUT_FILENO, text, length) < 0)
        _exit(3);
}

static void hang(struct sc_timer *timer)
{
    (void)timer;
    for (;;)
        pause();
}

static void stop(struct sc_timer *timer)
{
    sc_loop_stop(timer->loop);
}

/* Runs a loop under a watchdog, with one thing to do after so many seconds. */
_Noreturn static void run(void (*what)(struct sc_timer *), int64_t after, int output)
{
    struct sc_log_sink sink = {.write = ignore_record};
    struct sc_log log = {.sink = &sink};
    struct sc_watchdog *watchdog;
    struct sc_timer timer;
    struct sc_loop *loop;

    dup2(output, STDOUT_FILENO);
    if (sc_loop_new(&loop) < 0 || sc_timer_init(&timer, loop, what) < 0 ||
        sc_watchdog_new(&watchdog, loop, &log, SECONDS, 0) < 0)
        _exit(2);
    sc_timer_set(&timer, sc_loop_now(loop) + after);
    raise(SIGALRM); /* A stranger's signal means nothing. */
    sc_loop_run(loop);
    sc_watchdog_free(watchdog);
    sc_timer_fini(&timer);
    sc_loop_free(loop);
    _exit(0);
}

static int status_of(void (*what)(struct sc_timer *), int64_t after, char *said, size_t size)
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
    assert_int_equal(status_of(hang, 0, said, sizeof(said)), 1);
    assert_string_equal(said, "fatal: watchdog: the event loop has hung for 3 seconds");
    assert_in_range(time(NULL) - start, SECONDS - 1, 3 * SECONDS);
}

static void test_waiting_is_not_hanging(void **state)
{
    char said[256];

    (void)state;
    assert_int_equal(status_of(stop, 1500 * SECONDS, said, sizeof(said)), 0);
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
