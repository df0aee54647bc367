/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a connection is known and how often it was handed out, across being taken and saved
 * again: told by the cookie of its socket. Nothing here opens a socket; cookies are numbers.
 */
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/cache.h"

enum { COOKIE = 77 };

static void save_known(struct cache *c, int64_t now, int64_t ttl, int fd, uint64_t cookie)
{
    assert_int_equal(cache_try_save(c->space, now, ttl, "E", fd, cookie), 0);
}

/* --- uses ------------------------------------------------------------------- */

static void connection_is_handed_out_so_often_and_no_more(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.use_limit = 3});
    for (int use = 0; use < 3; use++) {
        save_known(c, use, 100, use, COOKIE);
        struct sc_connection *held = cache_hold(c->space, use, "E");
        assert_int_equal(sc_connection_uses(held), use);
        assert_int_equal(sc_connection_cookie(held), COOKIE);
        assert_int_equal(sc_connection_steal(held, use), use);
        assert_int_equal(sc_store_sizes(c->store).known, 1);
    }
    save_known(c, 3, 100, 3, COOKIE);
    assert_sizes(c->store, 0, 0, 0, 0);
    assert_int_equal(cache_reap(c), 3);
    assert_int_equal(sc_store_sizes(c->store).known, 0);
    /* Forgotten is known anew. */
    save_known(c, 4, 100, 4, COOKIE);
    assert_int_equal(cache_take(c->space, 5, "E"), 4);
}

/* What was looked at and not delivered was not used. */
static void only_delivery_is_a_use(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.use_limit = 1});
    save_known(c, 0, 100, 3, COOKIE);
    for (int i = 0; i < 5; i++)
        sc_connection_put_back(cache_hold(c->space, 1, "E"), 1);
    assert_int_equal(cache_take(c->space, 1, "E"), 3);
    save_known(c, 2, 100, 4, COOKIE);
    assert_int_equal(cache_reap(c), 4);
}

static void who_has_no_cookie_is_bounded_by_time_to_live_alone(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.use_limit = 1, .lifetime_limit = 50});
    for (int i = 0; i < 10; i++) {
        save_known(c, i * 40, 100, i, 0);
        assert_int_equal(cache_take(c->space, i * 40 + 30, "E"), i);
    }
    assert_int_equal(sc_store_sizes(c->store).known, 0);
}

/* --- lifetime ---------------------------------------------------------------- */

static void lifetime_bounds_what_the_time_to_live_does_not(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.lifetime_limit = 100});
    save_known(c, 0, 1000, 3, COOKIE);
    assert_int_equal(sc_store_next_expiry(c->store), 100);
    assert_int_equal(cache_take(c->space, 60, "E"), 3);
    save_known(c, 70, 20, 4, COOKIE);
    assert_int_equal(sc_store_next_expiry(c->store), 90);
    struct sc_connection *held = cache_hold(c->space, 80, "E");
    assert_int_equal(sc_connection_known_for(held, 80), 80);
    assert_int_equal(sc_connection_age(held, 80), 10);
    assert_int_equal(sc_connection_left(held, 80), 10);
    assert_int_equal(sc_connection_steal(held, 80), 4);
    save_known(c, 85, 1000, 5, COOKIE);
    assert_int_equal(sc_store_next_expiry(c->store), 100);
    assert_int_equal(cache_take(c->space, 99, "E"), 5);
    save_known(c, 99, 1000, 6, COOKIE);
    assert_int_equal(cache_take(c->space, 100, "E"), -1);
    assert_int_equal(cache_reap(c), 6);
}

/* Out for longer than its lifetime ends it all the same, while it is remembered. */
static void too_old_when_it_comes_back_it_ends_at_once(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.lifetime_limit = 100, .session_limit = 1});
    save_known(c, 0, 1000, 3, COOKIE);
    assert_int_equal(cache_take(c->space, 90, "E"), 3);
    cache_save(c->space, 100, 1000, "F", 8);
    save_known(c, 189, 1000, 4, COOKIE);
    assert_int_equal(cache_reap(c), 4);
    /* Nobody had to make room for it. */
    assert_int_equal(cache_take(c->space, 189, "F"), 8);
    assert_int_equal(sc_store_sizes(c->store).known, 0);
}

static void what_is_out_is_remembered_for_the_lifetime_and_no_longer(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.lifetime_limit = 100});
    save_known(c, 0, 1000, 3, COOKIE);
    assert_int_equal(cache_take(c->space, 90, "E"), 3);
    cache_expire(c, 189);
    assert_int_equal(sc_store_sizes(c->store).known, 1);
    assert_false(sc_space_is_empty(c->space));
    cache_expire(c, 190);
    assert_int_equal(sc_store_sizes(c->store).known, 0);
    assert_true(sc_space_is_empty(c->space));
    save_known(c, 191, 1000, 4, COOKIE);
    assert_int_equal(sc_store_next_expiry(c->store), 291);
}

