/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store's rules one by one: order, bindings, expiry, separate spaces. Held connections, limits
 * and random play have files of their own.
 */
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/cache.h"
#include "support/snapshot.h"

/* --- connections ------------------------------------------------------- */

static void oldest_connection_comes_first(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 0, 100, "E", 3);
    cache_save(c->space, 1, 50, "E", 4);
    cache_save(c->space, 2, 200, "E", 5);
    assert_sizes(c->store, 3, 1, 0, 0);
    assert_int_equal(cache_take(c->space, 3, "E"), 3);
    assert_int_equal(cache_take(c->space, 3, "E"), 4);
    assert_int_equal(cache_take(c->space, 3, "E"), 5);
    assert_int_equal(cache_take(c->space, 3, "E"), -1);
    assert_sizes(c->store, 0, 0, 0, 0);
}

static void found_connection_is_the_callers(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 0, 100, "E", 3);
    assert_int_equal(cache_take(c->space, 1, "E"), 3);
    cache_expire(c, 1000);
    cache_clear(c);
    assert_int_equal(cache_reap(c), -1);
    assert_true(sc_space_is_empty(c->space));
}

static void descriptor_comes_back_as_it_was(void **state)
{
    struct cache *c = *state;

    assert_int_equal(
        sc_store_save_connection(
            c->space, 0,
            &(struct sc_saving){.ttl = 10, .endpoint = SC_BYTES("E"), .fd = INT32_MAX}),
        0);
    struct sc_connection *held = cache_hold(c->space, 5, "E");
    assert_int_equal(sc_connection_descriptor(held), INT32_MAX);
    assert_int_equal(sc_connection_property(held).length, 0);
    assert_int_equal(sc_connection_steal(held, 0), INT32_MAX);
}

static void labels_are_never_confused(void **state)
{
    static const char *const labels[] = {"",
                                         "a",
                                         "aa",
                                         "aaa",
                                         "A",
                                         "a ",
                                         " a",
                                         "a\n",
                                         "a\n\n",
                                         "\n",
                                         "b",
                                         "a\xff",
                                         "a\xc3\xbf",
                                         "0",
                                         "00",
                                         "smtp\n127.0.0.1\n25\n0\n",
                                         "smtp\n127.0.0.1\n25\n0\n\n"};
    struct cache *c = *state;

    for (size_t i = 0; i < SC_COUNT_OF(labels); i++)
        cache_save(c->space, 0, 100, labels[i], (int)i);
    assert_sizes(c->store, SC_COUNT_OF(labels), SC_COUNT_OF(labels), 0, 0);
    assert_int_equal(cache_take(c->space, 1, "aaaa"), -1);
    for (size_t i = SC_COUNT_OF(labels); i-- > 0;) {
        assert_int_equal(cache_take(c->space, 1, labels[i]), i);
        assert_int_equal(cache_take(c->space, 1, labels[i]), -1);
    }
}

/* A view of nothing may be a null pointer, wherever bytes are wanted. */
static void empty_views_are_taken(void **state)
{
    struct cache *c = *state;
    struct sc_bytes none = {NULL, 0};
    struct sc_bytes property = SC_BYTES("left alone");

    assert_int_equal(
        sc_store_save_connection(
            c->space, 0,
            &(struct sc_saving){.ttl = 9, .endpoint = none, .property = none, .fd = 3}),
        0);
    assert_int_equal(sc_store_save_binding(c->space, 0, 9, none, none, none), 0);
    struct sc_connection *held = sc_store_find_destination(c->space, 1, none, &property);
    assert_non_null(held);
    assert_int_equal(property.length, 0);
    assert_int_equal(sc_connection_endpoint(held).length, 0);
    assert_int_equal(sc_connection_steal(held, 0), 3);
}

