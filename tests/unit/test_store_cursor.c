/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Going through all that is cached, in slices, while it changes: entries, endpoints and spaces go
 * under the cursor, tables grow and shrink. The order within the tables is nobody's business.
 */
#include "support/check.h"

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

/* Shows the next entry, in however many slices of @steps; false: the end. */
static bool show(struct sc_store_cursor *cursor, size_t steps)
{
    enum sc_cursor_step step;

    do
        step = sc_store_cursor_next(cursor, 0, steps);
    while (step == SC_CURSOR_LATER);
    return step == SC_CURSOR_ENTRY;
}

static int fd_at(const struct sc_store_cursor *cursor)
{
    return sc_connection_descriptor(cursor->connection);
}

/* --- kinds ------------------------------------------------------------------- */

static void nothing_is_shown_of_nothing(void **state)
{
    struct cache *c = *state;
    struct sc_store_cursor cursor;

    for (int kind = SC_CURSOR_DESTINATIONS; kind <= SC_CURSOR_KNOWN; kind++) {
        sc_store_cursor_init(&cursor, c->store, (enum sc_cursor_kind)kind, NULL);
        assert_false(show(&cursor, 1));
        assert_int_equal(sc_store_cursor_next(&cursor, 0, 1), SC_CURSOR_END);
        sc_store_cursor_fini(&cursor);
        sc_store_cursor_fini(&cursor);
    }
}

static void each_kind_shows_its_own(void **state)
{
    struct cache *c = *state;
    struct sc_store_cursor cursor;

    cache_bind(c->space, 0, 100, "D", "one", "E");
    cache_bind(c->space, 0, 100, "D", "two", "F");
    cache_save(c->space, 0, 100, "E", 3);
    cache_save(c->space, 0, 100, "E", 4);
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_DESTINATIONS, NULL);
    assert_true(show(&cursor, 3));
    assert_true(sc_bytes_equal(sc_destination_label(cursor.destination), SC_BYTES("D")));
    assert_ptr_equal(sc_destination_space(cursor.destination), c->space);
    assert_int_equal(sc_destination_bindings(cursor.destination), 2);
    assert_false(show(&cursor, 3));
    sc_store_cursor_fini(&cursor);

    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_BINDINGS, NULL);
    assert_true(show(&cursor, 3));
    assert_true(sc_bytes_equal(sc_binding_property(cursor.binding), SC_BYTES("one")));
    assert_ptr_equal(sc_binding_space(cursor.binding), c->space);
    assert_true(sc_bytes_equal(sc_destination_label(cursor.destination), SC_BYTES("D")));
    assert_true(sc_bytes_equal(sc_endpoint_label(cursor.endpoint), SC_BYTES("E")));
    assert_true(show(&cursor, 3));
    assert_true(sc_bytes_equal(sc_endpoint_label(cursor.endpoint), SC_BYTES("F")));
    assert_false(show(&cursor, 3));
    sc_store_cursor_fini(&cursor);

    /* The one that is bound and has no connection is not among them. */
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_ENDPOINTS, NULL);
    assert_true(show(&cursor, 3));
    assert_true(sc_bytes_equal(sc_endpoint_label(cursor.endpoint), SC_BYTES("E")));
    assert_ptr_equal(sc_endpoint_space(cursor.endpoint), c->space);
    assert_int_equal(sc_endpoint_connections(cursor.endpoint), 2);
    assert_false(show(&cursor, 3));
    sc_store_cursor_fini(&cursor);

    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_CONNECTIONS, NULL);
    assert_true(show(&cursor, 3));
    assert_int_equal(fd_at(&cursor), 3);
    assert_true(show(&cursor, 3));
    assert_int_equal(fd_at(&cursor), 4);
    assert_false(show(&cursor, 3));
    sc_store_cursor_fini(&cursor);
}

