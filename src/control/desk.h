/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_DESK_H
#define SC_CONTROL_DESK_H

/*
 * What all nouns of the control service work with. The service owns it.
 */

#include "base/log.h"
#include "close/closer.h"
#include "control/source.h"
#include "guests/crowd.h"
#include "loop/loop.h"

struct sc_desk {
    struct sc_loop *loop; /* borrowed, like log and closer */
    struct sc_log *log;
    struct sc_closer *closer;
    struct sc_control_source source;
    struct sc_stats *stats; /* the same counters, to be added to */
    struct sc_crowd crowd;  /* of the control clients */
    const char *mode;       /* who answers: master or standalone */
    uint64_t instance;      /* of this process; ids belong to it */
    int overrides;          /* how many are in force */
};

static inline int64_t sc_desk_now(const struct sc_desk *desk)
{
    return sc_loop_now(desk->loop);
}

#endif
