/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store at its limits: who makes room for whom, within which scope, and what is refused
 * instead. Shares of users, where a limit is common to several, are part of that.
 */
#include "support/check.h"

#include "support/cache.h"
#include "support/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * At a limit the entry with the least time left makes room, the oldest among
 * equals, within the scope of the limit that was hit, and never the one that
 * is just arriving.
 */

static void nearest_to_expiry_makes_room(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.session_limit = 3});
    cache_save(c->space, 0, 100, "E", 3);
    cache_save(c->space, 1, 50, "F", 4);
    cache_save(c->other, 2, 70, "G", 5);
    cache_save(c->space, 3, 100, "H", 6);
    assert_sizes(c->store, 3, 3, 0, 0);
    assert_int_equal(cache_reap(c), 4);
    cache_save(c->space, 4, 100, "E", 7);
    assert_int_equal(cache_reap(c), 3);
    assert_int_equal(cache_reap(c), -1);
    assert_int_equal(cache_take(c->other, 4, "G"), 5);
}

static void oldest_among_equals_makes_room(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.session_limit = 4});
    for (int fd = 0; fd < 4; fd++)
        cache_save(c->space, fd, 100 - fd, fd < 2 ? "E" : "F", fd);
    for (int fd = 4; fd < 12; fd++) {
        cache_save(c->space, 4, 96, "G", fd);
        assert_int_equal(cache_reap(c), fd - 4);
    }
    assert_int_equal(cache_reap(c), -1);
}

/* Its age counts from when it was saved, not from when it came back. */
static void put_back_does_not_make_a_connection_younger(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.session_limit = 2});
    cache_save(c->space, 0, 100, "E", 3);
    cache_save(c->space, 0, 100, "F", 4);
    sc_connection_put_back(cache_hold(c->space, 1, "E"), 2);
    cache_save(c->space, 3, 100, "G", 5);
    assert_int_equal(cache_reap(c), 3);
}

static void newcomer_never_makes_room_for_itself(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.session_limit = 1});
    cache_save(c->space, 0, 1000, "E", 3);
    cache_save(c->space, 0, 1, "F", 4);
    assert_int_equal(cache_reap(c), 3);
    cache_save(c->space, 0, 1000, "F", 5);
    assert_int_equal(cache_reap(c), 4);
    cache_limit(c, (struct sc_store_limits){.endpoint_session_limit = 1});
    cache_save(c->space, 0, 1, "F", 6);
    assert_int_equal(cache_reap(c), 5);
    cache_limit(c, (struct sc_store_limits){.user_session_limit = 1});
    cache_save(c->space, 0, 1000, "G", 7);
    cache_save(c->space, 0, 1, "F", 8);
    assert_int_equal(cache_reap(c), 6);
    assert_int_equal(cache_reap(c), 7);
    assert_int_equal(cache_take(c->space, 0, "F"), 8);
}

static void endpoint_limit_touches_that_endpoint_alone(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.endpoint_session_limit = 2});
    cache_save(c->space, 0, 5, "F", 3);
    cache_save(c->other, 0, 5, "E", 4);
    cache_save(c->space, 0, 100, "E", 5);
    cache_save(c->space, 0, 90, "E", 6);
    cache_save(c->space, 0, 200, "E", 7);
    assert_sizes(c->store, 4, 3, 0, 0);
    assert_int_equal(cache_reap(c), 6);
    assert_int_equal(cache_reap(c), -1);
    assert_int_equal(cache_take(c->space, 1, "E"), 5);
    assert_int_equal(cache_take(c->space, 1, "E"), 7);
}

static void space_limit_touches_that_space_alone(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.user_session_limit = 2});
    cache_save(c->other, 0, 5, "E", 3);
    cache_save(c->space, 0, 100, "E", 4);
    cache_save(c->space, 0, 90, "F", 5);
    cache_save(c->space, 0, 200, "E", 6);
    assert_int_equal(cache_reap(c), 5);
    cache_save(c->other, 0, 100, "F", 7);
    assert_int_equal(cache_reap(c), -1);
    cache_save(c->other, 0, 100, "F", 8);
    assert_int_equal(cache_reap(c), 3);
    assert_sizes(c->store, 4, 2, 0, 0);
}

