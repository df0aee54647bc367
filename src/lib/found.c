/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the request that ended last has come to, as the caller gets to see it:
 * what was found, or why nothing was. Nothing here asks anybody anything.
 */
#include "lib/handle.h"

/* Each of these is the value of an attribute, and so has a NUL behind it. */
static const char *found_text(const struct scache *cache, struct sc_bytes text)
{
    return cache->state == SC_HANDLE_PENDING ? "" : text.data;
}

const char *scache_found_endpoint(const struct scache *cache)
{
    return cache ? found_text(cache, cache->call.found.endpoint) : "";
}

const char *scache_found_property(const struct scache *cache)
{
    return cache ? found_text(cache, cache->call.found.endpoint_property) : "";
}

const char *scache_found_destination_property(const struct scache *cache)
{
    return cache ? found_text(cache, cache->call.found.destination_property) : "";
}

int scache_steal_fd(struct scache *cache)
{
    if (!cache)
        return -1;
    sc_handle_adopt(cache);
    return sc_call_steal_found(&cache->call);
}

enum scache_reason scache_miss_reason(const struct scache *cache)
{
    return cache ? cache->reason : SCACHE_REASON_NONE;
}

const char *scache_miss_text(const struct scache *cache)
{
    return cache ? cache->why : "";
}
