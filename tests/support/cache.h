/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_CACHE_H
#define SC_TESTS_CACHE_H

/*
 * A store for a test to play with, and the store's calls in the short form
 * that keeps a test readable: C strings for bytes, made-up numbers for
 * descriptors, since the store only hands them on.
 *
 * cache_setup and cache_teardown are cmocka's fixture. The teardown expects
 * that the test has let go of every connection that it held.
 */

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct cache {
    struct sc_store *store;
    struct sc_space *space;
    struct sc_space *other; /* another user's */
};

int cache_setup(void **state);
int cache_teardown(void **state);

/* The fixture's parts, for tests that bring their own. */
void cache_open(struct cache *cache, const struct sc_store_limits *limits);
void cache_close(struct cache *cache);

/* The next descriptor to be closed, or -1. */
int cache_reap(struct cache *cache);

/* Removes all that has expired. */
void cache_expire(struct cache *cache, int64_t now);

void cache_clear(struct cache *cache);

/* Sets limits, and removes all that is over them. */
void cache_limit(struct cache *cache, struct sc_store_limits limits);

/* Saves a connection whose property is its descriptor's number; 0 or -ENOBUFS, or -ENOMEM. */
int cache_try_save(struct sc_space *space, int64_t now, int64_t ttl, const char *endpoint, int fd,
                   uint64_t cookie);
int cache_try_bind(struct sc_space *space, int64_t now, int64_t ttl, const char *destination,
                   const char *property, const char *endpoint);

/* The same, which must succeed, without a cookie. */
void cache_save(struct sc_space *space, int64_t now, int64_t ttl, const char *endpoint, int fd);

void cache_bind(struct sc_space *space, int64_t now, int64_t ttl, const char *destination,
                const char *property, const char *endpoint);

/* Finds a connection and keeps it; the descriptor, or -1: a miss. */
int cache_take(struct sc_space *space, int64_t now, const char *endpoint);

/*
 * The same by a destination. The binding's property must be the one that is
 * expected, if any is.
 */
int cache_take_by(struct sc_space *space, int64_t now, const char *destination,
                  const char *property);

/* Finds a connection, which must be there, and holds it. */
struct sc_connection *cache_hold(struct sc_space *space, int64_t now, const char *endpoint);

/* Fails the test unless the sizes are these. */
#define assert_sizes(store, connections_, endpoints_, bindings_, destinations_)                    \
    do {                                                                                           \
        struct sc_store_sizes sizes_ = sc_store_sizes(store);                                      \
        assert_int_equal(sizes_.connections, connections_);                                        \
        assert_int_equal(sizes_.endpoints, endpoints_);                                            \
        assert_int_equal(sizes_.bindings, bindings_);                                              \
        assert_int_equal(sizes_.destinations, destinations_);                                      \
    } while (0)

#endif
