/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections that were found and are not delivered yet: in no count, not expiring, and going back
 * to the place they came from.
 */
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/cache.h"
#include "support/snapshot.h"

/*
 * A connection that was found is held until somebody has got it, and goes
 * back if nobody has. One that may not be used any more is never found.
 */

static void held_connection_is_in_no_count_and_cannot_expire(void **state)
{
    struct cache *c = *state;
    struct snapshot *snapshot = malloc(sizeof(*snapshot));

    assert_non_null(snapshot);
    cache_save(c->space, 0, 10, "E", 3);
    struct sc_connection *held = cache_hold(c->space, 5, "E");
    assert_sizes(c->store, 0, 0, 0, 0);
    assert_int_equal(sc_store_sizes(c->store).held, 1);
    assert_int_equal(sc_store_next_expiry(c->store), INT64_MAX);
    assert_int_equal(cache_take(c->space, 5, "E"), -1);
    assert_false(sc_store_evict(c->store, NULL, SC_END_DESCRIPTORS));
    cache_clear(c);
    cache_expire(c, 1000);
    assert_int_equal(cache_reap(c), -1);
    snapshot_take(snapshot, c->store, 1000);
    assert_int_equal(snapshot->count, 0);
    assert_false(sc_space_is_empty(c->space));
    assert_true(sc_bytes_equal(sc_connection_endpoint(held), SC_BYTES("E")));
    assert_true(sc_bytes_equal(sc_connection_property(held), SC_BYTES("3")));
    assert_int_equal(sc_connection_steal(held, 0), 3);
    assert_int_equal(sc_store_sizes(c->store).held, 0);
    assert_true(sc_space_is_empty(c->space));
    free(snapshot);
}

static void put_back_goes_to_the_front_with_the_time_left(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 0, 100, "E", 3);
    cache_save(c->space, 0, 50, "E", 4);
    struct sc_connection *held = cache_hold(c->space, 20, "E");
    cache_save(c->space, 30, 500, "E", 5);
    sc_connection_put_back(held, 40);
    assert_sizes(c->store, 3, 1, 0, 0);
    assert_int_equal(sc_store_sizes(c->store).held, 0);
    assert_int_equal(sc_store_next_expiry(c->store), 50);
    held = cache_hold(c->space, 60, "E");
    assert_int_equal(sc_connection_descriptor(held), 3);
    sc_connection_put_back(held, 99);
    assert_int_equal(sc_store_next_expiry(c->store), 100);
    assert_int_equal(cache_take(c->space, 100, "E"), 5);
    assert_int_equal(cache_reap(c), 4);
    assert_int_equal(cache_reap(c), 3);
}

static void put_back_with_no_time_left_is_reaped(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 0, 100, "E", 3);
    struct sc_connection *held = cache_hold(c->space, 20, "E");
    sc_connection_put_back(held, 100);
    assert_sizes(c->store, 0, 0, 0, 0);
    assert_int_equal(sc_store_sizes(c->store).held, 0);
    assert_int_equal(cache_reap(c), 3);
    assert_true(sc_space_is_empty(c->space));
}

/* Its endpoint waits for it when all else that kept it has gone. */
static void put_back_finds_its_endpoint_again(void **state)
{
    struct cache *c = *state;

    cache_bind(c->space, 0, 10, "D", "p", "E");
    cache_save(c->space, 0, 100, "E", 3);
    cache_save(c->space, 0, 10, "E", 4);
    struct sc_connection *held = cache_hold(c->space, 1, "E");
    cache_expire(c, 10);
    assert_sizes(c->store, 0, 0, 0, 0);
    sc_connection_put_back(held, 11);
    assert_sizes(c->store, 1, 1, 0, 0);
    assert_int_equal(cache_reap(c), 4);
    assert_int_equal(cache_take(c->space, 12, "E"), 3);
}

static void many_held_at_once_all_come_back(void **state)
{
    enum { MANY = 200 };
    struct cache *c = *state;
    struct sc_connection *held[MANY];

    for (int i = 0; i < MANY; i++)
        cache_save(c->space, 0, 1000, "E", i);
    for (int i = 0; i < MANY; i++)
        held[i] = cache_hold(c->space, 1, "E");
    for (int i = 0; i < MANY; i++)
        cache_save(c->space, 2, 1000, "E", MANY + i);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(cache_take(c->space, 3, "E"), MANY + i);
    for (int i = MANY; i-- > 0;)
        sc_connection_put_back(held[i], 4);
    assert_sizes(c->store, MANY, 1, 0, 0);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(cache_take(c->space, 5, "E"), i);
}

/* Their endpoints keep their places though nothing of them is cached meanwhile. */
static void held_from_many_endpoints_all_come_back(void **state)
{
    enum { MANY = 200 };
    struct cache *c = *state;
    struct sc_connection *held[MANY];
    char name[16];

    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "E%d", i);
        cache_save(c->space, 0, 1000 - i, name, i);
        held[i] = cache_hold(c->space, 0, name);
    }
    for (int i = 0; i < MANY; i++) {
        cache_save(c->space, 1, 1000, "F", MANY + i);
        assert_int_equal(cache_take(c->space, 1, "F"), MANY + i);
    }
    for (int i = 0; i < MANY; i++)
        sc_connection_put_back(held[i], 2);
    assert_sizes(c->store, MANY, MANY, 0, 0);
    for (int i = MANY; i-- > 0;) {
        assert_int_equal(sc_store_next_expiry(c->store), 1000 - i);
        assert_true(sc_store_evict(c->store, NULL, SC_END_DESCRIPTORS));
        assert_int_equal(cache_reap(c), i);
    }
}

