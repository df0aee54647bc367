/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <errno.h>

#include "store/entry.h"

/*
 * Gives whoever has the lower heap the place in the higher one that its first
 * entry deserves. It stands there unless the lower heap is, or was, empty.
 */
static void connection_promote(struct sc_heap *higher, struct sc_heap_key *key,
                               const struct sc_heap *lower, bool was_empty)
{
    const struct sc_heap_key *first = sc_heap_top(lower);

    if (!first) {
        sc_heap_remove(higher, key);
        return;
    }
    if (!was_empty && key->serial == first->serial)
        return;
    key->expires = first->expires;
    key->serial = first->serial;
    if (was_empty)
        sc_heap_push(higher, key);
    else
        sc_heap_update(higher, key);
}

/* Carries a change of the endpoint's heap up the tournament. */
static void connection_first_changed(struct sc_endpoint *endpoint, bool was_empty)
{
    struct sc_space *space = endpoint->space;
    struct sc_heap *spaces = &space->store->live_spaces;
    bool space_was_empty = space->live_endpoints.count == 0;

    connection_promote(&space->live_endpoints, &endpoint->key, &endpoint->connections, was_empty);
    connection_promote(spaces, &space->key, &space->live_endpoints, space_was_empty);
}

static size_t connection_text_of(const struct sc_connection *connection)
{
    return (size_t)connection->endpoint->label.length + connection->key.text_length;
}

static void connection_enter(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_store *store = endpoint->space->store;
    bool was_empty = endpoint->connections.count == 0;

    if (was_empty)
        store->sizes.endpoints++;
    store->sizes.connections++;
    store->sizes.connection_text += connection_text_of(connection);
    endpoint->space->connections++;
    sc_heap_push(&endpoint->connections, &connection->key);
    connection_first_changed(endpoint, was_empty);
}

static void connection_leave(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_store *store = endpoint->space->store;

    TAILQ_REMOVE(&endpoint->line, connection, link);
    sc_heap_remove(&endpoint->connections, &connection->key);
    connection_first_changed(endpoint, false);
    endpoint->space->connections--;
    store->sizes.connections--;
    store->sizes.connection_text -= connection_text_of(connection);
    if (TAILQ_EMPTY(&endpoint->line))
        store->sizes.endpoints--;
}

static void connection_reap(struct sc_store *store, struct sc_connection *connection)
{
    if (!sc_connection_lies_in_room(connection))
        connection->endpoint = NULL;
    TAILQ_INSERT_TAIL(&store->reaped, connection, link);
}

void sc_connection_evict(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;

    connection_leave(connection);
    connection_reap(endpoint->space->store, connection);
    sc_endpoint_settle(endpoint);
}

/* Keeps room for one more of so much text, within each limit; the endpoint is in use. */
static void connection_make_room(struct sc_endpoint *endpoint, size_t text)
{
    struct sc_space *space = endpoint->space;
    struct sc_store *store = space->store;
    const struct sc_store_limits *limits = &store->limits;

    while (limits->connections_of_endpoint > 0 &&
           endpoint->connections.count >= limits->connections_of_endpoint)
        sc_connection_evict(sc_endpoint_first(endpoint));
    while (limits->connections_of_space > 0 && space->connections >= limits->connections_of_space)
        sc_connection_evict(sc_space_first(space));
    while (limits->connections > 0 && store->sizes.connections >= limits->connections)
        sc_connection_evict(sc_store_first(store));
    while (limits->text > 0 && store->sizes.connections > 0 &&
           store->sizes.connection_text + text > limits->text)
        sc_connection_evict(sc_store_first(store));
}

static struct sc_connection *connection_new(struct sc_endpoint *endpoint, struct sc_bytes property,
                                            int fd)
{
    if (sc_heap_reserve(&endpoint->connections,
                        (size_t)endpoint->connections.count + endpoint->held + 1) < 0)
        return NULL;
    struct sc_connection *connection = sc_connection_alloc(endpoint, property.length);
    if (!connection)
        return NULL;
    connection->endpoint = endpoint;
    connection->fd = fd;
    connection->key.text_length = (uint32_t)property.length;
    sc_text_copy(connection->property, property);
    return connection;
}