/* Room made within the narrowest scope is room in the wider ones. */
static void narrow_limit_spares_the_others(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){
                       .session_limit = 4, .user_session_limit = 3, .endpoint_session_limit = 2});
    cache_save(c->other, 0, 1, "E", 3);
    cache_save(c->space, 0, 2, "F", 4);
    cache_save(c->space, 0, 100, "E", 5);
    cache_save(c->space, 0, 90, "E", 6);
    cache_save(c->space, 0, 100, "E", 7);
    assert_int_equal(cache_reap(c), 6);
    assert_int_equal(cache_reap(c), -1);
    cache_save(c->space, 0, 100, "G", 8);
    assert_int_equal(cache_reap(c), 4);
    assert_int_equal(cache_reap(c), -1);
    cache_save(c->other, 0, 100, "G", 9);
    assert_int_equal(cache_reap(c), 5);
    assert_int_equal(cache_reap(c), -1);
}

static void bindings_stay_when_connections_make_room(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.session_limit = 1});
    cache_bind(c->space, 0, 100, "D", "p", "E");
    cache_save(c->space, 0, 50, "E", 3);
    cache_save(c->space, 0, 50, "F", 4);
    assert_int_equal(cache_reap(c), 3);
    assert_sizes(c->store, 1, 1, 1, 1);
    cache_save(c->space, 0, 50, "E", 5);
    assert_int_equal(cache_reap(c), 4);
    assert_int_equal(cache_take_by(c->space, 1, "D", "p"), 5);
}

/* Being delivered, they are still here; and they cannot make room. */
static void held_connections_count_at_every_limit(void **state)
{
    struct cache *c = *state;
    const struct sc_store_limits every[] = {
        {.session_limit = 1}, {.user_session_limit = 1}, {.endpoint_session_limit = 1}};

    for (size_t i = 0; i < SC_COUNT_OF(every); i++) {
        cache_limit(c, every[i]);
        cache_save(c->space, 0, 50, "E", 3);
        struct sc_connection *held = cache_hold(c->space, 0, "E");
        assert_int_equal(cache_try_save(c->space, 0, 100, "E", 4, 0), -ENOBUFS);
        assert_sizes(c->store, 0, 0, 0, 0);
        assert_int_equal(cache_reap(c), -1);
        sc_connection_put_back(held, 0);
        assert_int_equal(cache_try_save(c->space, 0, 100, "E", 4, 0), 0);
        assert_int_equal(cache_reap(c), 3);
        held = cache_hold(c->space, 0, "E");
        sc_connection_discard(held, SC_END_DEAD);
        assert_int_equal(cache_reap(c), 4);
        assert_int_equal(cache_try_save(c->space, 0, 100, "E", 5, 0), 0);
        assert_int_equal(cache_reap(c), -1);
        assert_int_equal(cache_take(c->space, 0, "E"), 5);
    }
}

static bool evict(struct cache *c)
{
    return sc_store_evict(c->store, NULL, SC_END_DESCRIPTORS);
}

static void eviction_takes_the_nearest_to_expiry_of_who_has_most(void **state)
{
    struct cache *c = *state;

    assert_false(evict(c));
    cache_bind(c->space, 0, 1, "D", "p", "E");
    cache_save(c->space, 0, 100, "E", 3);
    cache_save(c->other, 0, 20, "E", 4);
    cache_save(c->space, 0, 50, "F", 5);
    assert_true(evict(c));
    assert_true(evict(c));
    assert_true(evict(c));
    assert_false(evict(c));
    assert_int_equal(cache_reap(c), 5);
    assert_int_equal(cache_reap(c), 3);
    assert_int_equal(cache_reap(c), 4);
    assert_sizes(c->store, 0, 0, 1, 1);
}

