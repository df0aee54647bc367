/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdalign.h>

#include "store/entry.h"

static size_t endpoint_size_of_connection(size_t property_length)
{
    return sizeof(struct sc_connection) + property_length;
}

/* Where the room begins, or would. */
static size_t endpoint_room_at(size_t label_length)
{
    size_t end = offsetof(struct sc_endpoint, label.bytes) + label_length;

    return (end + alignof(struct sc_connection) - 1) & ~(alignof(struct sc_connection) - 1);
}

static struct sc_connection *endpoint_room_of(struct sc_endpoint *endpoint)
{
    return (struct sc_connection *)(void *)((char *)endpoint +
                                            endpoint_room_at(endpoint->label.length));
}

bool sc_connection_lies_in_room(const struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;

    return endpoint && endpoint->room == SC_ROOM_TAKEN && endpoint_room_of(endpoint) == connection;
}

/* The space of one that is gone may be gone too. */
static void endpoint_free(struct sc_store *store, struct sc_endpoint *endpoint)
{
    size_t size = endpoint_room_at(endpoint->label.length);

    if (endpoint->room != SC_ROOM_NONE)
        size += endpoint_size_of_connection(endpoint->key.text_length);
    sc_pool_free(&store->pool, endpoint, size);
}

static struct sc_endpoint *endpoint_alloc(struct sc_space *space, struct sc_bytes label,
                                          const struct sc_bytes *property)
{
    size_t size = endpoint_room_at(label.length);
    size_t room = property ? endpoint_size_of_connection(property->length) : 0;

    /* What is large is not to outlive its use. */
    if (size + room > SC_POOL_MOST)
        room = 0;
    struct sc_endpoint *endpoint = sc_pool_alloc(&space->store->pool, size + room);
    if (!endpoint)
        return NULL;
    *endpoint = (struct sc_endpoint){.space = space};
    if (room > 0) {
        endpoint->room = SC_ROOM_FREE;
        endpoint->key.text_length = (uint32_t)property->length;
    }
    return endpoint;
}

static struct sc_endpoint *endpoint_new(struct sc_space *space, uint32_t hash,
                                        struct sc_bytes label, const struct sc_bytes *property)
{
    /* Its place in the heap of its space, for as long as it exists. */
    if (sc_heap_reserve(&space->live_endpoints, space->endpoints.labels + 1) < 0)
        return NULL;
    struct sc_endpoint *endpoint = endpoint_alloc(space, label, property);
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

struct sc_connection *sc_connection_alloc(struct sc_endpoint *endpoint, size_t property_length)
{
    if (endpoint->room == SC_ROOM_FREE && property_length <= endpoint->key.text_length) {
        endpoint->room = SC_ROOM_TAKEN;
        return endpoint_room_of(endpoint);
    }
    return sc_pool_alloc(&endpoint->space->store->pool,
                         endpoint_size_of_connection(property_length));
}

void sc_connection_free(struct sc_store *store, struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;

    if (!sc_connection_lies_in_room(connection)) {
        sc_pool_free(&store->pool, connection,
                     endpoint_size_of_connection(connection->key.text_length));
        return;
    }
    endpoint->room = SC_ROOM_FREE;
    if (endpoint->gone)
        endpoint_free(store, endpoint);
}

struct sc_endpoint *sc_endpoint_lookup(const struct sc_space *space, uint32_t hash,
                                       struct sc_bytes label)
{
    struct sc_label *found = sc_table_find(&space->endpoints, hash, label);

    return found ? SC_CONTAINER_OF(found, struct sc_endpoint, label) : NULL;
}

struct sc_endpoint *sc_endpoint_get(struct sc_space *space, uint32_t hash, struct sc_bytes label,
                                    const struct sc_bytes *property)
{
    struct sc_endpoint *endpoint = sc_endpoint_lookup(space, hash, label);

    return endpoint ? endpoint : endpoint_new(space, hash, label, property);
}

void sc_endpoint_settle(struct sc_endpoint *endpoint)
{
    struct sc_space *space = endpoint->space;
    size_t needed = endpoint->connections.count + endpoint->held;

    sc_heap_trim(&endpoint->connections, needed);
    if (needed > 0 || endpoint->bindings > 0)
        return;
    if (space->store->bound == endpoint)
        space->store->bound = NULL;
    sc_table_remove(&space->endpoints, &endpoint->label);
    sc_heap_fini(&endpoint->connections);
    if (endpoint->room == SC_ROOM_TAKEN)
        endpoint->gone = true;
    else
        endpoint_free(space->store, endpoint);
    sc_heap_trim(&space->live_endpoints, space->endpoints.labels);
}

struct sc_connection *sc_endpoint_first(const struct sc_endpoint *endpoint)
{
    struct sc_heap_key *first = sc_heap_top(&endpoint->connections);

    return first ? SC_CONTAINER_OF(first, struct sc_connection, key) : NULL;
}

struct sc_connection *sc_space_first(const struct sc_space *space)
{
    struct sc_heap_key *first = sc_heap_top(&space->live_endpoints);

    return first ? sc_endpoint_first(SC_CONTAINER_OF(first, struct sc_endpoint, key)) : NULL;
}

struct sc_connection *sc_store_first(const struct sc_store *store)
{
    struct sc_heap_key *first = sc_heap_top(&store->live_spaces);

    return first ? sc_space_first(SC_CONTAINER_OF(first, struct sc_space, key)) : NULL;
}
