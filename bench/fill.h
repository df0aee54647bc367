/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_FILL_H
#define SC_BENCH_FILL_H

/*
 * Makes a server carry cached connections under labels that no client of the measurement uses.
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

#endif
