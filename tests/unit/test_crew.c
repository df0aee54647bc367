/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is done to a program's services is done to each, in order, as far as
 * each has come; and an errand is run aside, one at a time.
 */
#include "support/check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/crew.h"
#include "host/errand.h"

/* A service that writes down what is done to it, beside the others. */
struct scribe {
    struct sc_service base;
    char letter;
    int error; /* what its start returns */
    size_t clients;
    bool drained;
};

static char written[256];

static void scribe_write(const struct sc_service *service, const char *what)
{
    const struct scribe *scribe = (const struct scribe *)(const void *)service;
    size_t length = strlen(written);

    snprintf(written + length, sizeof(written) - length, "%c:%s ", scribe->letter, what);
}

static int scribe_prepare(struct sc_service *service, struct sc_runtime *runtime)
{
    (void)runtime;
    scribe_write(service, "prepare");
    return 0;
}

static int scribe_start(struct sc_service *service, struct sc_runtime *runtime)
{
    (void)runtime;
    scribe_write(service, "start");
    return SC_CONTAINER_OF(service, struct scribe, base)->error;
}

static int scribe_listen(struct sc_service *service, int listener)
{
    (void)service;
    return listener < 0 ? -EBADF : 0;
}

static void scribe_configure(struct sc_service *service, const struct sc_params *params)
{
    (void)params;
    scribe_write(service, "configure");
}

static size_t scribe_clients(const struct sc_service *service)
{
    return ((const struct scribe *)(const void *)service)->clients;
}

static void scribe_drain(struct sc_service *service, int64_t patience)
{
    scribe_write(service, patience == 7 ? "drain" : "?");
}

static bool scribe_is_drained(const struct sc_service *service)
{
    return ((const struct scribe *)(const void *)service)->drained;
}

static void scribe_report(struct sc_service *service)
{
    scribe_write(service, "report");
}

static void scribe_describe(const struct sc_service *service)
{
    scribe_write(service, "describe");
}

static void scribe_stop(struct sc_service *service)
{
    scribe_write(service, "stop");
}

static const struct sc_service_calls cache_calls = {
    .name = "cache",
    .prepare = scribe_prepare,
    .start = scribe_start,
    .listen = scribe_listen,
    .configure = scribe_configure,
    .clients = scribe_clients,
    .drain = scribe_drain,
    .is_drained = scribe_is_drained,
    .report = scribe_report,
    .describe = scribe_describe,
    .stop = scribe_stop,
};

/* One that has nothing to prepare, report or describe. */
static const struct sc_service_calls control_calls = {
    .name = "control",
    .listener = "control",
    .start = scribe_start,
    .listen = scribe_listen,
    .configure = scribe_configure,
    .clients = scribe_clients,
    .drain = scribe_drain,
    .is_drained = scribe_is_drained,
    .stop = scribe_stop,
};

static void check_written(const char *wanted)
{
    assert_string_equal(written, wanted);
    written[0] = '\0';
}

static void test_all_steps(void **state)
{
    struct scribe one = {.base.calls = &cache_calls, .letter = 'a', .clients = 2};
    struct scribe other = {.base.calls = &control_calls, .letter = 'b', .clients = 3};
    struct sc_service *services[] = {&one.base, &other.base};
    const struct sc_program program = {.services = services, .service_count = 2};
    struct sc_runtime runtime = {0};

    (void)state;
    assert_int_equal(sc_crew_prepare(&program, &runtime), 0);
    assert_int_equal(sc_crew_clients(&program), 0); /* before they have started */
    assert_int_equal(sc_crew_start(&program, &runtime), 0);
    check_written("a:prepare a:start b:start ");
    assert_int_equal(sc_crew_clients(&program), 5);
    sc_crew_configure(&program, NULL);
    sc_crew_report(&program);
    sc_crew_describe(&program);
    sc_crew_drain(&program, 7);
    check_written("a:configure b:configure a:report a:describe a:drain b:drain ");
    one.drained = true;
    assert_false(sc_crew_is_drained(&program));
    other.drained = true;
    assert_true(sc_crew_is_drained(&program));
    sc_crew_stop(&program);
    check_written("b:stop a:stop ");
    assert_true(sc_crew_find(&program, SC_BYTES("")) == &one.base);
    assert_true(sc_crew_find(&program, SC_BYTES("scache.socket")) == &one.base);
    assert_true(sc_crew_find(&program, SC_BYTES("control")) == &other.base);
    assert_null(sc_crew_find(&program, SC_BYTES("scache-parcel")));
}

/* What did not start hears of nothing but its end. */
static void test_start_fails(void **state)
{
    struct scribe one = {.base.calls = &cache_calls, .letter = 'a'};
    struct scribe other = {.base.calls = &cache_calls, .letter = 'b', .error = -ENOMEM};
    struct scribe last = {.base.calls = &cache_calls, .letter = 'c'};
    struct sc_service *services[] = {&one.base, &other.base, &last.base};
    const struct sc_program program = {.services = services, .service_count = 3};
    struct sc_runtime runtime = {0};

    (void)state;
    assert_int_equal(sc_crew_start(&program, &runtime), -ENOMEM);
    sc_crew_report(&program);
    sc_crew_stop(&program);
    check_written("a:start b:start a:report c:stop b:stop a:stop ");
}

/* An errand that waits for a byte. */
struct wait {
    int ends[2];
    bool was_run;
};

static struct wait *ended;

static void wait_run(void *job)
{
    struct wait *wait = job;
    char byte;

    wait->was_run = read(wait->ends[0], &byte, 1) == 1;
}

static void wait_done(struct sc_errand *errand, void *job)
{
    ended = job;
    sc_loop_stop(errand->watch.loop);
}

static void test_errand(void **state)
{
    struct wait wait;
    struct sc_errand errand;
    struct sc_loop *loop;

    (void)state;
    assert_int_equal(pipe(wait.ends), 0);
    assert_int_equal(sc_loop_new(&loop), 0);
    assert_int_equal(sc_errand_init(&errand, loop, wait_run, wait_done), 0);
    for (int i = 0; i < 3; i++) {
        wait.was_run = false;
        ended = NULL;
        assert_int_equal(sc_errand_start(&errand, &wait), 0);
        assert_int_equal(sc_errand_start(&errand, &wait), -EBUSY);
        assert_null(ended);
        assert_int_equal(write(wait.ends[1], "", 1), 1);
        sc_loop_run(loop);
        assert_true(ended == &wait && wait.was_run);
    }
    assert_false(sc_errand_fini(&errand));
    assert_int_equal(sc_errand_start(&errand, &wait), -ENODEV);
    sc_loop_free(loop);
    close(wait.ends[0]);
    close(wait.ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_steps),
        cmocka_unit_test(test_start_fails),
        cmocka_unit_test(test_errand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
