/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_ENTRY_H
#define SC_STORE_ENTRY_H

/*
 * How the store is laid out; private to this room.
 *
 * Expiry is a tournament of heaps: an endpoint's heap has all its
 * connections, its space's heap has the first of every endpoint, the store's
 * heap the first of every space. So the connection that expires first is
 * known for an endpoint, a space and the whole store, at the price of one
 * heap, and a limit of any scope finds whom it asks to make room.
 *
 * An endpoint exists while it has a connection, a binding, or a connection
 * that is held; a destination while it has a binding.
 *
 * A held connection can always be put back: while it is out, its place in the
 * endpoint's heap stays reserved, and an endpoint has a place in its space's
 * heap, and a space in the store's, for as long as they exist.
 */

#include <assert.h>
#include <sys/queue.h>

#include "store/heap.h"
#include "store/store.h"
#include "store/table.h"

/* Which heap of the tournament; bindings have one heap for the whole store. */
enum { LEVEL_ENDPOINT, LEVEL_SPACE, LEVEL_STORE, LEVEL_BINDING = 0 };

struct sc_endpoint;
struct sc_destination;

struct sc_connection {
    struct sc_heap_key key;       /* and the length of the property */
    struct sc_endpoint *endpoint; /* null when on the way to be reaped */
    TAILQ_ENTRY(sc_connection) link;
    int64_t saved;
    struct sc_asset asset;
    char property[];
};

struct sc_binding {
    struct sc_heap_key key; /* and the length of the property */
    struct sc_endpoint *endpoint;
    TAILQ_ENTRY(sc_binding) link;
    int64_t saved;
    struct sc_destination *destination;
    char property[];
};

TAILQ_HEAD(sc_connection_line, sc_connection);
TAILQ_HEAD(sc_binding_line, sc_binding);
LIST_HEAD(sc_space_list, sc_space);

/* The text of an entry follows its structure without a gap. */
static_assert(sizeof(struct sc_connection) == offsetof(struct sc_connection, property), "no gap");
static_assert(sizeof(struct sc_binding) == offsetof(struct sc_binding, property), "no gap");

struct sc_endpoint {
    struct sc_space *space;
    struct sc_connection_line line;
    struct sc_heap connections;
    uint32_t held;
    uint32_t bindings;
    struct sc_label label; /* last: its bytes follow */
};

struct sc_destination {
    struct sc_space *space;
    struct sc_binding_line line;
    uint64_t lookups;
    uint64_t hits;
    size_t bindings;
    struct sc_label label; /* last: its bytes follow */
};

static_assert(sizeof(struct sc_endpoint) == offsetof(struct sc_endpoint, label.bytes), "no gap");
static_assert(sizeof(struct sc_destination) == offsetof(struct sc_destination, label.bytes),
              "no gap");

struct sc_space {
    struct sc_store *store;
    LIST_ENTRY(sc_space) link;
    struct sc_table endpoints;
    struct sc_table destinations;
    struct sc_heap first_connections;
    size_t connections;
};

struct sc_store {
    unsigned char key[SC_STORE_KEY_LENGTH];
    struct sc_store_limits limits;
    struct sc_store_sizes sizes;
    struct sc_space_list spaces;
    size_t space_count;
    struct sc_heap first_connections; /* of every space */
    struct sc_heap bindings;          /* all */
    struct sc_connection_line reaped;
    uint64_t serial;
};

uint32_t sc_store_hash(const struct sc_store *store, struct sc_bytes label);

/* The endpoint with this label, created when there is none; null: no memory. */
SC_MUST_CHECK struct sc_endpoint *sc_endpoint_get(struct sc_space *space, struct sc_bytes label);

/* Frees an endpoint that nothing uses any more. */
void sc_endpoint_settle(struct sc_endpoint *endpoint);

/* Takes the first usable connection of an endpoint's line; null: none. */
SC_MUST_CHECK struct sc_connection *sc_endpoint_find(struct sc_endpoint *endpoint,
                                                     const struct sc_store_judge *judge);

/* Takes a cached connection out of its endpoint and sends it to be reaped. */
void sc_connection_evict(struct sc_connection *connection);

void sc_binding_drop(struct sc_binding *binding);

static inline struct sc_connection *sc_connection_of(struct sc_heap_key *key)
{
    return key ? SC_CONTAINER_OF(key, struct sc_connection, key) : NULL;
}

static inline struct sc_binding *sc_binding_of(struct sc_heap_key *key)
{
    return key ? SC_CONTAINER_OF(key, struct sc_binding, key) : NULL;
}

/* The sum, or the end of time. */
static inline int64_t sc_expiry(int64_t now, int64_t ttl)
{
    return ttl > INT64_MAX - now ? INT64_MAX : now + ttl;
}

#endif
