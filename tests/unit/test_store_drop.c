/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is dropped is never found again from that moment on, and removed in slices; so is what is
 * over a limit that was lowered. Who is told of ends and beginnings is told the truth.
 */
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/cache.h"

enum { MANY = 15000 };

/* Valid until the next but one. */
static const char *name_of(int number)
{
    static char names[2][16];
    static int turn;
    char *name = names[turn = !turn];

    snprintf(name, sizeof(names[0]), "E%d", number);
    return name;
}

static size_t reap_all(struct cache *c)
{
    size_t count = 0;

    while (cache_reap(c) >= 0)
        count++;
    return count;
}

/* --- all at once ---------------------------------------------------------------- */

static void what_was_saved_before_is_never_found_again(void **state)
{
    struct cache *c = *state;

    cache_bind(c->space, 0, 100, "D", "p", "E");
    cache_save(c->space, 0, 100, "E", 3);
    cache_save(c->other, 0, 100, "E", 4);
    sc_store_drop_all(c->store);
    cache_bind(c->space, 0, 100, "D2", "p", "E");
    cache_save(c->space, 0, 100, "E", 5);
    assert_int_equal(cache_take_by(c->space, 0, "D", NULL), -1);
    assert_int_equal(cache_take(c->other, 0, "E"), -1);
    assert_int_equal(cache_take_by(c->space, 0, "D2", "p"), 5);
    while (sc_store_settle(c->store, 0, 1))
        continue;
    assert_sizes(c->store, 0, 0, 1, 1);
    assert_int_equal(cache_reap(c), 4);
    assert_int_equal(cache_reap(c), 3);
}

static void other_users_keep_what_they_have(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 0, 100, "E", 3);
    cache_save(c->other, 0, 100, "E", 4);
    cache_bind(c->other, 0, 100, "D", "p", "E");
    sc_space_drop(c->space);
    assert_int_equal(cache_take(c->space, 0, "E"), -1);
    assert_int_equal(cache_take_by(c->other, 0, "D", "p"), 4);
}

/* Renewed, a binding that was dropped is a new one, at the back. */
static void binding_that_is_saved_again_is_new(void **state)
{
    struct cache *c = *state;

    cache_bind(c->space, 0, 100, "D", "one", "E");
    sc_store_drop_all(c->store);
    cache_bind(c->space, 0, 100, "D", "two", "E");
    cache_bind(c->space, 0, 100, "D", "one", "E");
    assert_false(sc_store_settle(c->store, 0, SIZE_MAX));
    assert_sizes(c->store, 0, 0, 2, 1);
    cache_save(c->space, 0, 100, "E", 3);
    assert_int_equal(cache_take_by(c->space, 0, "D", "two"), 3);
}

static void what_is_held_is_dropped_when_it_comes_back(void **state)
{
    struct cache *c = *state;

    for (int way = 0; way < 4; way++) {
        cache_bind(c->space, 0, 100, "D", "p", "E");
        cache_save(c->space, 0, 100, "E", 3);
        struct sc_connection *held = cache_hold(c->space, 0, "E");
        if (way == 0)
            sc_store_drop_all(c->store);
        else if (way == 1)
            sc_space_drop(c->space);
        else if (way == 2)
            assert_int_equal(sc_store_drop_endpoint(c->space, SC_BYTES("E")), 0);
        else
            assert_int_equal(sc_store_drop_destination(c->space, SC_BYTES("D")), 1);
        cache_save(c->space, 0, 100, "E", 4);
        sc_connection_put_back(held, 0);
        assert_int_equal(cache_reap(c), 3);
        assert_int_equal(cache_take(c->space, 0, "E"), 4);
    }
    /* Promised, it is delivered all the same. */
    cache_save(c->space, 0, 100, "E", 3);
    struct sc_connection *held = cache_hold(c->space, 0, "E");
    sc_store_drop_all(c->store);
    assert_int_equal(sc_connection_steal(held, 0), 3);
}

/* --- by label --------------------------------------------------------------------- */

static void endpoint_is_dropped_with_its_connections_alone(void **state)
{
    struct cache *c = *state;

    cache_bind(c->space, 0, 100, "D", "p", "E");
    for (int fd = 3; fd < 6; fd++)
        cache_save(c->space, 0, fd == 4 ? 10 : 100, "E", fd);
    cache_save(c->space, 0, 100, "F", 6);
    cache_save(c->other, 0, 100, "E", 7);
    struct sc_connection *other = cache_hold(c->space, 10, "F");
    assert_int_equal(sc_store_drop_endpoint(c->space, SC_BYTES("none")), 0);
    assert_int_equal(sc_store_drop_endpoint(c->space, SC_BYTES("E")), 2);
    assert_sizes(c->store, 1, 1, 1, 1);
    assert_int_equal(reap_all(c), 3);
    sc_connection_put_back(other, 10);
    assert_int_equal(cache_take(c->space, 10, "F"), 6);
    assert_int_equal(cache_take(c->other, 10, "E"), 7);
}

