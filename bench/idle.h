/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_IDLE_H
#define SC_BENCH_IDLE_H

/*
 * Clients that are connected and say nothing. The structure owns their sockets; zeroed it is
 * empty.
 */

#include "target.h"

struct sc_idle {
    int *fds;
    unsigned count;
};

/* Have `count` greeted clients connected; more are added, none taken away. 0 or -errno. */
int sc_idle_grow(struct sc_idle *idle, struct sc_target *target, unsigned count)
    __attribute__((warn_unused_result));
void sc_idle_fini(struct sc_idle *idle);

#endif
