/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints as places that exist while something needs them, and memory for
 * what lies in them. Which connection enters and leaves, and when, is not
 * decided here.
 */
#include "store/endpoint.h"

#include <stdalign.h>

#include "store/hash.h"

/* Where the room begins, or would. */
static size_t endpoint_room_at(size_t label_length)
{
    size_t end = SC_LABEL_START(struct sc_endpoint) + label_length;

    return (end + alignof(struct sc_connection) - 1) & ~(alignof(struct sc_connection) - 1);
}

static const void *endpoint_room_of(const struct sc_endpoint *endpoint)
{
    return (const char *)endpoint + endpoint_room_at(endpoint->label.length);
}

bool sc_endpoint_has_inside(const struct sc_endpoint *endpoint,
                            const struct sc_connection *connection)
{
    return endpoint->room == SC_ROOM_TAKEN && endpoint_room_of(endpoint) == connection;
}

/* The space of one that is gone may be gone too. */
static void endpoint_free(struct sc_store *store, struct sc_endpoint *endpoint)
{
    size_t size = endpoint_room_at(endpoint->label.length) + endpoint->room_size;

    sc_pool_free(&store->pool, endpoint, size);
}

static struct sc_endpoint *endpoint_alloc(struct sc_space *space, struct sc_bytes label,
                                          size_t room_size)
{
    size_t size = endpoint_room_at(label.length);

    /* What is large is not to outlive its use. */
    if (size + room_size > SC_POOL_MOST)
        room_size = 0;
    struct sc_endpoint *endpoint = sc_pool_alloc(&space->store->pool, size + room_size);
    if (!endpoint)
        return NULL;
    *endpoint = (struct sc_endpoint){
        .space = space,
        .room_size = (uint16_t)room_size,
        .room = room_size > 0 ? SC_ROOM_FREE : SC_ROOM_NONE,
    };
    return endpoint;
}

static struct sc_endpoint *endpoint_new(struct sc_space *space, uint32_t hash,
                                        struct sc_bytes label, size_t room_size)
{
    /* Its place in the heap of its space, for as long as it exists. */
    if (sc_heap_reserve(&space->endpoint_rank.live, space->endpoints.labels + 1) < 0)
        return NULL;
    struct sc_endpoint *endpoint = endpoint_alloc(space, label, room_size);
    if (!endpoint)
        return NULL;
    TAILQ_INIT(&endpoint->line);
    sc_heap_init(&endpoint->connections);
    sc_label_init(&endpoint->label, hash, label);
    if (sc_table_add(&space->endpoints, &endpoint->label) < 0) {
        endpoint_free(space->store, endpoint);
        return NULL;
    }
    return endpoint;
}

/* Looking up neither makes nor keeps anything. */
struct sc_endpoint *sc_endpoint_find(const struct sc_space *space, uint32_t hash,
                                     struct sc_bytes label)
{
    struct sc_label *found = sc_table_find(&space->endpoints, hash, label);

    return found ? SC_CONTAINER_OF(found, struct sc_endpoint, label) : NULL;
}

struct sc_endpoint *sc_endpoint_get(struct sc_space *space, uint32_t hash, struct sc_bytes label,
                                    size_t room_size)
{
    struct sc_endpoint *endpoint = sc_endpoint_find(space, hash, label);

    return endpoint ? endpoint : endpoint_new(space, hash, label, room_size);
}

void sc_endpoint_settle(struct sc_endpoint *endpoint)
{
    struct sc_space *space = endpoint->space;
    size_t needed = (size_t)endpoint->connections.count + endpoint->held;

    sc_heap_trim(&endpoint->connections, needed);
    if (needed > 0 || endpoint->bindings > 0)
        return;
    if (space->store->bound == endpoint)
        space->store->bound = NULL;
    sc_table_remove(&space->endpoints, &endpoint->label);
    sc_heap_fini(&endpoint->connections);
    /* Whoever reaps the connection in its room frees it then. */
    if (endpoint->room == SC_ROOM_TAKEN)
        endpoint->gone = true;
    else
        endpoint_free(space->store, endpoint);
    sc_heap_trim(&space->endpoint_rank.live, space->endpoints.labels);
}

void *sc_endpoint_alloc_connection(struct sc_endpoint *endpoint, size_t size)
{
    if (endpoint->room == SC_ROOM_FREE && size <= endpoint->room_size) {
        endpoint->room = SC_ROOM_TAKEN;
        return (char *)endpoint + endpoint_room_at(endpoint->label.length);
    }
    return sc_pool_alloc(&endpoint->space->store->pool, size);
}

void sc_endpoint_free_connection(struct sc_store *store, struct sc_connection *connection,
                                 size_t size)
{
    struct sc_endpoint *endpoint = connection->endpoint;

    if (!endpoint || !sc_endpoint_has_inside(endpoint, connection)) {
        sc_pool_free(&store->pool, connection, size);
        return;
    }
    endpoint->room = SC_ROOM_FREE;
    if (endpoint->gone)
        endpoint_free(store, endpoint);
}

struct sc_space *sc_endpoint_space(const struct sc_endpoint *endpoint)
{
    return endpoint->space;
}

struct sc_bytes sc_endpoint_label(const struct sc_endpoint *endpoint)
{
    return sc_label_bytes(&endpoint->label);
}

size_t sc_endpoint_connections(const struct sc_endpoint *endpoint)
{
    return endpoint->connections.count;
}

uint32_t *sc_endpoint_place(struct sc_endpoint *endpoint)
{
    return &endpoint->place;
}

uint32_t *sc_store_endpoint_place(struct sc_space *space, struct sc_bytes label)
{
    struct sc_endpoint *endpoint =
        sc_endpoint_find(space, sc_hash_label(space->store, label), label);

    return endpoint ? &endpoint->place : NULL;
}
