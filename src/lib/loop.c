/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program with an event loop of its own waits for, and how it goes on.
 * The readers change nothing, not even in a child of fork(2), where there is
 * nothing to wait for until the child's first call.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "lib/handle.h"

static enum sc_wait loop_waits_for(const struct scache *cache)
{
    if (cache->state != SC_HANDLE_PENDING || sc_origin_is_another(&cache->origin))
        return SC_WAIT_NOTHING;
    return cache->exchange.wait;
}

int scache_wait_fd(const struct scache *cache)
{
    if (!cache)
        return -1;
    enum sc_wait wait = loop_waits_for(cache);
    return wait == SC_WAIT_READ || wait == SC_WAIT_WRITE ? cache->exchange.link.socket : -1;
}

int scache_wait_events(const struct scache *cache)
{
    if (!cache)
        return 0;
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

int scache_wait_ms(const struct scache *cache)
{
    if (!cache)
        return -1;
    if (sc_origin_is_another(&cache->origin))
        return cache->state == SC_HANDLE_IDLE ? -1 : 0;
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

void scache_cancel(struct scache *cache)
{
    if (!cache)
        return;
    sc_handle_adopt(cache);
    sc_handle_cancel(cache);
}
