/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_TURNS_H
#define SC_BENCH_TURNS_H

/*
 * Comparing servers on a machine that is shared and noisy: each lane is one server under one
 * load, the lanes run in turn (A B C A B C ...), and what is compared are the figures of one
 * round with each other. A quotient is given as the median over the rounds, with the smallest and
 * the largest.
 */

#include "load.h"

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

#define SC_ROUNDS_MAX 100

struct sc_lane {
    char label[40];
    struct sc_target *target;
    struct sc_load_plan plan;
    double samples[SC_METRICS][SC_ROUNDS_MAX];
};

struct sc_spread {
    double median;
    double min;
    double max;
};

/* Run all lanes in turn, `rounds` times, with progress on standard error. 0 or -errno. */
int sc_turns_run(struct sc_lane *lanes, unsigned count, unsigned rounds, struct sc_supply *pool,
                 const char *title) __attribute__((warn_unused_result));

struct sc_spread sc_spread_of(const double *values, unsigned count);
/* Round by round, the metric of one lane divided by that of another (0 where that is 0). */
struct sc_spread sc_spread_ratio(const struct sc_lane *lane, const struct sc_lane *base,
                                 enum sc_metric metric, unsigned rounds);

#endif
