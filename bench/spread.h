/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_SPREAD_H
#define SC_BENCH_SPREAD_H

/*
 * How figures of the same thing lie: on a machine that is shared and noisy one number says little.
 */

#define SC_SPREAD_MOST 100 /* figures */

struct sc_spread {
    double median;
    double min;
    double max;
};

/* Of none, all three are 0. */
struct sc_spread sc_spread_of(const double *values, unsigned count);

#endif
