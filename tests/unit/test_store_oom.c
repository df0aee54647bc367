/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store while allocations fail, one after the other or all from one on: refused or done, never
 * half done, and good again when there is memory.
 */
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/allocation.h"
#include "support/cache.h"
#include "support/snapshot.h"

/*
 * The same scene is played again and again, and each time another allocation
 * fails: the first, the second, and so on until none does any more. A call
 * that fails must have changed nothing, all others must work as ever, and in
 * the end every block is freed and every descriptor in exactly one place.
 */

enum { FDS_MOST = 400, SCENES_MOST = 5000 };

enum place { UNUSED, CALLERS, CACHED, CLOSED };

struct scene {
    struct cache cache;
    int64_t now;
    int next_fd;
    size_t failures;
    enum place fds[FDS_MOST];
    struct snapshot before;
    struct snapshot after;
};

static void move(struct scene *scene, int fd, enum place from, enum place to)
{
    assert_in_range(fd, 0, FDS_MOST - 1);
    assert_int_equal(scene->fds[fd], from);
    scene->fds[fd] = to;
}

static void reap_all(struct scene *scene)
{
    int fd;

    while ((fd = cache_reap(&scene->cache)) >= 0)
        move(scene, fd, CACHED, CLOSED);
}

/* What has expired goes first: that is not what the failing call changes. */
static struct sc_store_sizes remember(struct scene *scene)
{
    cache_expire(&scene->cache, scene->now);
    snapshot_take(&scene->before, scene->cache.store, scene->now);
    reap_all(scene);
    return sc_store_sizes(scene->cache.store);
}

static void assert_unchanged(struct scene *scene, struct sc_store_sizes sizes)
{
    struct sc_store_sizes after = sc_store_sizes(scene->cache.store);

    scene->failures++;
    after.bytes = sizes.bytes; /* A block may be kept that was not there before. */
    assert_memory_equal(&after, &sizes, sizeof(sizes));
    assert_int_equal(cache_reap(&scene->cache), -1);
    snapshot_take(&scene->after, scene->cache.store, scene->now);
    snapshot_assert_equal(&scene->before, &scene->after);
}

/* Returns whether it was saved; if not, the descriptor is closed here. */
static bool try_save(struct scene *scene, struct sc_space *space, int64_t ttl, const char *endpoint)
{
    int fd = scene->next_fd++;
    char property[16];
    struct sc_store_sizes sizes = remember(scene);

    snprintf(property, sizeof(property), "%d", fd);
    move(scene, fd, UNUSED, CALLERS);
    const struct sc_saving saving = {
        .ttl = ttl,
        .endpoint = sc_bytes_of(endpoint),
        .property = sc_bytes_of(property),
        .fd = fd,
        .cookie = (uint64_t)fd / 2,
    };
    int result = sc_store_save_connection(space, scene->now, &saving);
    if (result == 0) {
        move(scene, fd, CALLERS, CACHED);
        reap_all(scene);
        return true;
    }
    assert_int_equal(result, -ENOMEM);
    assert_true(allocation_has_failed());
    assert_unchanged(scene, sizes);
    move(scene, fd, CALLERS, CLOSED);
    return false;
}

static bool try_bind(struct scene *scene, struct sc_space *space, int64_t ttl,
                     const char *destination, const char *property, const char *endpoint)
{
    struct sc_store_sizes sizes = remember(scene);
    int result = sc_store_save_binding(space, scene->now, ttl, sc_bytes_of(destination),
                                       sc_bytes_of(property), sc_bytes_of(endpoint));

    if (result == 0)
        return true;
    assert_int_equal(result, -ENOMEM);
    assert_true(allocation_has_failed());
    assert_unchanged(scene, sizes);
    return false;
}

static void try_take(struct scene *scene, struct sc_space *space, const char *endpoint)
{
    int fd = cache_take(space, scene->now, endpoint);

    reap_all(scene);
    if (fd >= 0)
        move(scene, fd, CACHED, CLOSED);
}

/* --- acts -------------------------------------------------------------- */

static const char *numbered(char buffer[16], const char *letter, int number)
{
    snprintf(buffer, 16, "%s%d", letter, number);
    return buffer;
}

/* Enough labels to make the tables and the heap of a space grow, then shrink. */
static void many_endpoints_come_and_go(struct scene *scene)
{
    char name[16];

    for (int i = 0; i < 50; i++)
        (void)try_save(scene, scene->cache.space, 1000 + i, numbered(name, "E", i));
    for (int i = 0; i < 50; i++)
        try_take(scene, scene->cache.space, numbered(name, "E", i));
    assert_int_equal(sc_space_sizes(scene->cache.space).connections, 0);
}