/* Whether an endpoint was bound just now: then the label need not be looked up again. */
static bool connection_is_bound(const struct sc_space *space, struct sc_bytes label)
{
    const struct sc_endpoint *bound = space->store->bound;

    return bound && bound->space == space && sc_bytes_equal(sc_label_bytes(&bound->label), label);
}

/* The endpoint for a connection to be saved; null: no memory. */
static struct sc_endpoint *connection_endpoint_for(struct sc_space *space, int64_t now,
                                                   struct sc_bytes label, struct sc_bytes property)
{
    struct sc_store *store = space->store;

    if (connection_is_bound(space, label)) {
        sc_store_expire(store, now);
        if (store->bound)
            return store->bound;
    }
    uint32_t hash = sc_store_hash(store, label);
    sc_table_prefetch(&space->endpoints, hash);
    sc_store_expire(store, now);
    return sc_endpoint_get(space, hash, label, &property);
}

int sc_store_save_connection(struct sc_space *space, int64_t now, int64_t ttl,
                             struct sc_bytes endpoint_label, struct sc_bytes property, int fd)
{
    struct sc_store *store = space->store;
    struct sc_endpoint *endpoint = connection_endpoint_for(space, now, endpoint_label, property);

    if (!endpoint)
        return -ENOMEM;
    struct sc_connection *connection = connection_new(endpoint, property, fd);
    if (!connection) {
        sc_endpoint_settle(endpoint);
        return -ENOMEM;
    }
    connection->saved = now;
    connection->key.expires = sc_expiry(now, ttl);
    connection->key.serial = store->serial++;
    endpoint->held++; /* Keeps it while others make room. */
    connection_make_room(endpoint, connection_text_of(connection));
    endpoint->held--;
    TAILQ_INSERT_TAIL(&endpoint->line, connection, link);
    connection_enter(connection);
    return 0;
}

static struct sc_connection *connection_next_of(const struct sc_endpoint *endpoint)
{
    if (endpoint->space->store->limits.newest_first)
        return TAILQ_LAST(&endpoint->line, sc_connection_line);
    return TAILQ_FIRST(&endpoint->line);
}

struct sc_connection *sc_endpoint_find(struct sc_endpoint *endpoint,
                                       const struct sc_store_judge *judge)
{
    struct sc_connection *connection = NULL;

    if (endpoint->connections.count > 0)
        sc_heap_prefetch(&endpoint->space->live_endpoints, &endpoint->key);
    endpoint->held++; /* Keeps it while unusable ones leave. */
    while ((connection = connection_next_of(endpoint)) && judge &&
           !judge->usable(judge->context, connection))
        sc_connection_evict(connection);
    if (!connection) {
        endpoint->held--;
        return NULL;
    }
    connection_leave(connection);
    endpoint->space->store->sizes.held++;
    return connection;
}

struct sc_connection *sc_store_find_endpoint(struct sc_space *space, int64_t now,
                                             struct sc_bytes label,
                                             const struct sc_store_judge *judge)
{
    struct sc_store *store = space->store;
    uint32_t hash = sc_store_hash(store, label);

    sc_table_prefetch(&space->endpoints, hash);
    sc_store_expire(store, now);
    struct sc_endpoint *endpoint = sc_endpoint_lookup(space, hash, label);
    if (!endpoint)
        return NULL;
    struct sc_connection *connection = sc_endpoint_find(endpoint, judge);
    if (!connection)
        sc_endpoint_settle(endpoint);
    return connection;
}

int sc_connection_descriptor(const struct sc_connection *connection)
{
    return connection->fd;
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
static struct sc_endpoint *connection_let_go(struct sc_connection *connection)
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
    struct sc_endpoint *endpoint = connection_let_go(connection);
    if (endpoint->space->store->limits.newest_first)
        TAILQ_INSERT_TAIL(&endpoint->line, connection, link);
    else
        TAILQ_INSERT_HEAD(&endpoint->line, connection, link);
    connection_enter(connection);
}

void sc_connection_discard(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection_let_go(connection);

    connection_reap(endpoint->space->store, connection);
    sc_endpoint_settle(endpoint);
}

int sc_connection_steal(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection_let_go(connection);
    int fd = connection->fd;

    sc_connection_free(endpoint->space->store, connection);
    sc_endpoint_settle(endpoint);
    return fd;
}
