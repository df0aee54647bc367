/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "lib/handle.h"

static enum sc_wait loop_waits_for(const struct scache *cache)
{
    return cache->state == SC_HANDLE_PENDING ? cache->exchange.wait : SC_WAIT_NOTHING;
}

int scache_fd(struct scache *cache)
{
    if (!cache)
        return -1;
    sc_handle_adopt(cache);
    enum sc_wait wait = loop_waits_for(cache);
    return wait == SC_WAIT_READ || wait == SC_WAIT_WRITE ? cache->exchange.link.socket : -1;
}

int scache_events(struct scache *cache)
{
    if (!cache)
        return 0;
    sc_handle_adopt(cache);
    enum sc_wait wait = loop_waits_for(cache);
    if (wait == SC_WAIT_READ)
        return POLLIN;
    return wait == SC_WAIT_WRITE ? POLLOUT : 0;
}

/* When scache_dispatch() is due; INT64_MAX: never. */
static int64_t loop_due(const struct scache *cache, int64_t now)
{
    int64_t retry = now + SC_EXCHANGE_RETRY_MS;

    switch (cache->state) {
    case SC_HANDLE_DECIDED:
        return now;
    case SC_HANDLE_PENDING:
        if (cache->exchange.wait == SC_WAIT_TIME && retry < cache->deadline)
            return retry;
        return cache->deadline;
    case SC_HANDLE_IDLE:
        break;
    }
    return cache->is_local ? sc_local_next_expiry(&cache->local) : INT64_MAX;
}

int scache_timeout(struct scache *cache)
{
    if (!cache)
        return -1;
    sc_handle_adopt(cache);
    int64_t now = cache->clock();
    int64_t at = loop_due(cache, now);
    if (at == INT64_MAX)
        return -1;
    if (at <= now)
        return 0;
    return at - now > INT_MAX ? INT_MAX : (int)(at - now);
}

int scache_dispatch(struct scache *cache)
{
    if (!cache)
        return -EINVAL;
    sc_handle_adopt(cache);
    if (cache->is_local)
        sc_local_expire(&cache->local, cache->clock());
    if (cache->state == SC_HANDLE_PENDING)
        sc_handle_advance(cache);
    if (cache->state == SC_HANDLE_PENDING)
        return SCACHE_PENDING;
    if (cache->state == SC_HANDLE_IDLE)
        return SCACHE_IDLE;
    cache->state = SC_HANDLE_IDLE;
    return cache->outcome;
}

int scache_get_result(struct scache *cache, struct scache_result *result)
{
    if (!cache || !result)
        return -EINVAL;
    sc_handle_adopt(cache);
    if (cache->state == SC_HANDLE_PENDING)
        return -EBUSY;
    /* Each of these is the value of an attribute, and so has a NUL behind it. */
    *result = (struct scache_result){
        .endpoint = cache->call.found.endpoint.data,
        .endpoint_property = cache->call.found.endpoint_property.data,
        .destination_property = cache->call.found.destination_property.data,
        .fd = sc_call_steal_found(&cache->call),
    };
    return result->fd >= 0 ? 0 : 1;
}

void scache_cancel(struct scache *cache)
{
    if (!cache)
        return;
    sc_handle_adopt(cache);
    sc_handle_cancel(cache);
}