static void users_come_in_order(void **state)
{
    struct cache *c = *state;
    struct sc_space *spaces[5];
    struct sc_store_cursor cursor;
    static const int64_t users[] = {7, -3, 1000, INT64_MIN, INT64_MAX};
    int64_t last = INT64_MIN;
    int count = 0;

    for (size_t i = 0; i < SC_COUNT_OF(users); i++) {
        assert_int_equal(sc_space_new(&spaces[i], c->store, users[i]), 0);
        cache_save(spaces[i], 0, 100, "E", (int)i);
    }
    cache_save(c->space, 0, 100, "E", 10);
    cache_save(c->other, 0, 100, "E", 11);
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_CONNECTIONS, NULL);
    while (show(&cursor, 1)) {
        int64_t user = sc_space_user(sc_connection_space(cursor.connection));
        assert_true(user >= last);
        last = user;
        count++;
    }
    assert_int_equal(count, 7);
    sc_store_cursor_fini(&cursor);
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_CONNECTIONS, spaces[2]);
    assert_true(show(&cursor, 1));
    assert_int_equal(fd_at(&cursor), 2);
    assert_false(show(&cursor, 1));
    sc_store_cursor_fini(&cursor);
    cache_clear(c);
    for (size_t i = 0; i < SC_COUNT_OF(users); i++)
        sc_space_free(spaces[i]);
}

static void what_may_not_be_found_is_not_shown(void **state)
{
    struct cache *c = *state;
    struct sc_store_cursor cursor;

    cache_save(c->space, 0, 10, "E", 3);
    cache_save(c->space, 0, 100, "E", 4);
    cache_bind(c->space, 0, 10, "D", "p", "E");
    sc_connection_put_back(cache_hold(c->space, 5, "E"), 5);
    struct sc_connection *held = cache_hold(c->space, 5, "E");
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_CONNECTIONS, NULL);
    assert_int_equal(sc_store_cursor_next(&cursor, 10, SIZE_MAX), SC_CURSOR_ENTRY);
    assert_int_equal(fd_at(&cursor), 4);
    assert_int_equal(sc_store_cursor_next(&cursor, 10, SIZE_MAX), SC_CURSOR_END);
    sc_store_cursor_fini(&cursor);
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_BINDINGS, NULL);
    assert_int_equal(sc_store_cursor_next(&cursor, 10, SIZE_MAX), SC_CURSOR_END);
    sc_store_cursor_fini(&cursor);
    sc_store_drop_all(c->store);
    for (int kind = SC_CURSOR_DESTINATIONS; kind <= SC_CURSOR_KNOWN; kind++) {
        sc_store_cursor_init(&cursor, c->store, (enum sc_cursor_kind)kind, NULL);
        assert_int_equal(sc_store_cursor_next(&cursor, 10, SIZE_MAX), SC_CURSOR_END);
        sc_store_cursor_fini(&cursor);
    }
    sc_connection_put_back(held, 10);
}

/* --- slices ------------------------------------------------------------------- */

static void one_endpoint_with_many_goes_in_slices(void **state)
{
    struct cache *c = *state;
    struct sc_store_cursor cursor;
    size_t calls = 0;
    int shown = 0;
    enum sc_cursor_step step;

    for (int fd = 0; fd < MANY; fd++)
        cache_save(c->space, 0, 10, "E", fd);
    cache_save(c->space, 0, 100, "F", MANY);
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_CONNECTIONS, NULL);
    while ((step = sc_store_cursor_next(&cursor, 0, 8)) != SC_CURSOR_END) {
        shown += step == SC_CURSOR_ENTRY;
        calls++;
    }
    sc_store_cursor_fini(&cursor);
    assert_int_equal(shown, MANY + 1);
    assert_true(calls < MANY + 20);
    /* What has expired is passed over, a slice at a time as well. */
    calls = 0;
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_CONNECTIONS, NULL);
    shown = 0;
    while ((step = sc_store_cursor_next(&cursor, 50, 100)) != SC_CURSOR_END) {
        shown += step == SC_CURSOR_ENTRY;
        calls++;
    }
    sc_store_cursor_fini(&cursor);
    assert_int_equal(shown, 1);
    assert_true(calls >= MANY / 100);
}