/* Every byte value, and longer than any message may be by default. */
static void texts_come_back_byte_for_byte(void **state)
{
    enum { LENGTH = 300000 };
    struct cache *c = *state;
    char *text = malloc(3 * LENGTH);
    struct sc_bytes found;

    assert_non_null(text);
    for (size_t i = 0; i < 3 * LENGTH; i++)
        text[i] = (char)(1 + i * i % 255);
    struct sc_bytes label = {text, LENGTH};
    struct sc_bytes other_label = {text, LENGTH - 1};
    struct sc_bytes property = {text + LENGTH, LENGTH};
    struct sc_bytes bound = {text + 2 * LENGTH, LENGTH};
    assert_int_equal(
        sc_store_save_connection(
            c->space, 0,
            &(struct sc_saving){.ttl = 9, .endpoint = label, .property = property, .fd = 3}),
        0);
    assert_int_equal(sc_store_save_binding(c->space, 0, 9, property, bound, label), 0);
    assert_null(sc_store_find_endpoint(c->space, 0, other_label));
    struct sc_connection *held = sc_store_find_destination(c->space, 0, property, &found);
    assert_non_null(held);
    assert_true(sc_bytes_equal(found, bound));
    assert_true(sc_bytes_equal(sc_connection_endpoint(held), label));
    assert_true(sc_bytes_equal(sc_connection_property(held), property));
    assert_int_equal(sc_connection_steal(held, 0), 3);
    free(text);
}

/* --- bindings ---------------------------------------------------------- */

static void destinations_and_endpoints_have_names_of_their_own(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 0, 100, "same", 3);
    assert_int_equal(cache_take_by(c->space, 1, "same", NULL), -1);
    cache_bind(c->space, 1, 100, "same", "p", "elsewhere");
    assert_int_equal(cache_take_by(c->space, 1, "same", NULL), -1);
    assert_int_equal(cache_take(c->space, 1, "same"), 3);
}

static void bindings_are_tried_from_the_front(void **state)
{
    struct cache *c = *state;

    cache_bind(c->space, 0, 100, "D", "first", "E1");
    cache_bind(c->space, 0, 100, "D", "second", "E2");
    cache_bind(c->space, 0, 100, "D", "third", "E3");
    assert_int_equal(cache_take_by(c->space, 1, "D", NULL), -1);
    cache_save(c->space, 1, 100, "E3", 3);
    cache_save(c->space, 2, 100, "E2", 4);
    cache_save(c->space, 3, 100, "E1", 5);
    cache_save(c->space, 4, 100, "E2", 6);
    assert_int_equal(cache_take_by(c->space, 5, "D", "first"), 5);
    assert_int_equal(cache_take_by(c->space, 5, "D", "second"), 4);
    assert_int_equal(cache_take_by(c->space, 5, "D", "second"), 6);
    assert_int_equal(cache_take_by(c->space, 5, "D", "third"), 3);
    assert_int_equal(cache_take_by(c->space, 5, "D", NULL), -1);
    assert_sizes(c->store, 0, 0, 3, 1);
}

static void endpoint_serves_many_destinations(void **state)
{
    struct cache *c = *state;
    char name[16];

    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof(name), "D%d", i);
        cache_bind(c->space, 0, 100, name, name, "E");
    }
    assert_sizes(c->store, 0, 0, 50, 50);
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof(name), "D%d", i);
        cache_save(c->space, 1, 100, "E", i);
        assert_int_equal(cache_take_by(c->space, 1, name, name), i);
    }
}

/* It keeps its place for connections to come while others come and go. */
static void bound_endpoint_waits_for_connections(void **state)
{
    struct cache *c = *state;
    char name[16];

    for (int i = 0; i < 400; i++) {
        snprintf(name, sizeof(name), "E%d", i % 200);
        if (i < 200)
            cache_bind(c->space, 0, 100, "D", name, name);
        else
            cache_save(c->space, 0, 100, name, i);
        cache_save(c->space, 0, 100, "F", 1000);
        assert_int_equal(cache_take(c->space, 0, "F"), 1000);
    }
    assert_sizes(c->store, 200, 200, 200, 1);
}