static void destination_is_dropped_with_all_that_it_leads_to(void **state)
{
    struct cache *c = *state;

    cache_bind(c->space, 0, 100, "D", "p", "E");
    cache_bind(c->space, 0, 100, "D", "q", "E");
    cache_bind(c->space, 0, 10, "D", "q", "G");
    cache_bind(c->space, 0, 100, "D", "q", "F");
    cache_bind(c->space, 0, 100, "D2", "p", "F");
    for (int fd = 3; fd < 6; fd++)
        cache_save(c->space, 0, 100, "E", fd);
    cache_save(c->space, 0, 100, "F", 6);
    cache_save(c->space, 0, 100, "G", 7);
    assert_null(sc_store_find_endpoint(c->other, 10, SC_BYTES("E")));
    cache_bind(c->space, 10, 5, "D", "q", "G");
    cache_save(c->space, 10, 100, "H", 8);
    sc_connection_put_back(cache_hold(c->space, 15, "H"), 15);
    assert_int_equal(sc_store_drop_destination(c->space, SC_BYTES("none")), 0);
    assert_int_equal(sc_store_drop_destination(c->space, SC_BYTES("D")), 3 + 4);
    assert_sizes(c->store, 2, 2, 1, 1);
    assert_int_equal(cache_take(c->space, 15, "G"), 7);
    assert_int_equal(cache_take(c->space, 15, "H"), 8);
    assert_int_equal(cache_take_by(c->space, 15, "D2", NULL), -1);
    assert_int_equal(reap_all(c), 4);
}

/* --- in slices ---------------------------------------------------------------------- */

static void settling_takes_no_more_than_it_is_allowed(void **state)
{
    struct cache *c = *state;
    size_t calls = 0;

    for (int i = 0; i < MANY; i++) {
        cache_save(i % 3 ? c->space : c->other, 0, 100, name_of(i / 10), i);
        cache_bind(c->space, 0, 100, name_of(i / 20), "p", name_of(i));
    }
    sc_store_drop_all(c->store);
    for (bool more = true; more; calls++) {
        size_t before = sc_store_sizes(c->store).connections + sc_store_sizes(c->store).bindings;
        more = sc_store_settle(c->store, 0, 50);
        size_t after = sc_store_sizes(c->store).connections + sc_store_sizes(c->store).bindings;
        assert_true(before - after <= 50);
    }
    assert_in_range(calls, 2 * MANY / 50, 2 * MANY / 50 * 4);
    assert_sizes(c->store, 0, 0, 0, 0);
    assert_int_equal(reap_all(c), MANY);
    assert_false(sc_store_settle(c->store, 0, 1));
}

/* Whoever drops again and again keeps nothing from being removed. */
static void new_requests_do_not_hold_the_old_ones_up(void **state)
{
    struct cache *c = *state;

    for (int i = 0; i < MANY; i++)
        cache_save(c->other, 0, 1000000, name_of(i), i);
    sc_store_drop_all(c->store);
    for (int turn = 0; turn < 2000; turn++) {
        cache_save(c->space, 0, 1000000, "E", 3);
        sc_space_drop(c->space);
        (void)sc_store_settle(c->store, 0, 50);
    }
    assert_int_equal(sc_space_sizes(c->other).connections, 0);
    while (sc_store_settle(c->store, 0, 50))
        continue;
    assert_sizes(c->store, 0, 0, 0, 0);
}

/* A look-up in a line full of what was dropped is short, and yet finds what is behind it. */
static void look_up_does_not_wade_through_what_was_dropped(void **state)
{
    struct cache *c = *state;

    for (int newest = 0; newest < 2; newest++) {
        cache_limit(
            c, (struct sc_store_limits){.reuse_order = newest ? SC_REUSE_NEWEST : SC_REUSE_OLDEST});
        for (int fd = 0; fd < MANY; fd++)
            cache_save(c->space, 0, 100, "E", fd);
        sc_store_drop_all(c->store);
        assert_int_equal(cache_take(c->space, 0, "E"), -1);
        assert_in_range(reap_all(c), 1, 100);
        cache_save(c->space, 0, 100, "E", MANY);
        cache_save(c->space, 0, 100, "E", MANY + 1);
        assert_int_equal(cache_take(c->space, 0, "E"), MANY + 1);
        struct sc_connection *held = cache_hold(c->space, 0, "E");
        assert_int_equal(sc_connection_descriptor(held), MANY);
        sc_connection_put_back(held, 0);
        assert_int_equal(cache_take(c->space, 0, "E"), MANY);
        while (sc_store_settle(c->store, 0, 100))
            continue;
        assert_sizes(c->store, 0, 0, 0, 0);
        (void)reap_all(c);
    }
}