static void many_bindings_come_and_go(struct scene *scene)
{
    char destination[16];
    char endpoint[16];

    for (int i = 0; i < 50; i++) {
        (void)try_bind(scene, scene->cache.space, 50, numbered(destination, "D", i / 2), "p",
                       numbered(endpoint, "E", i));
        (void)try_bind(scene, scene->cache.space, 40, destination, "p", endpoint);
    }
    scene->now += 100;
    for (int i = 0; i < 5; i++)
        (void)try_bind(scene, scene->cache.other, 10, "D", "p", numbered(endpoint, "E", i));
    scene->now += 100;
    cache_expire(&scene->cache, scene->now);
    assert_sizes(scene->cache.store, 0, 0, 0, 0);
}

/* Whatever was held comes back, though others were saved and memory is short. */
static void held_connections_always_come_back(struct scene *scene)
{
    enum { MANY = 40 };
    struct sc_connection *held[MANY];
    size_t count = 0;

    for (int i = 0; i < MANY; i++)
        (void)try_save(scene, scene->cache.space, 1000, "E");
    while (count < MANY && sc_store_sizes(scene->cache.store).connections > 0)
        held[count++] = cache_hold(scene->cache.space, scene->now, "E");
    for (int i = 0; i < MANY; i++)
        (void)try_save(scene, scene->cache.space, 1000, "E");
    size_t others = sc_store_sizes(scene->cache.store).connections;
    for (size_t i = 0; i < others; i++)
        try_take(scene, scene->cache.space, "E");
    for (size_t i = 0; i < count; i++)
        sc_connection_put_back(held[i], scene->now);
    assert_sizes(scene->cache.store, count, count > 0, 0, 0);
    for (size_t i = 0; i < count; i++)
        try_take(scene, scene->cache.space, "E");
    assert_int_equal(sc_space_sizes(scene->cache.space).connections, 0);
}

/* A save that fails makes nobody else make room. */
static void limits_hold_when_memory_is_short(struct scene *scene)
{
    const struct sc_store_limits limits = {
        .session_limit = 6,
        .endpoint_session_limit = 2,
        .user_session_limit = 4,
        .binding_limit = 4,
        .destination_binding_limit = 2,
    };
    char name[16];

    sc_store_set_limits(scene->cache.store, &limits);
    for (int i = 0; i < 20; i++) {
        struct sc_space *space = i % 4 ? scene->cache.space : scene->cache.other;
        (void)try_bind(scene, space, 100, numbered(name, "D", i % 5 / 2), i % 2 ? "p" : "q", "E");
        (void)try_bind(scene, space, 100, "D", name, numbered(name, "E", i % 7));
        (void)try_save(scene, space, 100 - i, i % 3 ? "E" : name);
    }
    assert_true(sc_store_sizes(scene->cache.store).connections <= 6);
    assert_true(sc_store_sizes(scene->cache.store).bindings <= 4);
}

/* Each needs a place in every heap of users, and gets all of them or none. */
static void users_come_and_go(struct scene *scene)
{
    enum { USERS = 12 };
    struct sc_space *users[USERS] = {0};

    sc_store_set_limits(scene->cache.store, &(struct sc_store_limits){.use_limit = 3});
    for (int i = 0; i < USERS; i++) {
        size_t spaces = sc_store_sizes(scene->cache.store).spaces;
        int error = sc_space_new(&users[i], scene->cache.store, 100 - i);
        assert_int_equal(sc_store_sizes(scene->cache.store).spaces, spaces + (error == 0));
        if (error == 0)
            (void)try_save(scene, users[i], 1000, "E");
        else
            assert_true(allocation_has_failed());
    }
    for (int i = 0; i < USERS; i++) {
        if (users[i])
            try_take(scene, users[i], "E");
    }
    /* Where something went out, its cookie is left. */
    sc_store_set_limits(scene->cache.store, &(struct sc_store_limits){0});
    assert_false(sc_store_settle(scene->cache.store, scene->now, SIZE_MAX));
    for (int i = 0; i < USERS; i++)
        sc_space_free(users[i]);
}

/* --- the scene --------------------------------------------------------- */

