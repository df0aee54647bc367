/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_GROUP_H
#define SC_BENCH_GROUP_H

/*
 * A group is one process of each kind of server that was asked for and is there, started afresh.
 * It owns them.
 */

#include "bench.h"

struct sc_group {
    struct sc_target targets[SC_TARGET_KINDS];
    bool up[SC_TARGET_KINDS];
};

/* Start what is wanted and installed; a missing Postfix is said and left out, a missing scache
   is an error. 0 or -errno. */
int sc_group_start(struct sc_group *group, const struct sc_bench *bench, unsigned client_limit)
    __attribute__((warn_unused_result));
void sc_group_stop(struct sc_group *group);

#endif
