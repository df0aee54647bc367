/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes a handle of options. Where a server is looked for that nobody has
 * named, and whether it answers, is the library's matter.
 */
#include "server.h"

#include <errno.h>

#include "scache.h"

struct scache *sc_ctl_server_open(const struct sc_ctl_args *args)
{
    struct scache *cache = scache_open(args->socket);
    int error = 0;

    if (!cache)
        return NULL;
    if (args->deadline_ms > 0)
        error |= scache_set_option(cache, SCACHE_OPT_DEADLINE_MS, args->deadline_ms);
    if (args->classic)
        error |= scache_set_option(cache, SCACHE_OPT_CLASSIC, 1);
    if (args->no_greeting)
        error |= scache_set_option(cache, SCACHE_OPT_GREETING, 0);
    if (error == 0)
        return cache;
    scache_close(cache);
    errno = EINVAL;
    return NULL;
}
