/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_FILL_H
#define SC_BENCH_FILL_H

/*
 * Two ways to make a server carry something while it is measured, or while its size is: cached
 * connections under labels of their own, and connected clients that say nothing.
 */

#include "supply.h"
#include "target.h"

#include <stddef.h>

struct sc_fill {
    unsigned first; /* number of the first label */
    unsigned count;
    unsigned ttl;
    size_t size; /* bytes of endpoint label and property together */
    bool bind;   /* save a binding for each too */
};

/* Save connections one by one: 0 or -errno after a message. */
int sc_fill_cache(struct sc_target *target, struct sc_supply *pool, const struct sc_fill *fill)
    __attribute__((warn_unused_result));

struct sc_idle {
    int *fds;
    unsigned count;
};

/* Have `count` greeted clients connected; more are added, none taken away. 0 or -errno. */
int sc_idle_grow(struct sc_idle *idle, struct sc_target *target, unsigned count)
    __attribute__((warn_unused_result));
void sc_idle_fini(struct sc_idle *idle);

#endif
