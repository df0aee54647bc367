/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CACHE_CACHE_H
#define SC_CACHE_CACHE_H

/*
 * The engine: a request and a store in, an outcome out. It is the same for the
 * server and for a cache inside a process, so that both save and find in the
 * same order and mean the same by it.
 *
 * Pure. It looks at no descriptor: what was found is *held*, and whoever asked
 * looks at it, and then gives it, puts it back, or discards it and asks again.
 */

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"
#include "wire/reply.h"
#include "wire/request.h"

/* Whether a request wants a connection, and whether by a destination first. */
static inline bool sc_cache_finds(enum sc_request_kind kind)
{
    return kind == SC_REQUEST_FIND_ENDP || kind == SC_REQUEST_FIND_DEST || kind == SC_REQUEST_TAKE;
}

static inline bool sc_cache_is_by_destination(const struct sc_request *request)
{
    return request->destination.length > 0;
}

/* A take without a label looks nothing up: it is how clients ask who is there. */
static inline bool sc_cache_is_probe(const struct sc_request *request)
{
    return request->kind == SC_REQUEST_TAKE && request->destination.length == 0 &&
           request->endpoints.rest.length == 0;
}

/* How a save has ended. */
struct sc_cache_saved {
    int error;               /* 0; -ENOMEM; -ENOBUFS: nothing could make room */
    bool connection_clamped; /* it asked for more time than is granted */
    bool binding_clamped;
};

/*
 * Saves what the request says: a connection, a binding, or both; the binding
 * goes first, since alone it does no harm, and a connection that cannot be
 * found would. @saving has the descriptor and what is known of it; its time to
 * live, label and property are filled in here. @ttl_limit is in milliseconds.
 * On an error the descriptor stays the caller's.
 */
SC_MUST_CHECK struct sc_cache_saved sc_cache_save(struct sc_space *space, int64_t now,
                                                  int64_t ttl_limit,
                                                  const struct sc_request *request,
                                                  struct sc_saving *saving);

/*
 * Finds what the request asks for, the destination before the endpoints. What
 * is returned is held; null: a miss. @found has views of it, valid until the
 * connection is given up and no longer than until the next call.
 */
SC_MUST_CHECK struct sc_connection *sc_cache_find(struct sc_space *space, int64_t now,
                                                  const struct sc_request *request,
                                                  struct sc_found *found);

#endif
