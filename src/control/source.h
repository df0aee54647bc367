/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_SOURCE_H
#define SC_CONTROL_SOURCE_H

/*
 * What the control service sees of the service that it controls, and the few
 * things that it may ask of it. Whoever puts the two together fills this in,
 * so that neither knows the other.
 */

#include "config/params.h"
#include "guests/crowd.h"
#include "history/history.h"
#include "stats/stats.h"
#include "store/store.h"

struct sc_control_source {
    struct sc_store *store; /* borrowed, like the three that follow */
    const struct sc_stats *stats;
    struct sc_crowd *crowd;
    const struct sc_history *history;
    void (*gauges)(void *context, uint64_t gauges[SC_GAUGES]);

    /* Something was dropped: closes it, and goes on removing what is left to be removed. */
    void (*dropped)(void *context);

    /* The parameters in force, and others for them from now on. */
    const struct sc_params *(*params)(void *context);
    void (*configure)(void *context, const struct sc_params *params);
    void *context;
};

#endif
