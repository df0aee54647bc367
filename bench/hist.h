/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_HIST_H
#define SC_BENCH_HIST_H

/*
 * A histogram of times in nanoseconds with 64 buckets for each power of two, so that every value
 * is known to 1.6 per cent whatever its size, from 1 ns to about 18 minutes. Adding is a shift
 * and an increment. Longer times count in the last bucket. There is no libhdrhistogram in
 * Debian 12, and this is the part of it that a benchmark needs.
 *
 * Not thread safe, no allocation, no clock.
 */

#include <stdint.h>

#define SC_HIST_SUB_BITS 6
#define SC_HIST_TOP_BIT  40
#define SC_HIST_SLOTS    ((SC_HIST_TOP_BIT - SC_HIST_SUB_BITS + 2) << SC_HIST_SUB_BITS)

struct sc_hist {
    uint64_t count;
    uint64_t slots[SC_HIST_SLOTS];
};

void sc_hist_reset(struct sc_hist *hist);
void sc_hist_add(struct sc_hist *hist, uint64_t ns);

/* The value below which the fraction `part` (0 to 1) of all values lies; 0 when there is none. */
double sc_hist_quantile(const struct sc_hist *hist, double part);

#endif
