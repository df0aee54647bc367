/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits that users share: the one who has most gives, the newcomer counted, and among equals the
 * newcomer himself. A save is refused only when it is he who has most and nothing of his can go.
 */
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/cache.h"

enum { USERS = 5 };

/* Five users; what each has is told by numbers of connections that he saves. */
struct crowd {
    struct sc_store *store;
    struct sc_space *users[USERS];
    int next_fd;
};

static int crowd_setup(void **state)
{
    static const unsigned char key[SC_STORE_KEY_LENGTH];
    struct crowd *crowd = calloc(1, sizeof(*crowd));

    assert_non_null(crowd);
    assert_int_equal(sc_store_new(&crowd->store, key, &(struct sc_store_limits){0}, NULL), 0);
    /* Not in the order of their numbers. */
    for (int i = 0; i < USERS; i++)
        assert_int_equal(sc_space_new(&crowd->users[i * 2 % USERS], crowd->store, i * 2 % USERS),
                         0);
    *state = crowd;
    return 0;
}

static int crowd_teardown(void **state)
{
    struct crowd *crowd = *state;
    struct sc_reaped reaped;

    sc_store_clear(crowd->store, SC_END_CLOSED);
    while (sc_store_reap(crowd->store, &reaped))
        continue;
    for (int i = 0; i < USERS; i++)
        sc_space_free(crowd->users[i]);
    sc_store_free(crowd->store);
    free(crowd);
    return 0;
}

static void crowd_limit(struct crowd *crowd, struct sc_store_limits limits)
{
    sc_store_set_limits(crowd->store, &limits);
    assert_false(sc_store_settle(crowd->store, 0, SIZE_MAX));
}

static int save_one(struct crowd *crowd, int user)
{
    char name[16];

    snprintf(name, sizeof(name), "E%d", crowd->next_fd);
    return cache_try_save(crowd->users[user], 0, 1000, name, crowd->next_fd++, 0);
}

static void save_some(struct crowd *crowd, int user, int count)
{
    while (count-- > 0)
        assert_int_equal(save_one(crowd, user), 0);
}

static int bind_one(struct crowd *crowd, int user)
{
    char name[16];

    snprintf(name, sizeof(name), "D%d", crowd->next_fd++);
    return cache_try_bind(crowd->users[user], 0, 1000, name, "p", "E");
}

#define assert_has(crowd, what, ...)                                                               \
    do {                                                                                           \
        const size_t wanted_[USERS] = {__VA_ARGS__};                                               \
        for (int user_ = 0; user_ < USERS; user_++)                                                \
            assert_int_equal(sc_space_sizes((crowd)->users[user_]).what, wanted_[user_]);          \
    } while (0)

/* --- connections ----------------------------------------------------------- */

static void who_has_most_gives(void **state)
{
    struct crowd *crowd = *state;

    crowd_limit(crowd, (struct sc_store_limits){.session_limit = 9});
    save_some(crowd, 0, 2);
    save_some(crowd, 1, 4);
    save_some(crowd, 2, 3);
    save_some(crowd, 3, 1);
    assert_has(crowd, connections, 2, 3, 3, 1, 0);
    save_some(crowd, 3, 1);
    assert_has(crowd, connections, 2, 2, 3, 2, 0);
    save_some(crowd, 4, 1);
    assert_has(crowd, connections, 2, 2, 2, 2, 1);
}

/* The newcomer is counted with what he brings, and gives among equals. */
static void among_equals_the_newcomer_gives(void **state)
{
    struct crowd *crowd = *state;

    crowd_limit(crowd, (struct sc_store_limits){.session_limit = 5});
    save_some(crowd, 3, 3);
    save_some(crowd, 1, 2);
    save_some(crowd, 1, 1);
    assert_has(crowd, connections, 0, 2, 0, 3, 0);
    save_some(crowd, 3, 1);
    assert_has(crowd, connections, 0, 2, 0, 3, 0);
}

