/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be asked of an entry, what the caller may note down in it, and who is told when it comes
 * and goes. Whether the end that is told is the right one is also asked by every random play.
 */
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/cache.h"

/* --- ids and accessors ------------------------------------------------------------ */

static void ids_are_never_used_again(void **state)
{
    struct cache *c = *state;
    struct sc_store_cursor cursor;
    uint64_t last = 0;

    for (int i = 0; i < 100; i++) {
        cache_save(c->space, 0, 100, "E", i);
        struct sc_connection *held = cache_hold(c->space, 0, "E");
        uint64_t id = sc_connection_id(held);
        assert_true(id > last);
        last = id;
        if (i % 2) {
            sc_connection_put_back(held, 0);
            held = cache_hold(c->space, 0, "E");
            assert_int_equal(sc_connection_id(held), id);
        }
        sc_connection_discard(held, SC_END_DEAD);
        cache_bind(c->space, 0, 100 + i, "D", i % 3 ? "p" : "q", "E");
    }
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_BINDINGS, NULL);
    assert_int_equal(sc_store_cursor_next(&cursor, 0, 100), SC_CURSOR_ENTRY);
    uint64_t first = sc_binding_id(cursor.binding);
    assert_int_equal(sc_store_cursor_next(&cursor, 0, 100), SC_CURSOR_ENTRY);
    uint64_t second = sc_binding_id(cursor.binding);
    sc_store_cursor_fini(&cursor);
    /* Renewed many times, they are what they were. */
    assert_int_equal(first, 2);
    assert_int_equal(second, 4);
}

static void connection_tells_what_was_saved(void **state)
{
    struct cache *c = *state;
    const struct sc_saving saving = {
        .ttl = 100,
        .endpoint = SC_BYTES("E"),
        .property = SC_BYTES("a property"),
        .fd = 17,
        .nature = 0xa5,
        .cookie = UINT64_MAX,
    };
    struct sc_reaped reaped;

    assert_int_equal(sc_store_save_connection(c->other, 10, &saving), 0);
    struct sc_connection *held = cache_hold(c->other, 30, "E");
    assert_ptr_equal(sc_connection_space(held), c->other);
    assert_true(sc_bytes_equal(sc_connection_endpoint(held), SC_BYTES("E")));
    assert_true(sc_bytes_equal(sc_connection_property(held), SC_BYTES("a property")));
    assert_int_equal(sc_connection_descriptor(held), 17);
    assert_int_equal(sc_connection_nature(held), 0xa5);
    assert_true(sc_connection_cookie(held) == UINT64_MAX);
    assert_int_equal(sc_connection_age(held, 30), 20);
    assert_int_equal(sc_connection_left(held, 30), 80);
    assert_int_equal(sc_connection_known_for(held, 30), 20);
    assert_int_equal(sc_connection_uses(held), 0);
    sc_connection_discard(held, SC_END_DEAD);
    assert_true(sc_store_reap(c->store, &reaped));
    assert_int_equal(reaped.fd, 17);
    assert_int_equal(reaped.nature, 0xa5);
    assert_int_equal(reaped.user, 2);
}

/* Properties of every length, with a cookie behind them and without. */
static void story_lies_behind_any_property(void **state)
{
    struct cache *c = *state;
    char text[200];

    memset(text, 'x', sizeof(text));
    for (size_t length = 0; length < sizeof(text); length++) {
        for (uint64_t cookie = 0; cookie < 2; cookie++) {
            const struct sc_saving saving = {
                .ttl = 100,
                .endpoint = {text, length % 9},
                .property = {text, length},
                .fd = (int)length,
                .cookie = cookie * 0x123456789abcdef,
                .known_for = 1000,
                .uses = 7,
            };
            assert_int_equal(sc_store_save_connection(c->space, 0, &saving), 0);
            struct sc_connection *held =
                sc_store_find_endpoint(c->space, 0, (struct sc_bytes){text, length % 9});
            assert_non_null(held);
            assert_true(sc_bytes_equal(sc_connection_property(held), saving.property));
            assert_true(sc_connection_cookie(held) == saving.cookie);
            assert_int_equal(sc_connection_uses(held), cookie ? 7 : 0);
            assert_int_equal(sc_connection_known_for(held, 1), cookie ? 1001 : 1);
            assert_int_equal(sc_connection_steal(held, 1), length);
        }
    }
}

