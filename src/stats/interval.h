/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STATS_INTERVAL_H
#define SC_STATS_INTERVAL_H

/*
 * The statistics lines of the log: what was counted since the last time that
 * they were written, and the largest sizes since then. Analysers of mail logs
 * match these lines whole, so they are as Postfix's server writes them.
 *
 * Pure; the time, wall-clock, is an argument.
 */

#include <time.h>

#include "stats/stats.h"

struct sc_interval {
    time_t start;                                                      /* wall-clock */
    uint64_t domain_hits, domain_misses, address_hits, address_misses; /* at its start */
    uint64_t peaks[SC_PEAKS];
};

/* Begins now; no peak is below the current size. */
void sc_interval_start(struct sc_interval *interval, const struct sc_stats *stats, time_t now,
                       const uint64_t sizes[SC_PEAKS]);

static inline void sc_interval_note(struct sc_interval *interval, enum sc_peak peak, uint64_t size)
{
    if (interval->peaks[peak] < size)
        interval->peaks[peak] = size;
}

/* Calls print for each line that has something other than zero to say. */
void sc_interval_report(const struct sc_interval *interval, const struct sc_stats *stats,
                        void (*print)(void *context, const char *line), void *context);

#endif