static void same_binding_keeps_its_place(void **state)
{
    struct cache *c = *state;

    cache_bind(c->space, 0, 100, "D", "p", "E1");
    cache_bind(c->space, 0, 100, "D", "p", "E2");
    cache_bind(c->space, 50, 100, "D", "p", "E1");
    assert_sizes(c->store, 0, 0, 2, 1);
    cache_save(c->space, 50, 100, "E2", 4);
    cache_save(c->space, 50, 100, "E1", 3);
    assert_int_equal(cache_take_by(c->space, 60, "D", "p"), 3);
    assert_int_equal(sc_store_next_expiry(c->store), 100);
    cache_expire(c, 100);
    assert_sizes(c->store, 1, 1, 1, 1);
    assert_int_equal(sc_store_next_expiry(c->store), 150);
}

static void same_binding_may_be_made_shorter(void **state)
{
    struct cache *c = *state;

    cache_bind(c->space, 0, 1000, "D", "p", "E");
    cache_bind(c->space, 0, 500, "D2", "p", "E");
    cache_bind(c->space, 10, 20, "D", "p", "E");
    assert_int_equal(sc_store_next_expiry(c->store), 30);
    cache_expire(c, 30);
    assert_sizes(c->store, 0, 0, 1, 1);
}

static void another_property_is_another_binding(void **state)
{
    struct cache *c = *state;

    cache_bind(c->space, 0, 100, "D", "p", "E");
    cache_bind(c->space, 0, 100, "D", "q", "E");
    cache_bind(c->space, 0, 100, "D", "", "E");
    cache_bind(c->space, 0, 100, "D", "pp", "E");
    cache_bind(c->space, 0, 100, "D", "q", "E");
    assert_sizes(c->store, 0, 0, 4, 1);
    cache_save(c->space, 0, 100, "E", 3);
    assert_int_equal(cache_take_by(c->space, 1, "D", "p"), 3);
}

/* --- expiry ------------------------------------------------------------ */

static void connection_lives_to_the_millisecond(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 1000, 50, "E", 3);
    cache_save(c->space, 1000, 51, "E", 4);
    assert_int_equal(sc_store_next_expiry(c->store), 1050);
    cache_expire(c, 1049);
    assert_sizes(c->store, 2, 1, 0, 0);
    assert_int_equal(cache_take(c->space, 1050, "E"), 4);
    assert_int_equal(cache_reap(c), 3);
    assert_int_equal(cache_reap(c), -1);
}

static void expired_descriptor_goes_without_a_look_up(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 0, 30, "E", 3);
    cache_save(c->space, 0, 10, "F", 4);
    cache_save(c->other, 0, 20, "E", 5);
    cache_save(c->other, 0, 40, "G", 6);
    cache_expire(c, 30);
    assert_sizes(c->store, 1, 1, 0, 0);
    assert_int_equal(cache_reap(c), 4);
    assert_int_equal(cache_reap(c), 5);
    assert_int_equal(cache_reap(c), 3);
    assert_int_equal(cache_reap(c), -1);
    assert_true(sc_space_is_empty(c->space));
    assert_int_equal(sc_store_next_expiry(c->store), 40);
}

/* Each of the calls that are told the time removes what has expired. */
static void every_call_removes_what_has_expired(void **state)
{
    struct cache *c = *state;
    struct sc_bytes property;

    cache_save(c->space, 0, 10, "E", 3);
    cache_save(c->space, 10, 10, "F", 4);
    assert_int_equal(cache_reap(c), 3);
    cache_bind(c->space, 20, 10, "D", "p", "E");
    assert_int_equal(cache_reap(c), 4);
    cache_save(c->space, 21, 4, "E", 5);
    assert_null(sc_store_find_endpoint(c->other, 25, SC_BYTES("none")));
    assert_int_equal(cache_reap(c), 5);
    assert_sizes(c->store, 0, 0, 1, 1);
    assert_null(sc_store_find_destination(c->other, 30, SC_BYTES("none"), &property));
    assert_sizes(c->store, 0, 0, 0, 0);
}