static void lower_limits_hold_at_once(void **state)
{
    struct cache *c = *state;

    for (int fd = 0; fd < 40; fd++)
        cache_save(c->space, 0, 100 + fd, fd % 2 ? "E" : "F", fd);
    for (int i = 0; i < 5; i++)
        cache_bind(c->space, 0, 100 + i, "D", i % 2 ? "p" : "q", i < 2 ? "E" : i < 4 ? "F" : "G");
    cache_limit(c, (struct sc_store_limits){.session_limit = 10, .binding_limit = 2});
    assert_sizes(c->store, 10, 2, 2, 1);
    for (int fd = 0; fd < 30; fd++)
        assert_int_equal(cache_reap(c), fd);
    assert_int_equal(cache_reap(c), -1);
    cache_limit(c, (struct sc_store_limits){.user_session_limit = 8, .binding_limit = 2});
    assert_sizes(c->store, 8, 2, 2, 1);
    cache_limit(
        c, (struct sc_store_limits){.endpoint_session_limit = 2, .destination_binding_limit = 1});
    assert_sizes(c->store, 4, 2, 1, 1);
    cache_limit(c, (struct sc_store_limits){.memory_limit = 8});
    assert_int_equal(sc_store_sizes(c->store).text, 6);
    assert_sizes(c->store, 2, 2, 0, 0);
    assert_int_equal(cache_take(c->space, 1, "F"), 38);
    assert_int_equal(cache_take(c->space, 1, "E"), 39);
}

/* --- the order of reuse ------------------------------------------------ */

static void newest_connection_first_if_so_wanted(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.reuse_order = SC_REUSE_NEWEST});
    cache_bind(c->space, 0, 100, "D", "p", "E");
    for (int fd = 3; fd < 7; fd++)
        cache_save(c->space, fd, 100, "E", fd);
    assert_int_equal(cache_take(c->space, 10, "E"), 6);
    assert_int_equal(cache_take_by(c->space, 10, "D", "p"), 5);
    assert_int_equal(cache_take(c->space, 10, "E"), 4);
    assert_int_equal(cache_take(c->space, 10, "E"), 3);
}

/* Put back, it is again the one that would be found first. */
static void put_back_is_found_first_in_either_order(void **state)
{
    struct cache *c = *state;

    for (int newest = 0; newest < 2; newest++) {
        cache_limit(
            c, (struct sc_store_limits){.reuse_order = newest ? SC_REUSE_NEWEST : SC_REUSE_OLDEST});
        for (int fd = 3; fd < 7; fd++)
            cache_save(c->space, fd, 100, "E", fd);
        struct sc_connection *held = cache_hold(c->space, 10, "E");
        int fd = sc_connection_descriptor(held);
        assert_int_equal(fd, newest ? 6 : 3);
        sc_connection_put_back(held, 11);
        for (int i = 0; i < 4; i++)
            assert_int_equal(cache_take(c->space, 12, "E"), newest ? 6 - i : 3 + i);
    }
}

/* --- bindings ---------------------------------------------------------- */

static void destination_limit_touches_that_destination_alone(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.destination_binding_limit = 2});
    cache_bind(c->space, 0, 5, "other", "p", "E1");
    cache_bind(c->other, 0, 5, "D", "p", "E1");
    cache_bind(c->space, 0, 100, "D", "p", "E1");
    cache_bind(c->space, 0, 90, "D", "p", "E2");
    cache_bind(c->space, 0, 10, "D", "p", "E3");
    assert_sizes(c->store, 0, 0, 4, 3);
    cache_save(c->space, 1, 100, "E2", 4);
    cache_save(c->space, 1, 100, "E3", 5);
    cache_save(c->space, 1, 100, "E1", 3);
    assert_int_equal(cache_take_by(c->space, 2, "D", "p"), 3);
    assert_int_equal(cache_take_by(c->space, 2, "D", "p"), 5);
    assert_int_equal(cache_take_by(c->space, 2, "D", "p"), -1);
}

static void oldest_binding_among_equals_makes_room(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.destination_binding_limit = 3});
    cache_save(c->space, 0, 100, "E1", 1);
    cache_bind(c->space, 0, 100, "D", "p", "E1");
    cache_bind(c->space, 0, 100, "D", "p", "E2");
    cache_bind(c->space, 0, 100, "D", "p", "E3");
    cache_bind(c->space, 0, 100, "D", "p", "E4");
    assert_int_equal(cache_take_by(c->space, 0, "D", NULL), -1);
    cache_save(c->space, 0, 100, "E2", 2);
    assert_int_equal(cache_take_by(c->space, 0, "D", NULL), 2);
}

