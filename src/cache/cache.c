/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each request does to the store. Neither how it came nor how it is
 * answered is known here, and no descriptor is touched.
 */
#include "cache/cache.h"

#include <errno.h>

enum { MS = 1000 };

static int64_t cache_time_to_live(int64_t seconds, int64_t limit, bool *clamped)
{
    int64_t wanted = seconds * MS; /* a request's has a bound far below what overflows */

    *clamped = wanted > limit;
    return *clamped ? limit : wanted;
}

/* Whether a save that found no memory may find some now. */
static bool cache_make_memory(struct sc_space *space, int error)
{
    return error == -ENOMEM && sc_store_evict(sc_space_store(space), space, SC_END_OUT_OF_MEMORY);
}

static int cache_save_connection(struct sc_space *space, int64_t now,
                                 const struct sc_saving *saving)
{
    int error;

    do
        error = sc_store_save_connection(space, now, saving);
    while (cache_make_memory(space, error));
    return error;
}

static int cache_save_binding(struct sc_space *space, int64_t now, int64_t ttl,
                              const struct sc_request *request)
{
    int error;

    do
        error = sc_store_save_binding(space, now, ttl, request->destination,
                                      request->destination_property, request->endpoint);
    while (cache_make_memory(space, error));
    return error;
}

struct sc_cache_saved sc_cache_save(struct sc_space *space, int64_t now, int64_t ttl_limit,
                                    const struct sc_request *request, struct sc_saving *saving)
{
    struct sc_cache_saved saved = {0};
    bool binds = request->kind == SC_REQUEST_SAVE_DEST || request->has_binding;

    if (binds) {
        int64_t seconds =
            request->kind == SC_REQUEST_SAVE_DEST ? request->ttl : request->binding_ttl;
        int64_t ttl = cache_time_to_live(seconds, ttl_limit, &saved.binding_clamped);
        saved.error = cache_save_binding(space, now, ttl, request);
    }
    if (saved.error < 0 || request->kind == SC_REQUEST_SAVE_DEST)
        return saved;
    saving->ttl = cache_time_to_live(request->ttl, ttl_limit, &saved.connection_clamped);
    saving->endpoint = request->endpoint;
    saving->property = request->endpoint_property;
    saved.error = cache_save_connection(space, now, saving);
    return saved;
}

struct sc_connection *sc_cache_find(struct sc_space *space, int64_t now,
                                    const struct sc_request *request, struct sc_found *found)
{
    struct sc_request rest = *request;
    struct sc_connection *connection = NULL;
    struct sc_bytes endpoint = request->endpoint;

    *found = (struct sc_found){.destination_property = SC_BYTES("")};
    if (sc_cache_is_by_destination(request))
        connection = sc_store_find_destination(space, now, request->destination,
                                               &found->destination_property);
    if (request->kind == SC_REQUEST_FIND_ENDP)
        connection = sc_store_find_endpoint(space, now, endpoint);
    while (!connection && request->kind == SC_REQUEST_TAKE &&
           sc_request_next_endpoint(&rest, &endpoint)) {
        found->destination_property = SC_BYTES("");
        connection = sc_store_find_endpoint(space, now, endpoint);
    }
    if (connection) {
        found->endpoint = sc_connection_endpoint(connection);
        found->endpoint_property = sc_connection_property(connection);
    }
    return connection;
}