static void bindings_and_connections_die_independently(void **state)
{
    struct cache *c = *state;

    cache_bind(c->space, 0, 100, "D", "p", "E");
    cache_save(c->space, 0, 50, "E", 3);
    cache_expire(c, 60);
    assert_sizes(c->store, 0, 0, 1, 1);
    cache_save(c->space, 60, 100, "E", 4);
    cache_expire(c, 100);
    assert_sizes(c->store, 1, 1, 0, 0);
    assert_int_equal(cache_take_by(c->space, 101, "D", NULL), -1);
    assert_int_equal(cache_take(c->space, 101, "E"), 4);
}

static void endless_time_to_live_does_not_wrap(void **state)
{
    struct cache *c = *state;

    assert_int_equal(sc_store_next_expiry(c->store), INT64_MAX);
    cache_save(c->space, 1000, INT64_MAX, "E", 3);
    cache_bind(c->space, 1000, INT64_MAX - 999, "D", "p", "E");
    cache_expire(c, INT64_MAX - 1);
    assert_sizes(c->store, 1, 1, 1, 1);
    assert_int_equal(cache_take_by(c->space, INT64_MAX - 1, "D", "p"), 3);
}

/* --- spaces ---------------------------------------------------------------- */

static void spaces_share_nothing(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 0, 100, "E", 3);
    cache_bind(c->space, 0, 100, "D", "p", "E");
    assert_int_equal(cache_take(c->other, 1, "E"), -1);
    assert_int_equal(cache_take_by(c->other, 1, "D", NULL), -1);
    cache_bind(c->other, 1, 100, "D", "q", "E");
    assert_int_equal(cache_take_by(c->other, 1, "D", NULL), -1);
    cache_save(c->other, 1, 100, "E", 4);
    assert_sizes(c->store, 2, 2, 2, 2);
    assert_int_equal(cache_take_by(c->other, 2, "D", "q"), 4);
    assert_int_equal(cache_take_by(c->space, 2, "D", "p"), 3);
}

static void space_is_empty_when_nothing_is_in_it(void **state)
{
    struct cache *c = *state;

    assert_true(sc_space_is_empty(c->space));
    cache_save(c->space, 0, 100, "E", 3);
    assert_false(sc_space_is_empty(c->space));
    assert_true(sc_space_is_empty(c->other));
    assert_int_equal(cache_take(c->space, 1, "E"), 3);
    assert_true(sc_space_is_empty(c->space));
    cache_bind(c->space, 1, 100, "D", "p", "E");
    assert_false(sc_space_is_empty(c->space));
    cache_expire(c, 101);
    assert_true(sc_space_is_empty(c->space));
}

static void clearing_leaves_nothing(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 0, 200, "E", 3);
    cache_save(c->other, 0, 100, "E", 4);
    cache_bind(c->space, 0, 100, "D", "p", "E");
    cache_bind(c->other, 0, 100, "D", "p", "F");
    cache_clear(c);
    assert_sizes(c->store, 0, 0, 0, 0);
    assert_int_equal(sc_store_next_expiry(c->store), INT64_MAX);
    assert_int_equal(cache_reap(c), 4);
    assert_int_equal(cache_reap(c), 3);
    assert_int_equal(cache_reap(c), -1);
}

static struct snapshot_entry binding(const struct sc_space *space, const char *destination,
                                     const char *property, const char *endpoint, int64_t age,
                                     int64_t left)
{
    return (struct snapshot_entry){.space = space,
                                   .destination = sc_bytes_of(destination),
                                   .endpoint = sc_bytes_of(endpoint),
                                   .property = sc_bytes_of(property),
                                   .fd = -1,
                                   .age = age,
                                   .left = left};
}

