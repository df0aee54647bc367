/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STATS_STATS_H
#define SC_STATS_STATS_H

/*
 * What is counted between two reports, and the report itself: lines that log
 * analysers match whole. Pure; wall-clock time is an argument.
 */

#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum sc_counter {
    SC_DOMAIN_HITS,
    SC_DOMAIN_MISSES,
    SC_ADDRESS_HITS,
    SC_ADDRESS_MISSES,
    SC_COUNTERS
};

enum sc_peak { SC_PEAK_DOMAINS, SC_PEAK_ADDRESSES, SC_PEAK_CONNECTIONS, SC_PEAKS };

struct sc_stats {
    time_t start; /* of the interval, wall-clock */
    uint64_t counters[SC_COUNTERS];
    uint64_t peaks[SC_PEAKS];
};

/* Starts an interval; no peak is below the current sizes. */
void sc_stats_start(struct sc_stats *stats, time_t now, const uint64_t sizes[SC_PEAKS]);

static inline void sc_stats_count(struct sc_stats *stats, enum sc_counter counter)
{
    stats->counters[counter]++;
}

void sc_stats_note_sizes(struct sc_stats *stats, const uint64_t sizes[SC_PEAKS]);

/* Calls print for each line that has something other than zero to say. */
void sc_stats_report(const struct sc_stats *stats, void (*print)(void *context, const char *line),
                     void *context);

#endif