static void sizes_are_told_for_each_space(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.remember = true});
    cache_bind(c->space, 0, 100, "D", "p", "E");
    cache_save(c->space, 0, 100, "E", 3);
    cache_save(c->other, 0, 100, "E", 4);
    sc_store_remember(c->other, 0, 1, 0, 1);
    struct sc_connection *held = cache_hold(c->other, 0, "E");
    struct sc_store_sizes sizes = sc_space_sizes(c->space);
    assert_int_equal(sizes.destinations, 1);
    assert_int_equal(sizes.endpoints, 1);
    assert_int_equal(sizes.connections, 1);
    assert_int_equal(sizes.bindings, 1);
    assert_int_equal(sizes.text, 3 + 2);
    assert_int_equal(sizes.held + sizes.known, 0);
    assert_int_equal(sizes.spaces, 1);
    sizes = sc_space_sizes(c->other);
    assert_int_equal(sizes.endpoints + sizes.connections, 0);
    assert_int_equal(sizes.text, 2);
    assert_int_equal(sizes.held, 1);
    assert_int_equal(sizes.known, 1);
    sizes = sc_store_sizes(c->store);
    assert_int_equal(sizes.spaces, 2);
    assert_int_equal(sizes.text, 7);
    assert_true(sizes.bytes > 200 && sizes.bytes < 4096);
    sc_connection_discard(held, SC_END_DEAD);
}

/* 190 bytes of text, each in an endpoint of its own; tables and heaps take some 30 bytes more. */
static void connection_takes_little_memory(void **state)
{
    enum { COUNT = 2000, LABEL = 40, PROPERTY = 150 };
    struct cache *c = *state;
    char text[LABEL + PROPERTY + 1];

    for (int with_cookies = 0; with_cookies < 2; with_cookies++) {
        for (int i = 0; i < COUNT; i++) {
            memset(text, 'x', sizeof(text));
            snprintf(text, sizeof(text), "%*d", LABEL, i);
            const struct sc_saving saving = {
                .ttl = 100,
                .endpoint = {text, LABEL},
                .property = {text + LABEL, PROPERTY},
                .fd = i,
                .cookie = with_cookies ? 1 + (uint64_t)i : 0,
            };
            assert_int_equal(sc_store_save_connection(c->space, 0, &saving), 0);
        }
        assert_int_equal(sc_store_sizes(c->store).text, COUNT * (LABEL + PROPERTY));
        assert_in_range(sc_store_sizes(c->store).bytes / COUNT, LABEL + PROPERTY,
                        with_cookies ? 368 : 352);
        cache_clear(c);
        while (cache_reap(c) >= 0)
            continue;
        assert_true(sc_store_sizes(c->store).bytes < 64 * 1024);
    }
}

/* --- places ------------------------------------------------------------------------ */

static void places_are_the_callers(void **state)
{
    struct cache *c = *state;
    struct sc_store_cursor cursor;

    assert_null(sc_store_endpoint_place(c->space, SC_BYTES("E")));
    assert_null(sc_store_destination_place(c->space, SC_BYTES("D")));
    cache_bind(c->space, 0, 100, "D", "p", "E");
    cache_save(c->space, 0, 100, "E", 3);
    assert_int_equal(*sc_store_endpoint_place(c->space, SC_BYTES("E")), 0);
    assert_int_equal(*sc_store_destination_place(c->space, SC_BYTES("D")), 0);
    assert_null(sc_store_endpoint_place(c->space, SC_BYTES("D")));
    assert_null(sc_store_endpoint_place(c->other, SC_BYTES("E")));
    *sc_store_endpoint_place(c->space, SC_BYTES("E")) = 7;
    *sc_store_destination_place(c->space, SC_BYTES("D")) = UINT32_MAX;

    struct sc_connection *held = cache_hold(c->space, 0, "E");
    assert_int_equal(*sc_connection_endpoint_place(held), 7);
    sc_connection_put_back(held, 0);
    sc_store_cursor_init(&cursor, c->store, SC_CURSOR_BINDINGS, NULL);
    assert_int_equal(sc_store_cursor_next(&cursor, 0, 100), SC_CURSOR_ENTRY);
    assert_int_equal(*sc_binding_endpoint_place(cursor.binding), 7);
    assert_int_equal(*sc_binding_destination_place(cursor.binding), UINT32_MAX);
    assert_int_equal(*sc_endpoint_place(cursor.endpoint), 7);
    *sc_endpoint_place(cursor.endpoint) = 8;
    *sc_destination_place(cursor.destination) = 9;
    sc_store_cursor_fini(&cursor);

    assert_int_equal(*sc_store_endpoint_place(c->space, SC_BYTES("E")), 8);
    assert_int_equal(*sc_store_destination_place(c->space, SC_BYTES("D")), 9);
    /* It goes with what it is in. */
    cache_clear(c);
    cache_save(c->space, 0, 100, "E", 3);
    assert_int_equal(*sc_store_endpoint_place(c->space, SC_BYTES("E")), 0);
}

/* --- who is told --------------------------------------------------------------------- */

enum { LOG_MOST = 64 };

struct log {
    size_t count;
    char lines[LOG_MOST][32];
};

static void note(struct log *log, const char *what, uint64_t id, int end)
{
    assert_true(log->count < LOG_MOST);
    snprintf(log->lines[log->count++], sizeof(log->lines[0]), "%s %d %d", what, (int)id, end);
}

static void on_saved(void *context, const struct sc_connection *connection)
{
    *sc_connection_endpoint_place(connection) += 1;
    note(context, "saved", sc_connection_id(connection), 0);
}