/* Somebody who floods never takes anything from who has less. */
static void flood_costs_only_who_floods(void **state)
{
    struct crowd *crowd = *state;

    crowd_limit(crowd, (struct sc_store_limits){.session_limit = 10});
    save_some(crowd, 0, 3);
    save_some(crowd, 1, 1);
    save_some(crowd, 2, 500);
    assert_has(crowd, connections, 3, 1, 6, 0, 0);
    save_some(crowd, 4, 500);
    assert_has(crowd, connections, 3, 1, 3, 0, 3);
}

static void who_has_most_and_nothing_to_give_is_refused(void **state)
{
    struct crowd *crowd = *state;
    struct sc_store_sizes before;

    crowd_limit(crowd, (struct sc_store_limits){.session_limit = 5});
    for (int user = 0; user < USERS; user++)
        save_some(crowd, user, 1);
    /* Each gives way to his own only. */
    for (int user = 0; user < USERS; user++)
        save_some(crowd, user, 1);
    assert_has(crowd, connections, 1, 1, 1, 1, 1);
    struct sc_connection *held = sc_store_find_endpoint(crowd->users[2], 0, SC_BYTES("E7"));
    assert_non_null(held);
    before = sc_store_sizes(crowd->store);
    before.bytes = 0;
    assert_int_equal(save_one(crowd, 2), -ENOBUFS);
    struct sc_store_sizes after = sc_store_sizes(crowd->store);
    after.bytes = 0;
    assert_memory_equal(&before, &after, sizeof(before));
    sc_connection_put_back(held, 0);
    assert_int_equal(save_one(crowd, 2), 0);
}

/* What is held counts as his who holds it, and cannot go. */
static void holding_everything_keeps_nobody_out(void **state)
{
    enum { MANY = 8 };
    struct crowd *crowd = *state;
    struct sc_connection *held[MANY];
    char name[16];

    crowd_limit(crowd, (struct sc_store_limits){.session_limit = 10});
    save_some(crowd, 0, MANY);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "E%d", i);
        held[i] = sc_store_find_endpoint(crowd->users[0], 0, sc_bytes_of(name));
        assert_non_null(held[i]);
    }
    save_some(crowd, 1, 1);
    save_some(crowd, 2, 1);
    assert_has(crowd, connections, 0, 1, 1, 0, 0);
    /* He has most and nothing that can go. */
    assert_int_equal(save_one(crowd, 0), -ENOBUFS);
    /* Others have not, so they come in, at whose cost ever. */
    save_some(crowd, 3, 1);
    assert_has(crowd, connections, 0, 0, 1, 1, 0);
    save_some(crowd, 3, 1);
    assert_has(crowd, connections, 0, 0, 1, 1, 0);
    for (int i = 0; i < MANY; i++)
        sc_connection_put_back(held[i], 0);
    save_some(crowd, 3, 3);
    assert_has(crowd, connections, 5, 0, 1, 4, 0);
}

static void within_him_the_least_time_left_goes(void **state)
{
    struct crowd *crowd = *state;
    struct sc_reaped reaped;

    crowd_limit(crowd, (struct sc_store_limits){.session_limit = 4});
    assert_int_equal(cache_try_save(crowd->users[0], 0, 5, "E", 100, 0), 0);
    assert_int_equal(cache_try_save(crowd->users[1], 0, 50, "E", 101, 0), 0);
    assert_int_equal(cache_try_save(crowd->users[1], 0, 40, "F", 102, 0), 0);
    assert_int_equal(cache_try_save(crowd->users[1], 0, 40, "E", 103, 0), 0);
    assert_int_equal(cache_try_save(crowd->users[2], 0, 40, "E", 104, 0), 0);
    assert_true(sc_store_reap(crowd->store, &reaped));
    assert_int_equal(reaped.fd, 102);
    assert_int_equal(reaped.user, 1);
    assert_false(sc_store_reap(crowd->store, &reaped));
}