/* Opening may fail as well; then there is nothing to play. */
static bool scene_open(struct cache *cache)
{
    static const unsigned char key[SC_STORE_KEY_LENGTH];

    if (sc_store_new(&cache->store, key, &(struct sc_store_limits){.use_limit = 3}, NULL) < 0)
        return false;
    if (sc_space_new(&cache->space, cache->store, 1) < 0) {
        sc_store_free(cache->store);
        return false;
    }
    if (sc_space_new(&cache->other, cache->store, 2) < 0) {
        sc_space_free(cache->space);
        sc_store_free(cache->store);
        return false;
    }
    return true;
}

static void scene_close(struct scene *scene)
{
    cache_clear(&scene->cache);
    reap_all(scene);
    cache_close(&scene->cache);
    for (int fd = 0; fd < scene->next_fd; fd++)
        assert_int_equal(scene->fds[fd], CLOSED);
}

/* Returns whether an allocation has failed. */
static bool play(struct scene *scene, size_t n, bool and_later)
{
    static void (*const acts[])(struct scene *) = {
        many_endpoints_come_and_go,
        many_bindings_come_and_go,
        held_connections_always_come_back,
        limits_hold_when_memory_is_short,
        users_come_and_go,
    };
    size_t blocks = allocation_live_blocks();

    memset(scene->fds, 0, sizeof(scene->fds));
    scene->next_fd = 0;
    scene->now = 1000;
    allocation_fail_at(n, and_later);
    if (scene_open(&scene->cache)) {
        for (size_t i = 0; i < SC_COUNT_OF(acts); i++)
            acts[i](scene);
        scene_close(scene);
    }
    bool failed = allocation_has_failed();
    allocation_fail_at(0, false);
    assert_int_equal(allocation_live_blocks(), blocks);
    return failed;
}

static void play_until_clean(bool and_later)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    size_t n = 1;

    assert_non_null(scene);
    while (play(scene, n, and_later)) {
        assert_true(n < SCENES_MOST);
        n++;
    }
    print_message("%zu allocations, each failed once, made %zu calls fail\n", n - 1,
                  scene->failures);
    assert_true(n > 300);
    assert_true(scene->failures > n / 2);
    free(scene);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    play_until_clean(false);
}

static void all_allocations_may_fail_from_one_on(void **state)
{
    (void)state;
    play_until_clean(true);
}

/* A caller that makes room after a failure gets its connection in. */
static void save_works_again_when_there_is_memory(void **state)
{
    struct cache *c = *state;

    cache_save(c->space, 0, 100, "E", 3);
    allocation_fail_at(1, false);
    assert_int_equal(
        sc_store_save_connection(
            c->space, 1, &(struct sc_saving){.ttl = 100, .endpoint = SC_BYTES("F"), .fd = 4}),
        -ENOMEM);
    assert_true(sc_store_evict(c->store, NULL, SC_END_DESCRIPTORS));
    assert_int_equal(cache_reap(c), 3);
    cache_save(c->space, 1, 100, "F", 4);
    assert_int_equal(cache_take(c->space, 2, "F"), 4);
}

/*
 * A connection that is taken and saved again finds its endpoint as it left
 * it; with cookies or without, alone or beside another user.
 */
static void steady_state_needs_no_memory(void **state)
{
    struct cache *c = *state;
    char name[16];

    for (int with_cookies = 0; with_cookies < 2; with_cookies++) {
        cache_limit(c, (struct sc_store_limits){.lifetime_limit = with_cookies ? 100000 : 0});
        for (int i = 0; i < 100; i++) {
            numbered(name, "E", i);
            assert_int_equal(
                cache_try_save(c->space, 0, 1000, name, i, (uint64_t)i * (uint64_t)with_cookies),
                0);
            cache_bind(c->space, 0, 1000, "D", "p", name);
        }
        for (int i = 0; i < 1000; i++) {
            if (i == 100)
                allocation_fail_at(1, true);
            assert_int_equal(cache_take(c->space, 1, numbered(name, "E", i % 100)), i % 100);
            assert_int_equal(cache_try_save(c->space, 1, 1000, name, i % 100,
                                            (uint64_t)(i % 100) * (uint64_t)with_cookies),
                             0);
            cache_bind(c->space, 1, 1000, "D", "p", name);
        }
        assert_false(allocation_has_failed());
        allocation_fail_at(0, false);
        cache_clear(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(all_allocations_may_fail_from_one_on),
        cmocka_unit_test_setup_teardown(save_works_again_when_there_is_memory, cache_setup,
                                        cache_teardown),
        cmocka_unit_test_setup_teardown(steady_state_needs_no_memory, cache_setup, cache_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
