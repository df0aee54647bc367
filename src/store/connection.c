/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "store/entry.h"

/*
 * The first of a lower heap, changed from one connection to another, takes
 * part in the next higher heap.
 */
static void promote(struct sc_heap *heap, int level, struct sc_heap_key *old,
                    struct sc_heap_key *first)
{
    if (old == first)
        return;
    if (!old)
        sc_heap_push(heap, level, first);
    else if (!first)
        sc_heap_remove(heap, level, old);
    else
        sc_heap_replace(heap, level, old, first);
}

/* Carries a change of the endpoint's first connection up the tournament. */
static void first_changed(struct sc_endpoint *endpoint, struct sc_heap_key *old)
{
    struct sc_space *space = endpoint->space;
    struct sc_heap_key *old_of_space = sc_heap_top(&space->first_connections);

    promote(&space->first_connections, LEVEL_SPACE, old, sc_heap_top(&endpoint->connections));
    promote(&space->store->first_connections, LEVEL_STORE, old_of_space,
            sc_heap_top(&space->first_connections));
}

static size_t text_of(const struct sc_connection *connection)
{
    return (size_t)connection->endpoint->label.length + connection->key.text_length;
}

static void enter(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_store *store = endpoint->space->store;
    struct sc_heap_key *old = sc_heap_top(&endpoint->connections);

    if (!old)
        store->sizes.endpoints++;
    store->sizes.connections++;
    store->sizes.connection_text += text_of(connection);
    endpoint->space->connections++;
    sc_heap_push(&endpoint->connections, LEVEL_ENDPOINT, &connection->key);
    first_changed(endpoint, old);
}

static void leave(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_store *store = endpoint->space->store;
    struct sc_heap_key *old = sc_heap_top(&endpoint->connections);

    TAILQ_REMOVE(&endpoint->line, connection, link);
    sc_heap_remove(&endpoint->connections, LEVEL_ENDPOINT, &connection->key);
    first_changed(endpoint, old);
    endpoint->space->connections--;
    store->sizes.connections--;
    store->sizes.connection_text -= text_of(connection);
    if (TAILQ_EMPTY(&endpoint->line))
        store->sizes.endpoints--;
}

static struct sc_endpoint *endpoint_new(struct sc_space *space, uint32_t hash,
                                        struct sc_bytes label)
{
    /* Its place among the first connections, for as long as it exists. */
    if (sc_heap_reserve(&space->first_connections, space->endpoints.labels + 1) < 0)
        return NULL;
    struct sc_endpoint *endpoint = malloc(sizeof(*endpoint) + label.length);
    if (!endpoint)
        return NULL;
    *endpoint = (struct sc_endpoint){.space = space};
    TAILQ_INIT(&endpoint->line);
    sc_heap_init(&endpoint->connections);
    endpoint->label.hash = hash;
    endpoint->label.length = (uint32_t)label.length;
    if (label.length > 0)
        memcpy(endpoint->label.bytes, label.data, label.length);
    if (sc_table_add(&space->endpoints, &endpoint->label) < 0) {
        free(endpoint);
        return NULL;
    }
    return endpoint;
}

static struct sc_endpoint *endpoint_find(const struct sc_space *space, uint32_t hash,
                                         struct sc_bytes label)
{
    struct sc_label *found = sc_table_find(&space->endpoints, hash, label);

    return found ? SC_CONTAINER_OF(found, struct sc_endpoint, label) : NULL;
}

struct sc_endpoint *sc_endpoint_get(struct sc_space *space, struct sc_bytes label)
{
    uint32_t hash = sc_store_hash(space->store, label);
    struct sc_endpoint *endpoint = endpoint_find(space, hash, label);

    return endpoint ? endpoint : endpoint_new(space, hash, label);
}

void sc_endpoint_settle(struct sc_endpoint *endpoint)
{
    struct sc_space *space = endpoint->space;
    size_t needed = endpoint->connections.count + endpoint->held;

    sc_heap_trim(&endpoint->connections, needed);
    if (needed > 0 || endpoint->bindings > 0)
        return;
    sc_table_remove(&space->endpoints, &endpoint->label);
    sc_heap_fini(&endpoint->connections);
    free(endpoint);
    sc_heap_trim(&space->first_connections, space->endpoints.labels);
}

static void reap(struct sc_store *store, struct sc_connection *connection)
{
    connection->endpoint = NULL;
    TAILQ_INSERT_TAIL(&store->reaped, connection, link);
}

void sc_connection_evict(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;

    leave(connection);
    reap(endpoint->space->store, connection);
    sc_endpoint_settle(endpoint);
}

static void evict_first(const struct sc_heap *heap)
{
    sc_connection_evict(sc_connection_of(sc_heap_top(heap)));
}