/* An empty table of many places, too. */
static void slices_are_short_where_nothing_is(void **state)
{
    struct cache *c = *state;
    struct sc_store_cursor cursor;
    size_t calls = 0;

    for (int i = 0; i < MANY; i++)
        cache_save(c->space, 0, 100, name_of(i), i);
    for (int i = 0; i < MANY - 5000; i++)
        assert_int_equal(cache_take(c->space, 0, name_of(i)), i);
    for (int i = MANY - 5000; i < MANY; i++)
        cache_bind(c->space, 0, 100, "D", "p", name_of(i));
    for (int i = MANY - 5000; i < MANY; i++)
        assert_int_equal(cache_take(c->space, 0, name_of(i)), i);
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_CONNECTIONS, NULL);
    while (sc_store_cursor_next(&cursor, 0, 100) == SC_CURSOR_LATER)
        calls++;
    assert_in_range(calls, 50, 1000);
    sc_store_cursor_fini(&cursor);
}

/* --- under the cursor ----------------------------------------------------------- */

static void entry_at_hand_may_be_dropped(void **state)
{
    struct cache *c = *state;
    struct sc_store_cursor cursor;
    int dropped = 0;

    for (int i = 0; i < 1000; i++)
        cache_save(c->space, 0, 100, name_of(i / 3), i);
    for (int i = 0; i < 300; i++)
        cache_bind(c->other, 0, 100, name_of(i / 5), "p", name_of(i));
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_CONNECTIONS, NULL);
    for (; show(&cursor, 5); dropped++)
        sc_connection_drop(cursor.connection, SC_END_DROPPED);
    sc_store_cursor_fini(&cursor);
    assert_int_equal(dropped, 1000);
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_BINDINGS, NULL);
    for (; show(&cursor, 5); dropped++)
        sc_binding_drop(cursor.binding, SC_END_DROPPED);
    sc_store_cursor_fini(&cursor);
    assert_int_equal(dropped, 1300);
    assert_sizes(c->store, 0, 0, 0, 0);
}

/* The next one, the last of its line, all of the line, and with it the endpoint. */
static void what_comes_next_may_go(void **state)
{
    struct cache *c = *state;
    struct sc_store_cursor cursor;

    for (int fd = 3; fd < 8; fd++)
        cache_save(c->space, 0, 100, "E", fd);
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_CONNECTIONS, NULL);
    assert_true(show(&cursor, 9));
    assert_int_equal(fd_at(&cursor), 3);
    assert_int_equal(cache_take(c->space, 0, "E"), 3);
    assert_int_equal(cache_take(c->space, 0, "E"), 4);
    assert_int_equal(cache_take(c->space, 0, "E"), 5);
    assert_true(show(&cursor, 9));
    assert_int_equal(fd_at(&cursor), 6);
    assert_int_equal(sc_store_drop_endpoint(c->space, SC_BYTES("E")), 2);
    assert_false(show(&cursor, 9));
    sc_store_cursor_fini(&cursor);
}

static void two_cursors_may_be_in_one_line(void **state)
{
    struct cache *c = *state;
    struct sc_store_cursor one;
    struct sc_store_cursor other;

    for (int fd = 3; fd < 9; fd++)
        cache_save(c->space, 0, 100, "E", fd);
    sc_store_cursor_init(&one, c->store, SC_CURSOR_CONNECTIONS, NULL);
    sc_store_cursor_init(&other, c->store, SC_CURSOR_CONNECTIONS, c->space);
    assert_true(show(&one, 9) && show(&one, 9));
    assert_true(show(&other, 9) && show(&other, 9));
    sc_connection_drop(other.connection, SC_END_DROPPED);
    assert_true(show(&one, 9));
    assert_int_equal(fd_at(&one), 5);
    sc_connection_drop(one.connection, SC_END_DROPPED);
    assert_true(show(&other, 9));
    assert_int_equal(fd_at(&other), 6);
    sc_store_cursor_fini(&one);
    assert_true(show(&other, 9));
    assert_int_equal(fd_at(&other), 7);
    sc_store_cursor_fini(&other);
}

