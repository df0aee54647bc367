/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STATS_STATS_H
#define SC_STATS_STATS_H

/*
 * What is counted. Counters only grow: nobody who reads them can set them
 * back, and whoever wants an interval takes the difference of two readings.
 * What each is called and means stands in counters.def, and nowhere else.
 *
 * Pure: no clock, no memory of its own, no output.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum sc_counter {
#define SC_COUNTER(id, family, labels, help) SC_##id,
#include "stats/counters.def"
#undef SC_COUNTER
    SC_COUNTERS
};

enum sc_gauge {
#define SC_GAUGE(id, family, labels, help) SC_GAUGE_##id,
#include "stats/gauges.def"
#undef SC_GAUGE
    SC_GAUGES
};

/* Sizes whose largest value in an interval is told. */
enum sc_peak { SC_PEAK_DOMAINS, SC_PEAK_ADDRESSES, SC_PEAK_CONNECTIONS, SC_PEAKS };

enum sc_histogram_kind {
    SC_HISTOGRAM_TURN, /* nanoseconds that a turn of the loop took */
    SC_HISTOGRAM_IDLE, /* milliseconds that a connection lay before it was reused */
    SC_HISTOGRAM_USES, /* how often a connection had been handed out when it ended */
    SC_HISTOGRAMS
};

enum { SC_HISTOGRAM_BOUNDS = 14 };

/* How many values were at most as large as each bound, and behind those how many were larger. */
struct sc_histogram {
    uint64_t counts[SC_HISTOGRAM_BOUNDS + 1];
    uint64_t sum;
};

struct sc_stats {
    uint64_t counters[SC_COUNTERS];
    struct sc_histogram histograms[SC_HISTOGRAMS];
};

/* A line of counters.def or gauges.def. Everything has a static life. */
struct sc_counter_about {
    const char *family;
    const char *labels;
    const char *help; /* of the family, with its first counter; else empty */
};

/* What a histogram is called, its bounds in the unit that is counted and in the unit that is told.
 */
struct sc_histogram_about {
    const char *family;
    const char *help;
    double unit; /* what is told for 1 counted */
    uint64_t bounds[SC_HISTOGRAM_BOUNDS];
};

const struct sc_counter_about *sc_stats_about(enum sc_counter counter);
const struct sc_counter_about *sc_stats_about_gauge(enum sc_gauge gauge);
const struct sc_histogram_about *sc_stats_about_histogram(enum sc_histogram_kind kind);

static inline void sc_stats_count(struct sc_stats *stats, enum sc_counter counter)
{
    stats->counters[counter]++;
}

static inline void sc_stats_add(struct sc_stats *stats, enum sc_counter counter, uint64_t number)
{
    stats->counters[counter] += number;
}

/* Adds one value to a histogram. */
void sc_stats_observe(struct sc_stats *stats, enum sc_histogram_kind kind, uint64_t value);

#endif
