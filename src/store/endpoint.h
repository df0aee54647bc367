/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_ENDPOINT_H
#define SC_STORE_ENDPOINT_H

/*
 * Endpoints: their coming and going, and the memory of their connections, of
 * which one may lie in the endpoint's own block.
 */

#include "store/entry.h"

/*
 * The endpoint with this label and its hash; null: no memory. One that has to
 * be created gets a room for a connection of @room_size bytes, if not zero.
 */
SC_MUST_CHECK struct sc_endpoint *sc_endpoint_get(struct sc_space *space, uint32_t hash,
                                                  struct sc_bytes label, size_t room_size);

/* The same, but null when there is none. */
struct sc_endpoint *sc_endpoint_find(const struct sc_space *space, uint32_t hash,
                                     struct sc_bytes label);

/* Frees an endpoint that nothing uses any more. */
void sc_endpoint_settle(struct sc_endpoint *endpoint);

/* The connection that expires first, or null. */
static inline struct sc_connection *sc_endpoint_first(const struct sc_endpoint *endpoint)
{
    return sc_connection_of(sc_heap_top(&endpoint->connections));
}

/* Memory for a connection of an endpoint, in its room if that is free and large enough. */
SC_MUST_CHECK void *sc_endpoint_alloc_connection(struct sc_endpoint *endpoint, size_t size);

/*
 * Gives back what was allocated for a connection. Its endpoint is null if
 * that may be gone, and then it does not lie in there.
 */
void sc_endpoint_free_connection(struct sc_store *store, struct sc_connection *connection,
                                 size_t size);

bool sc_endpoint_has_inside(const struct sc_endpoint *endpoint,
                            const struct sc_connection *connection);

#endif