/* The calls that save and find forget as well. */
static void forgetting_needs_nobody_to_ask(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.lifetime_limit = 10});
    for (int i = 0; i < 9; i++) {
        save_known(c, 0, 100, i, COOKIE + (uint64_t)i);
        assert_int_equal(cache_take(c->space, 0, "E"), i);
    }
    assert_int_equal(sc_store_sizes(c->store).known, 9);
    for (int i = 0; i < 3; i++)
        assert_int_equal(cache_take(c->space, 10, "none"), -1);
    assert_int_equal(sc_store_sizes(c->store).known, 0);
}

/* --- limits that change -------------------------------------------------------- */

static void lower_limits_of_age_and_use_hold_at_once(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.lifetime_limit = 1000, .use_limit = 10});
    for (int fd = 0; fd < 3; fd++)
        save_known(c, fd * 100, 900, fd, COOKIE + (uint64_t)fd);
    cache_save(c->space, 200, 900, "E", 3);
    const struct sc_store_limits limits = {.lifetime_limit = 150};
    sc_store_set_limits(c->store, &limits);
    assert_int_equal(sc_store_limits(c->store)->lifetime_limit, 150);
    /* Not settled yet: what is too old is passed over all the same. */
    assert_int_equal(cache_take(c->space, 251, "E"), 2);
    assert_int_equal(cache_reap(c), 0);
    assert_int_equal(cache_reap(c), 1);
    assert_int_equal(cache_take(c->space, 251, "E"), 3);
    save_known(c, 260, 900, 4, COOKIE + 9);
    const struct sc_store_limits shorter = {.lifetime_limit = 100};
    sc_store_set_limits(c->store, &shorter);
    assert_int_equal(sc_store_next_expiry(c->store), 410);
    assert_false(sc_store_settle(c->store, 300, SIZE_MAX));
    assert_int_equal(sc_store_next_expiry(c->store), 360);
    assert_int_equal(cache_take(c->space, 359, "E"), 4);
}

static void connection_that_is_held_obeys_a_lower_limit_when_it_comes_back(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.lifetime_limit = 1000});
    save_known(c, 0, 900, 3, COOKIE);
    save_known(c, 50, 900, 4, COOKIE + 1);
    struct sc_connection *one = cache_hold(c->space, 60, "E");
    struct sc_connection *other = cache_hold(c->space, 60, "E");
    cache_limit(c, (struct sc_store_limits){.lifetime_limit = 100});
    sc_connection_put_back(one, 100);
    assert_int_equal(cache_reap(c), 3);
    sc_connection_put_back(other, 100);
    assert_int_equal(sc_store_next_expiry(c->store), 150);
    assert_int_equal(cache_take(c->space, 149, "E"), 4);
}

static void fewer_uses_hold_at_once(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.use_limit = 10});
    for (int use = 0; use < 5; use++) {
        save_known(c, 0, 100, use, COOKIE);
        assert_int_equal(cache_take(c->space, 0, "E"), use);
    }
    save_known(c, 0, 100, 5, COOKIE);
    save_known(c, 0, 100, 6, COOKIE + 1);
    cache_limit(c, (struct sc_store_limits){.use_limit = 5});
    assert_int_equal(cache_reap(c), 5);
    assert_sizes(c->store, 1, 1, 0, 0);
    assert_int_equal(cache_take(c->space, 0, "E"), 6);
}

static void nothing_is_remembered_without_need(void **state)
{
    struct cache *c = *state;

    save_known(c, 0, 100, 3, COOKIE);
    assert_int_equal(cache_take(c->space, 1, "E"), 3);
    assert_int_equal(sc_store_sizes(c->store).known, 0);
    cache_limit(c, (struct sc_store_limits){.remember = true});
    save_known(c, 0, 100, 3, COOKIE);
    assert_int_equal(cache_take(c->space, 1, "E"), 3);
    save_known(c, 0, 100, 3, COOKIE);
    struct sc_connection *held = cache_hold(c->space, 1, "E");
    assert_int_equal(sc_connection_uses(held), 1);
    assert_int_equal(sc_connection_steal(held, 1), 3);
    assert_int_equal(sc_store_sizes(c->store).known, 1);
    /* In slices, too. */
    for (uint64_t i = 0; i < 10; i++)
        sc_store_remember(c->space, 1, 1000 + i, 5, 1);
    const struct sc_store_limits none = {0};
    sc_store_set_limits(c->store, &none);
    assert_true(sc_store_settle(c->store, 1, 4));
    assert_int_equal(sc_store_sizes(c->store).known, 7);
    while (sc_store_settle(c->store, 1, 4))
        continue;
    assert_int_equal(sc_store_sizes(c->store).known, 0);
}