static void lowered_limits_settle_in_slices_too(void **state)
{
    struct cache *c = *state;
    const struct sc_store_limits limits = {
        .session_limit = 700, .endpoint_session_limit = 10, .user_session_limit = 500};
    size_t calls = 0;

    for (int i = 0; i < 3000; i++) {
        cache_save(c->space, 0, 100, name_of(i % 2), i);
        cache_save(c->other, 0, 100, name_of(i), MANY + i);
    }
    sc_store_set_limits(c->store, &limits);
    assert_sizes(c->store, 6000, 3002, 0, 0);
    for (size_t before = 6000; sc_store_settle(c->store, 0, 40); calls++) {
        size_t now = sc_store_sizes(c->store).connections;
        assert_true(before - now <= 40);
        before = now;
    }
    assert_true(calls > 100);
    assert_int_equal(sc_space_sizes(c->space).connections, 20);
    assert_int_equal(sc_space_sizes(c->other).connections, 500);
    /* The first to have expired went: what is left was saved last. */
    assert_int_equal(cache_take(c->space, 0, name_of(0)), 2980);
    assert_int_equal(cache_take(c->other, 0, name_of(2500)), MANY + 2500);
    assert_int_equal(cache_take(c->other, 0, name_of(2499)), -1);
}

/* Meanwhile a newcomer takes two places, so that the number only falls. */
static void until_then_each_newcomer_takes_two_places(void **state)
{
    struct cache *c = *state;
    const struct sc_store_limits limits = {.session_limit = 10,
                                           .binding_limit = 10,
                                           .destination_binding_limit = 5,
                                           .memory_limit = 1000000};

    for (int i = 0; i < 30; i++) {
        cache_save(c->space, 0, 100, name_of(i), i);
        cache_bind(c->space, 0, 100, name_of(i / 10), "p", name_of(i));
    }
    sc_store_set_limits(c->store, &limits);
    cache_save(c->space, 0, 100, "F", 30);
    cache_bind(c->space, 0, 100, name_of(0), "p", "F");
    assert_sizes(c->store, 29, 29, 27, 3);
    cache_save(c->space, 0, 100, "F", 31);
    assert_sizes(c->store, 28, 27, 27, 3);
}

static void held_ones_come_back_within_lowered_limits(void **state)
{
    struct cache *c = *state;
    const struct sc_store_limits every[] = {{.session_limit = 2},
                                            {.user_session_limit = 2},
                                            {.endpoint_session_limit = 2},
                                            {.memory_limit = 4}};
    struct sc_connection *held[5];

    for (size_t i = 0; i < SC_COUNT_OF(every); i++) {
        cache_limit(c, (struct sc_store_limits){0});
        for (int n = 0; n < 5; n++)
            cache_save(c->space, 0, 100, "E", n);
        for (int n = 0; n < 5; n++)
            held[n] = cache_hold(c->space, 0, "E");
        cache_limit(c, every[i]);
        for (int n = 0; n < 5; n++)
            sc_connection_put_back(held[n], 0);
        assert_sizes(c->store, 2, 1, 0, 0);
        assert_int_equal(reap_all(c), 3);
        assert_int_equal(cache_take(c->space, 0, "E"), 4);
        assert_int_equal(cache_take(c->space, 0, "E"), 3);
    }
}

static void expiring_takes_no_more_than_it_is_allowed(void **state)
{
    struct cache *c = *state;

    for (int i = 0; i < 100; i++) {
        cache_save(c->space, 0, 10, name_of(i), i);
        cache_bind(c->space, 0, 20, name_of(i), "p", name_of(i));
    }
    assert_false(sc_store_expire(c->store, 9, 5));
    assert_true(sc_store_expire(c->store, 10, 5));
    assert_sizes(c->store, 95, 95, 100, 100);
    assert_true(sc_store_expire(c->store, 10, 0));
    assert_int_equal(cache_take(c->space, 10, name_of(99)), -1);
    assert_int_equal(cache_take_by(c->space, 20, name_of(50), NULL), -1);
    assert_true(sc_store_expire(c->store, 20, 100));
    assert_int_equal(sc_store_sizes(c->store).connections, 0);
    assert_true(sc_store_sizes(c->store).bindings > 0);
    assert_false(sc_store_expire(c->store, 20, 100));
    assert_sizes(c->store, 0, 0, 0, 0);
}

#define CACHE_TEST(function) cmocka_unit_test_setup_teardown(function, cache_setup, cache_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(what_was_saved_before_is_never_found_again),
        CACHE_TEST(other_users_keep_what_they_have),
        CACHE_TEST(binding_that_is_saved_again_is_new),
        CACHE_TEST(what_is_held_is_dropped_when_it_comes_back),
        CACHE_TEST(endpoint_is_dropped_with_its_connections_alone),
        CACHE_TEST(destination_is_dropped_with_all_that_it_leads_to),
        CACHE_TEST(settling_takes_no_more_than_it_is_allowed),
        CACHE_TEST(new_requests_do_not_hold_the_old_ones_up),
        CACHE_TEST(look_up_does_not_wade_through_what_was_dropped),
        CACHE_TEST(lowered_limits_settle_in_slices_too),
        CACHE_TEST(until_then_each_newcomer_takes_two_places),
        CACHE_TEST(held_ones_come_back_within_lowered_limits),
        CACHE_TEST(expiring_takes_no_more_than_it_is_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
