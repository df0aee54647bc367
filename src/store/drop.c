/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dropping what is cached, all at once or by label. What is dropped all at
 * once stays for the sweep to remove; it cannot be found any more.
 */
#include "store/binding.h"
#include "store/connection.h"
#include "store/destination.h"
#include "store/endpoint.h"
#include "store/fate.h"
#include "store/hash.h"
#include "store/sweep.h"

void sc_store_drop_all(struct sc_store *store)
{
    store->floor = store->serial;
    sc_sweep_request(store);
}

void sc_space_drop(struct sc_space *space)
{
    space->floor = space->store->serial;
    sc_sweep_request(space->store);
}

/* What of an endpoint is held does not come back either. */
static void drop_held(struct sc_endpoint *endpoint)
{
    struct sc_connection *connection;

    TAILQ_FOREACH (connection, &endpoint->space->store->held, link)
        if (connection->endpoint == endpoint)
            connection->marks |= SC_MARK_DROPPED;
}

/* Something else keeps the endpoint. Returns how many could have been found. */
static size_t drop_connections(struct sc_endpoint *endpoint)
{
    struct sc_connection *connection;
    size_t dropped = 0;

    drop_held(endpoint);
    while ((connection = TAILQ_FIRST(&endpoint->line))) {
        enum sc_end fate = sc_fate_of_connection(connection);
        dropped += fate == SC_ENDS;
        sc_connection_end(connection, fate == SC_ENDS ? SC_END_DROPPED : fate);
    }
    return dropped;
}

size_t sc_store_drop_endpoint(struct sc_space *space, struct sc_bytes label)
{
    struct sc_endpoint *endpoint =
        sc_endpoint_find(space, sc_hash_label(space->store, label), label);

    if (!endpoint)
        return 0;
    endpoint->bindings++; /* Keeps it meanwhile. */
    size_t dropped = drop_connections(endpoint);
    endpoint->bindings--;
    sc_endpoint_settle(endpoint);
    return dropped;
}

size_t sc_store_drop_destination(struct sc_space *space, struct sc_bytes label)
{
    struct sc_destination *destination =
        sc_destination_find(space, sc_hash_label(space->store, label), label);
    struct sc_binding *binding;
    size_t dropped = 0;

    if (!destination)
        return 0;
    destination->wanted = true; /* Keeps it meanwhile. */
    while ((binding = TAILQ_FIRST(&destination->line))) {
        enum sc_end fate = sc_fate_of_binding(binding);
        if (fate == SC_ENDS)
            dropped += 1 + drop_connections(binding->endpoint);
        sc_binding_end(binding, fate == SC_ENDS ? SC_END_DROPPED : fate);
    }
    destination->wanted = false;
    sc_destination_settle(destination);
    return dropped;
}