static void binding_limit_counts_all(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.binding_limit = 2});
    cache_bind(c->space, 0, 100, "D1", "p", "E");
    cache_bind(c->other, 0, 50, "D2", "p", "E");
    cache_bind(c->space, 0, 10, "D3", "p", "E");
    assert_sizes(c->store, 0, 0, 2, 2);
    cache_bind(c->space, 0, 100, "D4", "p", "E");
    assert_sizes(c->store, 0, 0, 2, 2);
    cache_save(c->space, 0, 100, "E", 3);
    cache_save(c->other, 0, 100, "E", 4);
    assert_int_equal(cache_take_by(c->other, 0, "D2", "p"), 4);
    assert_int_equal(cache_take_by(c->space, 0, "D1", NULL), -1);
    assert_int_equal(cache_take_by(c->space, 0, "D3", NULL), -1);
    assert_int_equal(cache_take_by(c->space, 0, "D4", "p"), 3);
}

static void refreshed_binding_needs_no_room(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.binding_limit = 2, .destination_binding_limit = 2});
    cache_bind(c->space, 0, 100, "D", "p", "E1");
    cache_bind(c->space, 0, 50, "D", "p", "E2");
    cache_bind(c->space, 1, 100, "D", "p", "E1");
    cache_bind(c->space, 1, 100, "D", "p", "E2");
    assert_sizes(c->store, 0, 0, 2, 1);
    assert_int_equal(sc_store_next_expiry(c->store), 101);
}

/* A destination whose only binding makes room for its next one lives on. */
static void only_binding_makes_room_for_the_next(void **state)
{
    const struct sc_store_limits every[] = {{.binding_limit = 1}, {.destination_binding_limit = 1}};
    struct cache *c = *state;

    for (size_t i = 0; i < SC_COUNT_OF(every); i++) {
        sc_store_set_limits(c->store, &every[i]);
        cache_bind(c->space, 0, 100, "D", "p", "E");
        cache_bind(c->space, 0, 100, "D", "q", "E");
        cache_bind(c->space, 0, 100, "D", "r", "F");
        assert_sizes(c->store, 0, 0, 1, 1);
        cache_save(c->space, 0, 100, "F", 3);
        assert_int_equal(cache_take_by(c->space, 0, "D", "r"), 3);
        cache_clear(c);
    }
}

static void connections_stay_when_bindings_make_room(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.binding_limit = 1});
    cache_save(c->space, 0, 100, "E", 3);
    cache_bind(c->space, 0, 100, "D1", "p", "E");
    cache_bind(c->space, 0, 100, "D2", "p", "F");
    assert_sizes(c->store, 1, 1, 1, 1);
    assert_int_equal(cache_reap(c), -1);
    assert_int_equal(cache_take(c->space, 1, "E"), 3);
}

#define CACHE_TEST(function) cmocka_unit_test_setup_teardown(function, cache_setup, cache_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(nearest_to_expiry_makes_room),
        CACHE_TEST(oldest_among_equals_makes_room),
        CACHE_TEST(put_back_does_not_make_a_connection_younger),
        CACHE_TEST(newcomer_never_makes_room_for_itself),
        CACHE_TEST(endpoint_limit_touches_that_endpoint_alone),
        CACHE_TEST(space_limit_touches_that_space_alone),
        CACHE_TEST(narrow_limit_spares_the_others),
        CACHE_TEST(bindings_stay_when_connections_make_room),
        CACHE_TEST(held_connections_count_at_every_limit),
        CACHE_TEST(eviction_takes_the_nearest_to_expiry_of_who_has_most),
        CACHE_TEST(lower_limits_hold_at_once),
        CACHE_TEST(newest_connection_first_if_so_wanted),
        CACHE_TEST(put_back_is_found_first_in_either_order),
        CACHE_TEST(destination_limit_touches_that_destination_alone),
        CACHE_TEST(oldest_binding_among_equals_makes_room),
        CACHE_TEST(binding_limit_counts_all),
        CACHE_TEST(refreshed_binding_needs_no_room),
        CACHE_TEST(only_binding_makes_room_for_the_next),
        CACHE_TEST(connections_stay_when_bindings_make_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