static void space_at_hand_may_go(void **state)
{
    struct cache *c = *state;
    struct sc_space *third;
    struct sc_store_cursor all;
    struct sc_store_cursor one;
    struct sc_store_cursor known;

    assert_int_equal(sc_space_new(&third, c->store, 0), 0);
    cache_limit(c, (struct sc_store_limits){.use_limit = 10});
    for (int fd = 3; fd < 6; fd++)
        cache_save(third, 0, 100, name_of(fd), fd);
    cache_save(c->other, 0, 100, "E", 6);
    for (uint64_t cookie = 1; cookie < 4; cookie++)
        sc_store_remember(third, 0, cookie, 0, 1);
    sc_store_remember(c->other, 0, 9, 0, 1);
    sc_store_cursor_init(&all, c->store, SC_CURSOR_CONNECTIONS, NULL);
    sc_store_cursor_init(&one, c->store, SC_CURSOR_CONNECTIONS, third);
    sc_store_cursor_init(&known, c->store, SC_CURSOR_KNOWN, NULL);
    assert_true(show(&all, 1));
    assert_true(show(&one, 1));
    assert_true(show(&known, 1));
    assert_int_equal(sc_known_cookie(known.known), 1);
    cache_limit(c, (struct sc_store_limits){.use_limit = 10, .known = 1});
    for (int fd = 3; fd < 6; fd++)
        assert_int_equal(sc_store_drop_endpoint(third, sc_bytes_of(name_of(fd))), 1);
    assert_true(sc_space_is_empty(third));
    sc_space_free(third);
    assert_false(show(&one, 1));
    assert_true(show(&all, 1));
    assert_int_equal(fd_at(&all), 6);
    assert_false(show(&all, 1));
    assert_true(show(&known, 1));
    assert_int_equal(sc_known_cookie(known.known), 9);
    assert_int_equal(sc_known_uses(known.known), 1);
    assert_ptr_equal(sc_known_space(known.known), c->other);
    assert_false(show(&known, 1));
    sc_store_cursor_fini(&all);
    sc_store_cursor_fini(&one);
    sc_store_cursor_fini(&known);
}

/* Ten times as many come, and go again, between any two slices. */
static void tables_may_grow_and_shrink(void **state)
{
    struct cache *c = *state;
    struct sc_store_cursor cursor;
    bool *shown = calloc(100, sizeof(bool));
    int next = 1000;
    int turn = 0;

    assert_non_null(shown);
    for (int i = 0; i < 100; i++)
        cache_save(c->space, 0, 100, name_of(i), i);
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_CONNECTIONS, NULL);
    for (; show(&cursor, 2); turn++) {
        int fd = fd_at(&cursor);
        if (fd < 100) {
            assert_false(shown[fd]);
            shown[fd] = true;
        }
        if (turn < 30)
            for (int i = 0; i < 200; i++, next++)
                cache_save(c->space, 0, 100, name_of(next), next);
        else
            for (int i = 0; i < 200 && next > 1000; i++) {
                next--;
                assert_int_equal(cache_take(c->space, 0, name_of(next)), next);
            }
    }
    for (int i = 0; i < 100; i++)
        assert_true(shown[i]);
    sc_store_cursor_fini(&cursor);
    free(shown);
}

#define CACHE_TEST(function) cmocka_unit_test_setup_teardown(function, cache_setup, cache_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(nothing_is_shown_of_nothing),
        CACHE_TEST(each_kind_shows_its_own),
        CACHE_TEST(users_come_in_order),
        CACHE_TEST(what_may_not_be_found_is_not_shown),
        CACHE_TEST(one_endpoint_with_many_goes_in_slices),
        CACHE_TEST(slices_are_short_where_nothing_is),
        CACHE_TEST(entry_at_hand_may_be_dropped),
        CACHE_TEST(what_comes_next_may_go),
        CACHE_TEST(two_cursors_may_be_in_one_line),
        CACHE_TEST(space_at_hand_may_go),
        CACHE_TEST(tables_may_grow_and_shrink),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
