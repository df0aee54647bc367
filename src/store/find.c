/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Look-ups. What is found is held; whether it is still alive is looked at by
 * whoever asked, not here.
 */
#include "store/connection.h"
#include "store/destination.h"
#include "store/endpoint.h"
#include "store/expiry.h"
#include "store/fate.h"
#include "store/hash.h"

/*
 * How many that may not be found any more a look-up removes on its way. Then
 * it tries the other end of the line, and leaves the rest to those who remove
 * in slices: so it never takes long, and misses only what was in the midst.
 */
enum { IN_THE_WAY = 64 };

static struct sc_connection *find_next(const struct sc_endpoint *endpoint, bool at_back)
{
    return at_back ? TAILQ_LAST(&endpoint->line, sc_connection_line) : TAILQ_FIRST(&endpoint->line);
}

/* Takes the next connection of a line that may be found, or returns null. */
static struct sc_connection *find_in_line(struct sc_endpoint *endpoint, bool at_back)
{
    struct sc_connection *connection;
    struct sc_connection *found = NULL;

    endpoint->held++; /* Keeps it while others leave. */
    for (int i = 0; i <= IN_THE_WAY && (connection = find_next(endpoint, at_back)); i++) {
        enum sc_end fate = sc_fate_of_connection(connection);
        if (fate == SC_ENDS) {
            sc_connection_hold(connection, at_back);
            found = connection;
            break;
        }
        sc_connection_end(connection, fate);
        if (i == IN_THE_WAY - 1)
            at_back = !at_back;
    }
    endpoint->held--;
    return found;
}

static struct sc_connection *find_at(struct sc_endpoint *endpoint)
{
    struct sc_space *space = endpoint->space;
    bool at_back = space->store->limits.reuse_order == SC_REUSE_NEWEST;

    /* Most likely one is taken; then the heap above has to change. */
    if (endpoint->connections.count > 0)
        sc_heap_prefetch(&space->endpoint_rank.live, &endpoint->key);
    struct sc_connection *connection = find_next(endpoint, at_back);
    if (!connection)
        return NULL;
    if (sc_fate_of_connection(connection) != SC_ENDS)
        return find_in_line(endpoint, at_back);
    sc_connection_hold(connection, at_back);
    return connection;
}

struct sc_connection *sc_store_find_endpoint(struct sc_space *space, int64_t now,
                                             struct sc_bytes label)
{
    struct sc_store *store = space->store;
    uint32_t hash = sc_hash_label(store, label);

    sc_table_prefetch(&space->endpoints, hash);
    sc_expiry_keep_up(store, now);
    struct sc_endpoint *endpoint = sc_endpoint_find(space, hash, label);
    if (!endpoint)
        return NULL;
    struct sc_connection *connection = find_at(endpoint);
    if (!connection)
        sc_endpoint_settle(endpoint);
    return connection;
}

struct sc_connection *sc_store_find_destination(struct sc_space *space, int64_t now,
                                                struct sc_bytes label, struct sc_bytes *property)
{
    struct sc_store *store = space->store;
    uint32_t hash = sc_hash_label(store, label);

    sc_table_prefetch(&space->destinations, hash);
    sc_expiry_keep_up(store, now);
    struct sc_destination *destination = sc_destination_find(space, hash, label);
    if (!destination)
        return NULL;
    /* Those that are dead here are left to others: an end would move what is gone through. */
    const struct sc_binding *binding;
    TAILQ_FOREACH (binding, &destination->line, link) {
        if (sc_fate_of_binding(binding) != SC_ENDS)
            continue;
        struct sc_connection *connection = find_at(binding->endpoint);
        if (connection) {
            *property = (struct sc_bytes){binding->property, binding->length};
            return connection;
        }
    }
    return NULL;
}
