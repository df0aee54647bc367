/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_LANE_H
#define SC_BENCH_LANE_H

/*
 * A lane is one server under one load. It borrows the server, and keeps what was measured, a
 * figure of each kind for each round.
 */

#include "load.h"
#include "spread.h"

enum sc_metric {
    SC_RATE, /* requests a second */
    SC_CPU,  /* server CPU time for one request, microseconds */
    SC_P50,  /* latency, microseconds */
    SC_P99,
    SC_P999,
    SC_RSS,     /* bytes */
    SC_OWN_CPU, /* share of one processor that the load generator took */
    SC_OTHERS,  /* the same of programs that are none of ours */
    SC_METRICS
};

#define SC_ROUNDS_MAX SC_SPREAD_MOST

struct sc_lane {
    char label[40];
    struct sc_target *target;
    struct sc_load_plan plan;
    double samples[SC_METRICS][SC_ROUNDS_MAX];
};

/* A lane that has the server's name for a label, and no figures yet. */
void sc_lane_init(struct sc_lane *lane, struct sc_target *target, struct sc_load_plan plan);

/* Round by round, the metric of one lane divided by that of another (0 where that is 0). */
struct sc_spread sc_lane_ratio(const struct sc_lane *lane, const struct sc_lane *base,
                               enum sc_metric metric, unsigned rounds);

#endif
