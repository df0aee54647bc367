/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the library finds its server, and finds out what that understands: probes, greetings, and
 * requests that are longer than a socket's buffer.
 */
#include "support/check.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lib/handle.h"
#include "support/scripted.h"

static const struct turn finding[] = {
    {.hears = "request=find_endp label=e .", .says = "status=0 property=ep ."},
    {.hears = "dummy= .", .says = ".", .gives = 1},
    {.hears = "dummy= ."},
};

static const struct turn classic_take[] = {
    {.hears = "request=find_dest label=d .", .says = "status=2 property= property= ."},
};

static void take_by_destination(struct scripted *server, const struct turn *turns, size_t count)
{
    assert_int_equal(scache_start_take_any(server->cache, "d", NULL), 0);
    assert_int_equal(scripted_play(server, turns, count), SCACHE_MISS);
}

static void a_classic_server_is_probed_once(void **state)
{
    static const struct turn probed[] = {
        {.hears = "request=take label= .", .says = "status=1 ."},
        {.hears = "request=find_dest label=d .", .says = "status=2 property= property= ."},
    };
    struct scripted *server = *state;

    scripted_answer(server);
    take_by_destination(server, probed, 2);
    take_by_destination(server, classic_take, 1);
    scripted_hang_up(server);
    scripted_answer(server);
    take_by_destination(server, classic_take, 1);
}

/* It may have been replaced by one that does not know put. */
static void any_other_is_probed_on_each_connection(void **state)
{
    static const struct turn probed[] = {
        {.hears = "request=take label= .", .says = "status=2 label= property= property= ."},
        {.hears = "request=take label=d .", .says = "status=2 label= property= property= ."},
    };
    struct scripted *server = *state;

    scripted_answer(server);
    take_by_destination(server, probed, 2);
    take_by_destination(server, probed + 1, 1);
    scripted_hang_up(server);
    scripted_answer(server);
    take_by_destination(server, probed, 2);
}

/* Whoever is known is not asked the same again: a server of Postfix's would log it. */
static void a_ping_asks_as_a_request_does(void **state)
{
    static const struct turn classic[] = {
        {.hears = "request=take label= .", .says = "status=1 ."},
    };
    static const struct turn known[] = {
        {.hears = "request=find_endp label=libscache%20ping .", .says = "status=2 property= ."},
    };
    struct scripted *server = *state;

    scripted_answer(server);
    assert_int_equal(scache_start_ping(server->cache), 0);
    assert_int_equal(scripted_play(server, classic, 1), SCACHE_DONE);
    assert_int_equal(scache_start_ping(server->cache), 0);
    assert_int_equal(scripted_play(server, known, 1), SCACHE_DONE);
    assert_int_equal(scache_miss_reason(server->cache), SCACHE_REASON_NONE);
}

static void who_is_told_does_not_probe(void **state)
{
    struct scripted server;

    (void)state;
    scripted_open(&server);
    assert_int_equal(scache_set_option(server.cache, SCACHE_OPT_CLASSIC, 1), 0);
    scripted_answer(&server);
    take_by_destination(&server, classic_take, 1);
    scripted_close(&server);
    setenv("SCACHE_CLASSIC", "1", 1);
    scripted_open(&server);
    unsetenv("SCACHE_CLASSIC");
    scripted_answer(&server);
    take_by_destination(&server, classic_take, 1);
    scripted_close(&server);
}

static void a_greeting_that_was_not_waited_for_is_skipped(void **state)
{
    struct scripted server;

    (void)state;
    scripted_open(&server);
    assert_int_equal(scache_set_option(server.cache, SCACHE_OPT_GREETING, 0), 0);
    assert_int_equal(scripted_ask(&server), 0);
    assert_int_equal(scripted_play(&server, finding, 3), SCACHE_DONE);
    scripted_hang_up(&server);
    assert_int_equal(scripted_ask(&server), 0);
    scripted_accept(&server);
    scripted_say(&server, "protocol=connection_cache_protocol .", 0);
    assert_int_equal(scripted_play(&server, finding, 3), SCACHE_DONE);
    scripted_close(&server);
}

/* More than a socket's buffer holds goes in several pieces, the descriptor with the first. */
static void a_long_put_goes_out_as_there_is_room(void **state)
{
    enum { LONG = 250000 };
    static const struct turn probed[] = {
        {.hears = "request=take label= .", .says = "status=2 label= property= property= ."},
        {.hears = "request=take label=d .", .says = "status=2 label= property= property= ."},
    };
    struct scripted *server = *state;
    char *property = calloc(1, LONG + 1);
    char bytes[4096];
    size_t heard = 0;
    int descriptors = 0;

    assert_non_null(property);
    memset(property, 'p', LONG);
    scripted_answer(server);
    take_by_destination(server, probed, 2);
    assert_int_equal(scache_start_put(server->cache, server->saved, "e", property, 5), 0);
    server->saved = -1;
    assert_int_equal(scache_wait_events(server->cache), POLLOUT);
    while (scache_dispatch(server->cache) == SCACHE_PENDING && heard < LONG) {
        ssize_t more = scripted_hear(server, bytes, sizeof(bytes), &descriptors);
        assert_true(more >= 0);
        heard += (size_t)more;
        assert_int_equal(descriptors, 1);
        assert_false(is_at_end(server->saved_far_end));
    }
    assert_int_equal(scache_wait_events(server->cache), POLLIN);
    scripted_say(server, "status=0 .", 0);
    assert_int_equal(scripted_outcome(server), SCACHE_DONE);
    assert_true(is_at_end(server->saved_far_end));
    free(property);
}

static void open_refuses_what_makes_no_sense(void **state)
{
    char path[200];

    (void)state;
    memset(path, 'x', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    errno = 0;
    assert_null(scache_open(path));
    assert_int_equal(errno, ENAMETOOLONG);
    assert_null(scache_open(""));
    assert_int_equal(errno, EINVAL);
    assert_int_equal(scache_dispatch(NULL), -EINVAL);
    scache_cancel(NULL);
    scache_close(NULL);
}

#define SCRIPTED(test) cmocka_unit_test_setup_teardown(test, scripted_setup, scripted_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRIPTED(a_classic_server_is_probed_once),
        SCRIPTED(any_other_is_probed_on_each_connection),
        SCRIPTED(a_ping_asks_as_a_request_does),
        cmocka_unit_test(who_is_told_does_not_probe),
        cmocka_unit_test(a_greeting_that_was_not_waited_for_is_skipped),
        SCRIPTED(a_long_put_goes_out_as_there_is_room),
        cmocka_unit_test(open_refuses_what_makes_no_sense),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