static void so_many_are_remembered(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.use_limit = 10, .session_limit = 4});
    for (uint64_t i = 1; i <= 100; i++)
        sc_store_remember(c->space, 1, i, 0, 1);
    assert_int_equal(sc_store_sizes(c->store).known, 8);
    cache_limit(c, (struct sc_store_limits){.use_limit = 10});
    for (uint64_t i = 1; i <= 70000; i++)
        sc_store_remember(c->space, 1, i, 0, 1);
    assert_int_equal(sc_store_sizes(c->store).known, 65536);
    cache_limit(c, (struct sc_store_limits){.use_limit = 10, .known = 100});
    assert_int_equal(sc_store_sizes(c->store).known, 100);
}

/* --- what other servers knew ------------------------------------------------------ */

static void what_another_server_knew_goes_on(void **state)
{
    struct cache *c = *state;
    const struct sc_saving saving = {
        .ttl = 500,
        .endpoint = SC_BYTES("E"),
        .property = SC_BYTES("3"),
        .fd = 3,
        .cookie = COOKIE,
        .age = 40,
        .known_for = 300,
        .uses = 2,
    };

    cache_limit(c, (struct sc_store_limits){.lifetime_limit = 1000, .use_limit = 4});
    assert_int_equal(sc_store_save_connection(c->space, 10, &saving), 0);
    struct sc_connection *held = cache_hold(c->space, 20, "E");
    assert_int_equal(sc_connection_age(held, 20), 50);
    assert_int_equal(sc_connection_known_for(held, 20), 310);
    assert_int_equal(sc_connection_uses(held), 2);
    assert_int_equal(sc_connection_left(held, 20), 490);
    assert_int_equal(sc_connection_steal(held, 20), 3);
    sc_store_remember(c->space, 20, COOKIE + 1, 600, 3);
    save_known(c, 30, 500, 4, COOKIE + 1);
    assert_int_equal(sc_store_next_expiry(c->store), 420);
    held = cache_hold(c->space, 30, "E");
    assert_int_equal(sc_connection_uses(held), 3);
    assert_int_equal(sc_connection_steal(held, 30), 4);
    save_known(c, 40, 500, 5, COOKIE + 1);
    assert_int_equal(cache_reap(c), 5);
    save_known(c, 40, 500, 6, COOKIE);
    held = cache_hold(c->space, 40, "E");
    assert_int_equal(sc_connection_uses(held), 3);
    assert_int_equal(sc_connection_known_for(held, 40), 330);
    assert_int_equal(sc_connection_steal(held, 40), 6);
}

/* A socket that was saved twice is as old and as used as the elder of the two. */
static void saved_twice_it_has_the_longer_story(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.use_limit = 10});
    save_known(c, 0, 500, 3, COOKIE);
    save_known(c, 100, 500, 4, COOKIE);
    assert_int_equal(cache_take(c->space, 150, "E"), 3);
    assert_int_equal(cache_take(c->space, 150, "E"), 4);
    assert_int_equal(sc_store_sizes(c->store).known, 1);
    save_known(c, 200, 500, 5, COOKIE);
    struct sc_connection *held = cache_hold(c->space, 200, "E");
    assert_int_equal(sc_connection_known_for(held, 200), 200);
    assert_int_equal(sc_connection_steal(held, 200), 5);
}

/* Who took it need not be who saves it again. */
static void cookie_is_known_whoever_saves_it(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.use_limit = 1});
    save_known(c, 0, 500, 3, COOKIE);
    assert_int_equal(cache_take(c->space, 0, "E"), 3);
    assert_int_equal(cache_try_save(c->other, 1, 500, "E", 4, COOKIE), 0);
    assert_int_equal(cache_reap(c), 4);
    assert_true(sc_space_is_empty(c->space));
    assert_true(sc_space_is_empty(c->other));
}

