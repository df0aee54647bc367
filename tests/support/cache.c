/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Short forms of the store's calls, which fail the test where the store fails. A descriptor is a
 * number here: nothing is opened or closed.
 */
#include "support/check.h"

#include "support/cache.h"

#include <stdio.h>
#include <stdlib.h>

void cache_open(struct cache *cache, const struct sc_store_limits *limits)
{
    static const unsigned char key[SC_STORE_KEY_LENGTH] = "0123456789abcde";

    assert_int_equal(sc_store_new(&cache->store, key, limits, NULL), 0);
    assert_int_equal(sc_space_new(&cache->space, cache->store, 1), 0);
    assert_int_equal(sc_space_new(&cache->other, cache->store, 2), 0);
}

int cache_reap(struct cache *cache)
{
    struct sc_reaped reaped;

    return sc_store_reap(cache->store, &reaped) ? reaped.fd : -1;
}

void cache_expire(struct cache *cache, int64_t now)
{
    assert_false(sc_store_expire(cache->store, now, SIZE_MAX));
}

void cache_clear(struct cache *cache)
{
    sc_store_clear(cache->store, SC_END_CLOSED);
}

void cache_limit(struct cache *cache, struct sc_store_limits limits)
{
    sc_store_set_limits(cache->store, &limits);
    assert_false(sc_store_settle(cache->store, INT64_MIN, SIZE_MAX));
}

void cache_close(struct cache *cache)
{
    cache_clear(cache);
    while (cache_reap(cache) >= 0)
        continue;
    assert_sizes(cache->store, 0, 0, 0, 0);
    assert_int_equal(sc_store_sizes(cache->store).held, 0);
    assert_true(sc_space_is_empty(cache->space));
    assert_true(sc_space_is_empty(cache->other));
    sc_space_free(cache->space);
    sc_space_free(cache->other);
    sc_store_free(cache->store);
}

int cache_setup(void **state)
{
    struct cache *cache = malloc(sizeof(*cache));

    assert_non_null(cache);
    cache_open(cache, &(struct sc_store_limits){0});
    *state = cache;
    return 0;
}

int cache_teardown(void **state)
{
    cache_close(*state);
    free(*state);
    return 0;
}

int cache_try_save(struct sc_space *space, int64_t now, int64_t ttl, const char *endpoint, int fd,
                   uint64_t cookie)
{
    char property[16];

    snprintf(property, sizeof(property), "%d", fd);
    const struct sc_saving saving = {
        .ttl = ttl,
        .endpoint = sc_bytes_of(endpoint),
        .property = sc_bytes_of(property),
        .fd = fd,
        .cookie = cookie,
    };
    return sc_store_save_connection(space, now, &saving);
}

void cache_save(struct sc_space *space, int64_t now, int64_t ttl, const char *endpoint, int fd)
{
    assert_int_equal(cache_try_save(space, now, ttl, endpoint, fd, 0), 0);
}

int cache_try_bind(struct sc_space *space, int64_t now, int64_t ttl, const char *destination,
                   const char *property, const char *endpoint)
{
    return sc_store_save_binding(space, now, ttl, sc_bytes_of(destination), sc_bytes_of(property),
                                 sc_bytes_of(endpoint));
}

void cache_bind(struct sc_space *space, int64_t now, int64_t ttl, const char *destination,
                const char *property, const char *endpoint)
{
    assert_int_equal(cache_try_bind(space, now, ttl, destination, property, endpoint), 0);
}

/* What was found must be whole: the property was made from the descriptor. */
static int keep(struct sc_connection *connection, int64_t now)
{
    char property[16];

    if (!connection)
        return -1;
    snprintf(property, sizeof(property), "%d", sc_connection_descriptor(connection));
    assert_true(sc_bytes_equal(sc_connection_property(connection), sc_bytes_of(property)));
    return sc_connection_steal(connection, now);
}

int cache_take(struct sc_space *space, int64_t now, const char *endpoint)
{
    struct sc_connection *found = sc_store_find_endpoint(space, now, sc_bytes_of(endpoint));

    if (found)
        assert_true(sc_bytes_equal(sc_connection_endpoint(found), sc_bytes_of(endpoint)));
    return keep(found, now);
}

int cache_take_by(struct sc_space *space, int64_t now, const char *destination,
                  const char *property)
{
    struct sc_bytes its = {0};
    struct sc_connection *found =
        sc_store_find_destination(space, now, sc_bytes_of(destination), &its);

    if (found && property)
        assert_true(sc_bytes_equal(its, sc_bytes_of(property)));
    return keep(found, now);
}

struct sc_connection *cache_hold(struct sc_space *space, int64_t now, const char *endpoint)
{
    struct sc_connection *found = sc_store_find_endpoint(space, now, sc_bytes_of(endpoint));

    assert_non_null(found);
    return found;
}