static void on_ended(void *context, const struct sc_connection *connection, enum sc_end end)
{
    assert_true(*sc_connection_endpoint_place(connection) > 0);
    assert_true(sc_connection_descriptor(connection) >= 0);
    note(context, "ended", sc_connection_id(connection), (int)end);
}

static void on_bound(void *context, const struct sc_binding *binding, bool renewed)
{
    note(context, renewed ? "renewed" : "bound", sc_binding_id(binding), 0);
}

static void on_unbound(void *context, const struct sc_binding *binding, enum sc_end end)
{
    assert_true(sc_bytes_equal(sc_binding_destination(binding), SC_BYTES("D")));
    assert_true(sc_bytes_equal(sc_binding_endpoint(binding), SC_BYTES("E")));
    note(context, "unbound", sc_binding_id(binding), (int)end);
}

static void assert_log(struct log *log, const char *const *lines)
{
    for (size_t i = 0; lines[i]; i++) {
        assert_true(i < log->count);
        assert_string_equal(log->lines[i], lines[i]);
        assert_true(lines[i + 1] || i + 1 == log->count);
    }
    log->count = 0;
}

#define ASSERT_LOG(log, ...) assert_log(log, (const char *const[]){__VA_ARGS__, NULL})

static void every_beginning_and_end_is_told_once(void **state)
{
    static const unsigned char key[SC_STORE_KEY_LENGTH];
    struct log log = {0};
    const struct sc_store_observer observer = {on_saved, on_ended, on_bound, on_unbound, &log};
    const struct sc_store_limits limits = {.session_limit = 3, .binding_limit = 1, .use_limit = 1};
    struct cache cache;

    (void)state;
    assert_int_equal(sc_store_new(&cache.store, key, &limits, &observer), 0);
    assert_int_equal(sc_space_new(&cache.space, cache.store, 1), 0);
    for (int fd = 1; fd < 4; fd++)
        cache_save(cache.space, 0, 100 * fd, "E", fd);
    ASSERT_LOG(&log, "saved 1 0", "saved 2 0", "saved 3 0");
    cache_save(cache.space, 0, 150, "E", 4);
    ASSERT_LOG(&log, "ended 1 6", "saved 4 0");
    sc_connection_put_back(cache_hold(cache.space, 0, "E"), 0);
    assert_int_equal(log.count, 0);
    assert_int_equal(cache_take(cache.space, 0, "E"), 2);
    ASSERT_LOG(&log, "ended 2 0");
    sc_connection_discard(cache_hold(cache.space, 0, "E"), SC_END_DEAD);
    ASSERT_LOG(&log, "ended 3 2");
    cache_expire(&cache, 150);
    ASSERT_LOG(&log, "ended 4 1");
    cache_bind(cache.space, 150, 10, "D", "p", "E");
    cache_bind(cache.space, 150, 10, "D", "p", "E");
    cache_bind(cache.space, 150, 10, "D", "q", "E");
    ASSERT_LOG(&log, "bound 5 0", "renewed 5 0", "unbound 5 15", "bound 6 0");
    cache_save(cache.space, 155, 10, "E", 5);
    sc_store_drop_all(cache.store);
    ASSERT_LOG(&log, "saved 7 0");
    assert_false(sc_store_settle(cache.store, 155, SIZE_MAX));
    ASSERT_LOG(&log, "ended 7 3", "unbound 6 3");
    assert_int_equal(cache_try_save(cache.space, 155, 10, "E", 6, 99), 0);
    assert_int_equal(cache_take(cache.space, 155, "E"), 6);
    assert_int_equal(cache_try_save(cache.space, 155, 10, "E", 7, 99), 0);
    ASSERT_LOG(&log, "saved 8 0", "ended 8 0", "saved 9 0", "ended 9 13");
    cache_bind(cache.space, 155, 10, "D", "q", "E");
    cache_save(cache.space, 155, 10, "E", 8);
    assert_true(sc_store_evict(cache.store, NULL, SC_END_OUT_OF_MEMORY));
    cache_save(cache.space, 155, 10, "E", 9);
    sc_store_clear(cache.store, SC_END_HANDED_OVER);
    ASSERT_LOG(&log, "bound 10 0", "saved 11 0", "ended 11 11", "saved 12 0", "unbound 10 5",
               "ended 12 5");
    while (cache_reap(&cache) >= 0)
        continue;
    sc_space_free(cache.space);
    sc_store_free(cache.store);
}

#define CACHE_TEST(function) cmocka_unit_test_setup_teardown(function, cache_setup, cache_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(ids_are_never_used_again),
        CACHE_TEST(connection_tells_what_was_saved),
        CACHE_TEST(story_lies_behind_any_property),
        CACHE_TEST(sizes_are_told_for_each_space),
        CACHE_TEST(connection_takes_little_memory),
        CACHE_TEST(places_are_the_callers),
        cmocka_unit_test(every_beginning_and_end_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