static void ages_beyond_all_bounds_do_not_wrap(void **state)
{
    struct cache *c = *state;
    const int64_t ages[] = {UINT32_MAX - 1LL, UINT32_MAX, UINT32_MAX + 1LL, INT64_MAX / 2};

    cache_limit(c, (struct sc_store_limits){.lifetime_limit = INT64_MAX});
    assert_int_equal(sc_store_limits(c->store)->lifetime_limit, UINT32_MAX);
    for (size_t i = 0; i < SC_COUNT_OF(ages); i++) {
        const struct sc_saving saving = {
            .ttl = INT64_MAX,
            .endpoint = SC_BYTES("E"),
            .fd = 3,
            .cookie = COOKIE,
            .known_for = ages[i],
        };
        assert_int_equal(sc_store_save_connection(c->space, 0, &saving), 0);
        if (i > 0)
            assert_int_equal(cache_reap(c), 3);
        else
            assert_int_equal(sc_store_next_expiry(c->store), 1);
        cache_clear(c);
        assert_int_equal(cache_reap(c), i > 0 ? -1 : 3);
    }
}

/* Another server may say anything. */
static void absurd_stories_are_bounded(void **state)
{
    struct cache *c = *state;
    const int64_t times[] = {INT64_MIN, -1, 0, UINT32_MAX, INT64_MAX};

    cache_limit(c, (struct sc_store_limits){.remember = true});
    for (size_t i = 0; i < SC_COUNT_OF(times); i++) {
        for (size_t j = 0; j < SC_COUNT_OF(times); j++) {
            const struct sc_saving saving = {
                .ttl = 100,
                .endpoint = SC_BYTES("E"),
                .fd = 3,
                .cookie = COOKIE,
                .age = times[i],
                .known_for = times[j],
                .uses = UINT32_MAX,
            };
            assert_int_equal(sc_store_save_connection(c->space, 7, &saving), 0);
            struct sc_connection *held = cache_hold(c->space, 7, "E");
            assert_in_range(sc_connection_age(held, 7), 0, UINT32_MAX);
            assert_in_range(sc_connection_known_for(held, 7), 0, 2LL * UINT32_MAX);
            assert_int_equal(sc_connection_left(held, 7), 100);
            assert_int_equal(sc_connection_steal(held, 7), 3);
            sc_store_remember(c->space, 7, COOKIE, times[j], UINT32_MAX);
            assert_int_equal(sc_store_sizes(c->store).known, 1);
        }
    }
    assert_int_equal(cache_try_save(c->space, 7, 100, "E", 4, COOKIE), 0);
    struct sc_connection *held = cache_hold(c->space, 7, "E");
    assert_int_equal(sc_connection_uses(held), UINT32_MAX);
    sc_connection_discard(held, SC_END_DEAD);
}

static void refused_it_keeps_its_story(void **state)
{
    struct cache *c = *state;

    cache_limit(c, (struct sc_store_limits){.use_limit = 10, .endpoint_session_limit = 1});
    save_known(c, 0, 500, 3, COOKIE);
    assert_int_equal(cache_take(c->space, 0, "E"), 3);
    save_known(c, 0, 500, 4, COOKIE + 1);
    struct sc_connection *held = cache_hold(c->space, 0, "E");
    assert_int_equal(cache_try_save(c->space, 1, 500, "E", 5, COOKIE), -ENOBUFS);
    assert_int_equal(sc_store_sizes(c->store).known, 1);
    sc_connection_discard(held, SC_END_DEAD);
    save_known(c, 2, 500, 5, COOKIE);
    held = cache_hold(c->space, 2, "E");
    assert_int_equal(sc_connection_uses(held), 1);
    assert_int_equal(sc_connection_steal(held, 2), 5);
}

#define CACHE_TEST(function) cmocka_unit_test_setup_teardown(function, cache_setup, cache_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(connection_is_handed_out_so_often_and_no_more),
        CACHE_TEST(only_delivery_is_a_use),
        CACHE_TEST(who_has_no_cookie_is_bounded_by_time_to_live_alone),
        CACHE_TEST(lifetime_bounds_what_the_time_to_live_does_not),
        CACHE_TEST(too_old_when_it_comes_back_it_ends_at_once),
        CACHE_TEST(what_is_out_is_remembered_for_the_lifetime_and_no_longer),
        CACHE_TEST(forgetting_needs_nobody_to_ask),
        CACHE_TEST(lower_limits_of_age_and_use_hold_at_once),
        CACHE_TEST(connection_that_is_held_obeys_a_lower_limit_when_it_comes_back),
        CACHE_TEST(fewer_uses_hold_at_once),
        CACHE_TEST(nothing_is_remembered_without_need),
        CACHE_TEST(so_many_are_remembered),
        CACHE_TEST(what_another_server_knew_goes_on),
        CACHE_TEST(saved_twice_it_has_the_longer_story),
        CACHE_TEST(cookie_is_known_whoever_saves_it),
        CACHE_TEST(ages_beyond_all_bounds_do_not_wrap),
        CACHE_TEST(absurd_stories_are_bounded),
        CACHE_TEST(refused_it_keeps_its_story),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
