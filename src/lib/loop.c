/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program with an event loop of its own waits for, and how it goes on.
 * The work is the handle's.
 */
#include <errno.h>

#include "lib/handle.h"

int scache_wait_fd(const struct scache *cache)
{
    return cache ? sc_handle_pollfd(cache).fd : -1;
}

int scache_wait_events(const struct scache *cache)
{
    return cache ? sc_handle_pollfd(cache).events : 0;
}

int scache_wait_ms(const struct scache *cache)
{
    return cache ? sc_handle_wait_ms(cache) : -1;
}

int scache_dispatch(struct scache *cache)
{
    return cache ? sc_handle_dispatch(cache) : -EINVAL;
}

void scache_cancel(struct scache *cache)
{
    if (!cache)
        return;
    sc_handle_adopt(cache);
    sc_handle_cancel(cache);
}
