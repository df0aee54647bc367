/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_ENTRY_H
#define SC_STORE_ENTRY_H

/*
 * How the store is laid out; private to this room.
 *
 * Expiry is a tournament of heaps: an endpoint's heap has all its
 * connections, its space's heap every endpoint that has one, the store's heap
 * every space that has such an endpoint. What stands in a higher heap has the
 * key of the first of its own, a copy. So the connection that expires first
 * is known for an endpoint, a space and the whole store, at the price of one
 * heap, and a limit of any scope finds whom it asks to make room.
 *
 * An endpoint exists while it has a connection, a binding, or a connection
 * that is held; a destination while it has a binding.
 *
 * A held connection can always be put back: while it is out, its place in the
 * endpoint's heap stays reserved, and an endpoint has a place in its space's
 * heap, and a space in the store's, for as long as they exist.
 *
 * Among a million entries time goes by waits for memory, one after the other.
 * So a table leads to an entry without touching another, and the entry has at
 * its beginning all that leads on: to its line and to its place in a heap.
 */

#include <assert.h>
#include <sys/queue.h>

#include "base/heap.h"
#include "base/pool.h"
#include "base/table.h"
#include "store/store.h"

struct sc_endpoint;
struct sc_destination;

struct sc_connection {
    struct sc_heap_key key;       /* and the length of the property */
    struct sc_endpoint *endpoint; /* null when it has left for good, unless it lies in there */
    TAILQ_ENTRY(sc_connection) link;
    int64_t saved;
    int fd;
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

/*
 * An endpoint that a connection brings into being has a room for it, behind
 * the label: the two are mostly needed together. The room serves again for
 * any that fits. An endpoint that nothing uses any more is gone from the
 * table; its memory stays until the connection in its room has been reaped.
 */
enum sc_room { SC_ROOM_NONE, SC_ROOM_FREE, SC_ROOM_TAKEN };

struct sc_endpoint {
    struct sc_heap_key key; /* its first connection's, and the longest property for the room */
    struct sc_connection_line line;
    struct sc_heap connections;
    struct sc_space *space;
    uint32_t held;
    uint32_t bindings;
    uint8_t room;
    bool gone;
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

static_assert(sizeof(struct sc_destination) == offsetof(struct sc_destination, label.bytes),
              "no gap");

struct sc_space {
    struct sc_heap_key key; /* its first endpoint's, while it has one */
    struct sc_store *store;
    LIST_ENTRY(sc_space) link;
    struct sc_table endpoints;
    struct sc_table destinations;
    struct sc_heap live_endpoints; /* that have a connection */
    size_t connections;
};

struct sc_store {
    unsigned char key[SC_STORE_KEY_LENGTH];
    struct sc_store_limits limits;
    struct sc_store_sizes sizes;
    struct sc_space_list spaces;
    size_t space_count;
    struct sc_heap live_spaces; /* that have a connection */
    struct sc_heap bindings;    /* all */
    struct sc_connection_line reaped;
    uint64_t serial;
    struct sc_endpoint *bound; /* last, if it still exists */
    struct sc_pool pool;       /* of endpoints, connections, destinations and bindings */
};

uint32_t sc_store_hash(const struct sc_store *store, struct sc_bytes label);

/*
 * The endpoint with this label and its hash; null: no memory. One that has to
 * be created gets a room for a connection with such a property, if not null.
 */
SC_MUST_CHECK struct sc_endpoint *sc_endpoint_get(struct sc_space *space, uint32_t hash,
                                                  struct sc_bytes label,
                                                  const struct sc_bytes *property);

/* The same, but null when there is none. */
struct sc_endpoint *sc_endpoint_lookup(const struct sc_space *space, uint32_t hash,
                                       struct sc_bytes label);

/* Frees an endpoint that nothing uses any more. */
void sc_endpoint_settle(struct sc_endpoint *endpoint);

/* Memory for a connection of an endpoint, in its room if that is free and large enough. */
SC_MUST_CHECK struct sc_connection *sc_connection_alloc(struct sc_endpoint *endpoint,
                                                        size_t property_length);

/* Forgets a connection that is in no line any more. */
void sc_connection_free(struct sc_store *store, struct sc_connection *connection);

bool sc_connection_lies_in_room(const struct sc_connection *connection);

/* Takes the first usable connection of an endpoint's line; null: none. */
SC_MUST_CHECK struct sc_connection *sc_endpoint_find(struct sc_endpoint *endpoint,
                                                     const struct sc_store_judge *judge);

/* Takes a cached connection out of its endpoint and sends it to be reaped. */
void sc_connection_evict(struct sc_connection *connection);

void sc_binding_drop(struct sc_binding *binding);

/* The connection that expires first, or null. */
struct sc_connection *sc_endpoint_first(const struct sc_endpoint *endpoint);
struct sc_connection *sc_space_first(const struct sc_space *space);
struct sc_connection *sc_store_first(const struct sc_store *store);

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