static void discarded_connection_is_reaped_once(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 0, 100, "E", 3);
    sc_connection_discard(cache_hold(c->space, 1, "E"), SC_END_DEAD);
    assert_int_equal(sc_store_sizes(c->store).held, 0);
    assert_int_equal(cache_reap(c), 3);
    assert_int_equal(cache_reap(c), -1);
    assert_true(sc_space_is_empty(c->space));
}

/* --- what turns out to be dead ------------------------------------------ */

static void next_one_is_found_when_one_was_discarded(void **state)
{
    struct cache *c = *state;

    for (int fd = 3; fd < 7; fd++)
        cache_save(c->space, 0, 100, "E", fd);
    sc_connection_discard(cache_hold(c->space, 1, "E"), SC_END_DEAD);
    sc_connection_discard(cache_hold(c->space, 1, "E"), SC_END_DEAD);
    assert_int_equal(cache_take(c->space, 1, "E"), 5);
    assert_sizes(c->store, 1, 1, 0, 0);
    assert_int_equal(cache_reap(c), 3);
    assert_int_equal(cache_reap(c), 4);
    assert_int_equal(cache_reap(c), -1);
    sc_connection_discard(cache_hold(c->space, 1, "E"), SC_END_DEAD);
    assert_int_equal(cache_take(c->space, 1, "E"), -1);
    assert_int_equal(cache_reap(c), 6);
    assert_true(sc_space_is_empty(c->space));
}

static void next_binding_is_tried_when_all_of_one_were_discarded(void **state)
{
    struct cache *c = *state;
    struct sc_bytes property;

    cache_bind(c->space, 0, 100, "D", "one", "E1");
    cache_bind(c->space, 0, 100, "D", "two", "E2");
    cache_save(c->space, 0, 100, "E1", 3);
    cache_save(c->space, 0, 100, "E1", 4);
    cache_save(c->space, 0, 100, "E2", 5);
    for (int fd = 3; fd < 6; fd++) {
        struct sc_connection *held =
            sc_store_find_destination(c->space, 1, SC_BYTES("D"), &property);
        assert_non_null(held);
        assert_int_equal(sc_connection_descriptor(held), fd);
        assert_true(sc_bytes_equal(property, sc_bytes_of(fd < 5 ? "one" : "two")));
        sc_connection_discard(held, SC_END_DEAD);
        assert_int_equal(cache_reap(c), fd);
    }
    assert_null(sc_store_find_destination(c->space, 1, SC_BYTES("D"), &property));
    assert_sizes(c->store, 0, 0, 2, 1);
}

/* A put: the connection is saved right after the binding, under the same label or another. */
static void connection_saved_after_a_binding_goes_to_its_own_endpoint(void **state)
{
    struct cache *c = *state;

    cache_bind(c->space, 0, 100, "D", "p", "E");
    cache_save(c->space, 0, 100, "E", 3);
    cache_bind(c->space, 0, 100, "D", "p", "E");
    cache_save(c->other, 0, 100, "E", 4);
    cache_save(c->space, 0, 100, "F", 5);
    assert_int_equal(cache_take(c->other, 1, "E"), 4);
    assert_int_equal(cache_take(c->space, 1, "F"), 5);
    assert_int_equal(cache_take_by(c->space, 1, "D", "p"), 3);
    assert_int_equal(cache_take(c->space, 1, "E"), -1);

    /* The binding, and with it its endpoint, expires before the connection comes. */
    cache_bind(c->space, 1, 10, "G", "p", "H");
    cache_save(c->space, 11, 100, "H", 6);
    assert_sizes(c->store, 1, 1, 1, 1);
    assert_int_equal(cache_take_by(c->space, 11, "G", NULL), -1);
    assert_int_equal(cache_take(c->space, 11, "H"), 6);
}

#define CACHE_TEST(function) cmocka_unit_test_setup_teardown(function, cache_setup, cache_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(held_connection_is_in_no_count_and_cannot_expire),
        CACHE_TEST(put_back_goes_to_the_front_with_the_time_left),
        CACHE_TEST(put_back_with_no_time_left_is_reaped),
        CACHE_TEST(put_back_finds_its_endpoint_again),
        CACHE_TEST(many_held_at_once_all_come_back),
        CACHE_TEST(held_from_many_endpoints_all_come_back),
        CACHE_TEST(discarded_connection_is_reaped_once),
        CACHE_TEST(next_one_is_found_when_one_was_discarded),
        CACHE_TEST(next_binding_is_tried_when_all_of_one_were_discarded),
        CACHE_TEST(connection_saved_after_a_binding_goes_to_its_own_endpoint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