static void eviction_follows_the_same_rule(void **state)
{
    struct crowd *crowd = *state;

    assert_false(sc_store_evict(crowd->store, NULL, SC_END_DESCRIPTORS));
    assert_false(sc_store_evict(crowd->store, crowd->users[0], SC_END_DESCRIPTORS));
    save_some(crowd, 1, 2);
    save_some(crowd, 2, 2);
    assert_true(sc_store_evict(crowd->store, crowd->users[0], SC_END_DESCRIPTORS));
    assert_has(crowd, connections, 0, 1, 2, 0, 0);
    assert_true(sc_store_evict(crowd->store, crowd->users[2], SC_END_DESCRIPTORS));
    assert_has(crowd, connections, 0, 1, 1, 0, 0);
    assert_false(sc_store_evict(crowd->store, crowd->users[4], SC_END_DESCRIPTORS));
    assert_true(sc_store_evict(crowd->store, NULL, SC_END_DESCRIPTORS));
    assert_true(sc_store_evict(crowd->store, NULL, SC_END_DESCRIPTORS));
    assert_false(sc_store_evict(crowd->store, NULL, SC_END_DESCRIPTORS));
}

static void descriptors_are_a_limit_like_the_others(void **state)
{
    struct crowd *crowd = *state;

    crowd_limit(crowd, (struct sc_store_limits){.session_limit = 8});
    sc_store_set_descriptors(crowd->store, 5);
    save_some(crowd, 0, 4);
    save_some(crowd, 1, 3);
    assert_has(crowd, connections, 3, 2, 0, 0, 0);
    sc_store_set_descriptors(crowd->store, 20);
    save_some(crowd, 2, 9);
    assert_has(crowd, connections, 3, 2, 3, 0, 0);
    sc_store_set_descriptors(crowd->store, 0);
    crowd_limit(crowd, (struct sc_store_limits){0});
    save_some(crowd, 2, 9);
    assert_has(crowd, connections, 3, 2, 12, 0, 0);
    /* Fewer than there are: each newcomer takes two places. */
    sc_store_set_descriptors(crowd->store, 16);
    save_some(crowd, 1, 1);
    assert_has(crowd, connections, 3, 3, 10, 0, 0);
    save_some(crowd, 1, 1);
    assert_has(crowd, connections, 3, 4, 9, 0, 0);
}

/* --- other users' coming and going ----------------------------------------- */