static struct snapshot_entry connection(const struct sc_space *space, const char *endpoint,
                                        const char *property, int fd, int64_t age, int64_t left)
{
    return (struct snapshot_entry){.space = space,
                                   .endpoint = sc_bytes_of(endpoint),
                                   .property = sc_bytes_of(property),
                                   .fd = fd,
                                   .age = age,
                                   .left = left};
}

static void cursors_show_everything_in_order(void **state)
{
    struct cache *c = *state;
    struct snapshot *seen = malloc(2 * sizeof(*seen));
    struct snapshot *wanted = seen + 1;

    assert_non_null(seen);
    cache_bind(c->space, 0, 100, "D", "p", "E");
    cache_bind(c->space, 10, 100, "D", "q", "F");
    cache_bind(c->other, 20, 100, "D", "p", "E");
    cache_save(c->space, 30, 100, "E", 3);
    cache_save(c->space, 35, 15, "E", 4);
    cache_save(c->space, 40, 100, "E", 5);
    cache_save(c->space, 45, 100, "E", 6);
    assert_int_equal(cache_take_by(c->space, 45, "D", "p"), 3);
    assert_int_equal(cache_take_by(c->other, 45, "D", NULL), -1);
    snapshot_take(seen, c->store, 50);
    cache_expire(c, 50);
    assert_int_equal(cache_reap(c), 4);

    struct snapshot_entry entries[] = {
        binding(c->space, "D", "p", "E", 50, 50), binding(c->space, "D", "q", "F", 40, 60),
        binding(c->other, "D", "p", "E", 30, 70), connection(c->space, "E", "5", 5, 10, 90),
        connection(c->space, "E", "6", 6, 5, 95),
    };
    entries[3].known_for = 10;
    entries[4].known_for = 5;
    snapshot_clear(wanted);
    for (size_t i = 0; i < SC_COUNT_OF(entries); i++)
        snapshot_add(wanted, &entries[i]);
    snapshot_assert_equal(seen, wanted);
    free(seen);
}

static void nothing_is_freed_from_a_null_pointer(void **state)
{
    (void)state;
    sc_space_free(NULL);
    sc_store_free(NULL);
}

#define CACHE_TEST(function) cmocka_unit_test_setup_teardown(function, cache_setup, cache_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(oldest_connection_comes_first),
        CACHE_TEST(found_connection_is_the_callers),
        CACHE_TEST(descriptor_comes_back_as_it_was),
        CACHE_TEST(labels_are_never_confused),
        CACHE_TEST(empty_views_are_taken),
        CACHE_TEST(texts_come_back_byte_for_byte),
        CACHE_TEST(destinations_and_endpoints_have_names_of_their_own),
        CACHE_TEST(bindings_are_tried_from_the_front),
        CACHE_TEST(endpoint_serves_many_destinations),
        CACHE_TEST(bound_endpoint_waits_for_connections),
        CACHE_TEST(same_binding_keeps_its_place),
        CACHE_TEST(same_binding_may_be_made_shorter),
        CACHE_TEST(another_property_is_another_binding),
        CACHE_TEST(connection_lives_to_the_millisecond),
        CACHE_TEST(expired_descriptor_goes_without_a_look_up),
        CACHE_TEST(every_call_removes_what_has_expired),
        CACHE_TEST(bindings_and_connections_die_independently),
        CACHE_TEST(endless_time_to_live_does_not_wrap),
        CACHE_TEST(spaces_share_nothing),
        CACHE_TEST(space_is_empty_when_nothing_is_in_it),
        CACHE_TEST(clearing_leaves_nothing),
        CACHE_TEST(cursors_show_everything_in_order),
        cmocka_unit_test(nothing_is_freed_from_a_null_pointer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