/* Keeps room for one more of so much text, within each limit; the endpoint is in use. */
static void make_room(struct sc_endpoint *endpoint, size_t text)
{
    struct sc_space *space = endpoint->space;
    struct sc_store *store = space->store;
    const struct sc_store_limits *limits = &store->limits;

    while (limits->connections_of_endpoint > 0 &&
           endpoint->connections.count >= limits->connections_of_endpoint)
        evict_first(&endpoint->connections);
    while (limits->connections_of_space > 0 && space->connections >= limits->connections_of_space)
        evict_first(&space->first_connections);
    while (limits->connections > 0 && store->sizes.connections >= limits->connections)
        evict_first(&store->first_connections);
    while (limits->text > 0 && store->sizes.connections > 0 &&
           store->sizes.connection_text + text > limits->text)
        evict_first(&store->first_connections);
}

static struct sc_connection *connection_new(struct sc_endpoint *endpoint, struct sc_bytes property,
                                            struct sc_asset asset)
{
    struct sc_connection *connection;

    if (sc_heap_reserve(&endpoint->connections,
                        (size_t)endpoint->connections.count + endpoint->held + 1) < 0)
        return NULL;
    connection = malloc(sizeof(*connection) + property.length);
    if (!connection)
        return NULL;
    connection->endpoint = endpoint;
    connection->asset = asset;
    connection->key.text_length = (uint32_t)property.length;
    if (property.length > 0)
        memcpy(connection->property, property.data, property.length);
    return connection;
}

int sc_store_save_connection(struct sc_space *space, int64_t now, int64_t ttl,
                             struct sc_bytes endpoint_label, struct sc_bytes property,
                             struct sc_asset asset)
{
    struct sc_store *store = space->store;

    sc_store_expire(store, now);
    struct sc_endpoint *endpoint = sc_endpoint_get(space, endpoint_label);
    if (!endpoint)
        return -ENOMEM;
    struct sc_connection *connection = connection_new(endpoint, property, asset);
    if (!connection) {
        sc_endpoint_settle(endpoint);
        return -ENOMEM;
    }
    connection->saved = now;
    connection->key.expires = sc_expiry(now, ttl);
    connection->key.serial = store->serial++;
    endpoint->held++; /* Keeps it while others make room. */
    make_room(endpoint, text_of(connection));
    endpoint->held--;
    TAILQ_INSERT_TAIL(&endpoint->line, connection, link);
    enter(connection);
    return 0;
}

static struct sc_connection *next_of(const struct sc_endpoint *endpoint)
{
    if (endpoint->space->store->limits.newest_first)
        return TAILQ_LAST(&endpoint->line, sc_connection_line);
    return TAILQ_FIRST(&endpoint->line);
}

struct sc_connection *sc_endpoint_find(struct sc_endpoint *endpoint,
                                       const struct sc_store_judge *judge)
{
    struct sc_connection *connection = NULL;

    endpoint->held++; /* Keeps it while unusable ones leave. */
    while ((connection = next_of(endpoint)) && judge && !judge->usable(judge->context, connection))
        sc_connection_evict(connection);
    if (!connection) {
        endpoint->held--;
        return NULL;
    }
    leave(connection);
    endpoint->space->store->sizes.held++;
    return connection;
}

struct sc_connection *sc_store_find_endpoint(struct sc_space *space, int64_t now,
                                             struct sc_bytes label,
                                             const struct sc_store_judge *judge)
{
    struct sc_store *store = space->store;

    sc_store_expire(store, now);
    struct sc_endpoint *endpoint = endpoint_find(space, sc_store_hash(store, label), label);
    if (!endpoint)
        return NULL;
    struct sc_connection *connection = sc_endpoint_find(endpoint, judge);
    if (!connection)
        sc_endpoint_settle(endpoint);
    return connection;
}

struct sc_asset sc_connection_asset(const struct sc_connection *connection)
{
    return connection->asset;
}

struct sc_bytes sc_connection_endpoint(const struct sc_connection *connection)
{
    return sc_label_bytes(&connection->endpoint->label);
}

struct sc_bytes sc_connection_property(const struct sc_connection *connection)
{
    return (struct sc_bytes){connection->property, connection->key.text_length};
}

/* Ends the holding of a connection; its endpoint is not settled yet. */
static struct sc_endpoint *let_go(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;

    assert(endpoint->held > 0);
    endpoint->held--;
    endpoint->space->store->sizes.held--;
    return endpoint;
}

void sc_connection_put_back(struct sc_connection *connection, int64_t now)
{
    if (connection->key.expires <= now) {
        sc_connection_discard(connection);
        return;
    }
    struct sc_endpoint *endpoint = let_go(connection);
    if (endpoint->space->store->limits.newest_first)
        TAILQ_INSERT_TAIL(&endpoint->line, connection, link);
    else
        TAILQ_INSERT_HEAD(&endpoint->line, connection, link);
    enter(connection);
}

void sc_connection_discard(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = let_go(connection);

    reap(endpoint->space->store, connection);
    sc_endpoint_settle(endpoint);
}

int sc_connection_steal(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = let_go(connection);
    int fd = connection->asset.fd;

    free(connection);
    sc_endpoint_settle(endpoint);
    return fd;
}