static void shares_begin_with_the_second_user(void **state)
{
    struct crowd *crowd = *state;

    for (int user = 1; user < USERS; user++) {
        sc_space_free(crowd->users[user]);
        crowd->users[user] = NULL;
    }
    crowd_limit(crowd, (struct sc_store_limits){
                           .session_limit = 4, .binding_limit = 4, .memory_limit = 1000});
    save_some(crowd, 0, 6);
    for (int i = 0; i < 6; i++)
        assert_int_equal(bind_one(crowd, 0), 0);
    assert_int_equal(sc_store_sizes(crowd->store).connections, 4);
    for (int user = 1; user < USERS; user++)
        assert_int_equal(sc_space_new(&crowd->users[user], crowd->store, user), 0);
    save_some(crowd, 3, 3);
    assert_has(crowd, connections, 2, 0, 0, 2, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(bind_one(crowd, 3), 0);
    assert_has(crowd, bindings, 2, 0, 0, 2, 0);
    /* And they end with it. */
    sc_store_clear(crowd->store, SC_END_CLOSED);
    for (int user = 0; user < USERS; user++) {
        if (user != 3)
            sc_space_free(crowd->users[user]);
        if (user != 3)
            crowd->users[user] = NULL;
    }
    save_some(crowd, 3, 6);
    assert_int_equal(sc_store_sizes(crowd->store).connections, 4);
}

/* --- bindings --------------------------------------------------------------- */

static void bindings_are_shared_likewise(void **state)
{
    struct crowd *crowd = *state;

    crowd_limit(crowd, (struct sc_store_limits){.binding_limit = 6});
    for (int i = 0; i < 20; i++)
        assert_int_equal(bind_one(crowd, 0), 0);
    assert_has(crowd, bindings, 6, 0, 0, 0, 0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(bind_one(crowd, 1), 0);
    assert_has(crowd, bindings, 3, 3, 0, 0, 0);
    for (int user = 2; user < USERS; user++)
        assert_int_equal(bind_one(crowd, user), 0);
    assert_has(crowd, bindings, 1, 2, 1, 1, 1);
    assert_int_equal(bind_one(crowd, 3), 0);
    assert_has(crowd, bindings, 1, 2, 1, 1, 1);
}

static void binding_of_who_has_most_is_refused_if_he_has_none(void **state)
{
    struct crowd *crowd = *state;

    crowd_limit(crowd, (struct sc_store_limits){.binding_limit = 1});
    assert_int_equal(bind_one(crowd, 0), 0);
    assert_int_equal(bind_one(crowd, 1), -ENOBUFS);
    assert_true(sc_space_is_empty(crowd->users[1]));
    assert_int_equal(bind_one(crowd, 0), 0);
    assert_has(crowd, bindings, 1, 0, 0, 0, 0);
}

/* --- text ------------------------------------------------------------------- */

/* A connection with so many bytes of label and property. */
static int save_text(struct crowd *crowd, int user, size_t text)
{
    static const char property[100000];
    char name[16];

    snprintf(name, sizeof(name), "%08d", crowd->next_fd);
    const struct sc_saving saving = {
        .ttl = 1000,
        .endpoint = {name, 8},
        .property = {property, text - 8},
        .fd = crowd->next_fd++,
    };
    return sc_store_save_connection(crowd->users[user], 0, &saving);
}

static void text_is_shared_likewise(void **state)
{
    struct crowd *crowd = *state;

    crowd_limit(crowd, (struct sc_store_limits){.memory_limit = 1000});
    for (int i = 0; i < 20; i++)
        assert_int_equal(save_text(crowd, 0, 100), 0);
    assert_has(crowd, text, 1000, 0, 0, 0, 0);
    assert_int_equal(save_text(crowd, 1, 300), 0);
    assert_has(crowd, text, 700, 300, 0, 0, 0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(save_text(crowd, 1, 100), 0);
    assert_has(crowd, text, 500, 500, 0, 0, 0);
    assert_int_equal(save_text(crowd, 2, 10), 0);
    assert_has(crowd, text, 400, 500, 10, 0, 0);
}

static void text_of_both_kinds_counts_and_the_least_time_left_goes(void **state)
{
    struct crowd *crowd = *state;
    struct sc_space *space = crowd->users[0];

    crowd_limit(crowd, (struct sc_store_limits){.memory_limit = 30});
    assert_int_equal(cache_try_bind(space, 0, 50, "D234567890", "p", "E2345"), 0);
    assert_int_equal(cache_try_save(space, 0, 40, "E2345", 7, 0), 0);
    assert_int_equal(sc_store_sizes(crowd->store).text, 22);
    assert_int_equal(cache_try_save(space, 0, 60, "E23456789", 8, 0), 0);
    assert_has(crowd, connections, 1, 0, 0, 0, 0);
    assert_has(crowd, bindings, 1, 0, 0, 0, 0);
    assert_int_equal(sc_store_sizes(crowd->store).text, 26);
    assert_int_equal(cache_try_save(space, 0, 60, "E2345", 9, 0), 0);
    assert_has(crowd, connections, 2, 0, 0, 0, 0);
    assert_has(crowd, bindings, 0, 0, 0, 0, 0);
    assert_int_equal(cache_try_bind(space, 0, 70, "D234567890", "p", "E2345"), 0);
    assert_has(crowd, connections, 1, 0, 0, 0, 0);
    assert_has(crowd, bindings, 1, 0, 0, 0, 0);
}

static void what_can_never_fit_is_refused_at_nobodys_cost(void **state)
{
    struct crowd *crowd = *state;

    crowd_limit(crowd, (struct sc_store_limits){.memory_limit = 1000});
    assert_int_equal(save_text(crowd, 0, 400), 0);
    assert_int_equal(save_text(crowd, 1, 400), 0);
    assert_int_equal(save_text(crowd, 2, 1001), -ENOBUFS);
    /* He would have most, and has nothing to give. */
    assert_int_equal(save_text(crowd, 2, 900), -ENOBUFS);
    assert_int_equal(save_text(crowd, 2, 400), -ENOBUFS);
    assert_has(crowd, text, 400, 400, 0, 0, 0);
    assert_int_equal(save_text(crowd, 2, 399), 0);
    assert_has(crowd, text, 0, 400, 399, 0, 0);
    /* What is held does not go. */
    struct sc_connection *held = sc_store_find_endpoint(crowd->users[1], 0, SC_BYTES("00000001"));
    assert_non_null(held);
    assert_int_equal(save_text(crowd, 1, 601), -ENOBUFS);
    assert_int_equal(save_text(crowd, 2, 600), 0);
    assert_has(crowd, text, 0, 400, 600, 0, 0);
    sc_connection_discard(held, SC_END_DEAD);
    assert_int_equal(save_text(crowd, 2, 1000), 0);
    assert_has(crowd, text, 0, 0, 1000, 0, 0);
}

/* --- cookies of what is out -------------------------------------------------- */

static void go_out(struct crowd *crowd, int user, uint64_t cookie)
{
    int fd = crowd->next_fd++;

    assert_int_equal(cache_try_save(crowd->users[user], 0, 1000, "E", fd, cookie), 0);
    struct sc_connection *held = sc_store_find_endpoint(crowd->users[user], 0, SC_BYTES("E"));
    assert_non_null(held);
    assert_int_equal(sc_connection_steal(held, 0), fd);
}

static bool is_known(struct crowd *crowd, int user, uint64_t cookie)
{
    struct sc_store_cursor cursor;
    bool found = false;

    sc_store_cursor_init(&cursor, crowd->store, SC_CURSOR_KNOWN, crowd->users[user]);
    while (sc_store_cursor_next(&cursor, 0, SIZE_MAX) == SC_CURSOR_ENTRY)
        found = found || sc_known_cookie(cursor.known) == cookie;
    sc_store_cursor_fini(&cursor);
    return found;
}

static void cookies_are_shared_likewise(void **state)
{
    struct crowd *crowd = *state;

    crowd_limit(crowd, (struct sc_store_limits){.use_limit = 100, .known = 6});
    for (uint64_t cookie = 1; cookie <= 20; cookie++)
        go_out(crowd, 0, cookie);
    assert_has(crowd, known, 6, 0, 0, 0, 0);
    assert_false(is_known(crowd, 0, 14));
    for (uint64_t cookie = 15; cookie <= 20; cookie++)
        assert_true(is_known(crowd, 0, cookie));
    for (uint64_t cookie = 21; cookie <= 40; cookie++)
        go_out(crowd, 1, cookie);
    assert_has(crowd, known, 3, 3, 0, 0, 0);
    assert_true(is_known(crowd, 0, 18));
    assert_true(is_known(crowd, 1, 38));
    for (int user = 2; user < USERS; user++)
        go_out(crowd, user, 50 + (uint64_t)user);
    assert_has(crowd, known, 1, 2, 1, 1, 1);
    crowd_limit(crowd, (struct sc_store_limits){.use_limit = 100, .known = 2});
    assert_has(crowd, known, 0, 0, 0, 1, 1);
    go_out(crowd, 0, 60); /* He would have as many as any, and has none to give. */
    assert_has(crowd, known, 0, 0, 0, 1, 1);
    go_out(crowd, 4, 61);
    assert_true(is_known(crowd, 4, 61));
    assert_has(crowd, known, 0, 0, 0, 1, 1);
}

#define CROWD_TEST(function) cmocka_unit_test_setup_teardown(function, crowd_setup, crowd_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CROWD_TEST(who_has_most_gives),
        CROWD_TEST(among_equals_the_newcomer_gives),
        CROWD_TEST(flood_costs_only_who_floods),
        CROWD_TEST(who_has_most_and_nothing_to_give_is_refused),
        CROWD_TEST(holding_everything_keeps_nobody_out),
        CROWD_TEST(within_him_the_least_time_left_goes),
        CROWD_TEST(eviction_follows_the_same_rule),
        CROWD_TEST(descriptors_are_a_limit_like_the_others),
        CROWD_TEST(shares_begin_with_the_second_user),
        CROWD_TEST(bindings_are_shared_likewise),
        CROWD_TEST(binding_of_who_has_most_is_refused_if_he_has_none),
        CROWD_TEST(text_is_shared_likewise),
        CROWD_TEST(text_of_both_kinds_counts_and_the_least_time_left_goes),
        CROWD_TEST(what_can_never_fit_is_refused_at_nobodys_cost),
        CROWD_TEST(cookies_are_shared_likewise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
