/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counting, and what each counter is called. What is done with the numbers,
 * the log's lines or somebody's metrics, is not known here.
 */
#include "stats/stats.h"

#define US UINT64_C(1000)
#define MS (1000 * US)
#define S  (1000 * MS)

static const struct sc_counter_about counters[] = {
#define SC_COUNTER(id, family, labels, help) [SC_##id] = {family, labels, help},
#include "stats/counters.def"
#undef SC_COUNTER
};

static const struct sc_counter_about gauges[] = {
#define SC_GAUGE(id, family, labels, help) [SC_GAUGE_##id] = {family, labels, help},
#include "stats/gauges.def"
#undef SC_GAUGE
};

static const struct sc_histogram_about histograms[] = {
    [SC_HISTOGRAM_TURN] =
        {
            .family = "loop_turn_duration_seconds",
            .help = "How long turns of the event loop took; a request is answered within its turn.",
            .unit = 1e-9,
            .bounds = {5 * US, 10 * US, 25 * US, 50 * US, 100 * US, 250 * US, 500 * US, 1 * MS,
                       2500 * US, 5 * MS, 10 * MS, 25 * MS, 100 * MS, 1 * S},
        },
    [SC_HISTOGRAM_IDLE] =
        {
            .family = "reuse_idle_seconds",
            .help = "How long connections had lain in the cache when they were reused.",
            .unit = 1e-3,
            .bounds = {1, 5, 25, 100, 250, 500, 1000, 2000, 5000, 10000, 30000, 60000, 300000,
                       1800000},
        },
    [SC_HISTOGRAM_USES] =
        {
            .family = "uses_per_connection",
            .help = "How often connections had been handed out when they ended, of a sample.",
            .unit = 1,
            .bounds = {0, 1, 2, 3, 4, 5, 7, 10, 20, 50, 100, 200, 500, 1000},
        },
};

const struct sc_counter_about *sc_stats_about(enum sc_counter counter)
{
    return &counters[counter];
}

const struct sc_counter_about *sc_stats_about_gauge(enum sc_gauge gauge)
{
    return &gauges[gauge];
}

const struct sc_histogram_about *sc_stats_about_histogram(enum sc_histogram_kind kind)
{
    return &histograms[kind];
}

void sc_stats_observe(struct sc_stats *stats, enum sc_histogram_kind kind, uint64_t value)
{
    const uint64_t *bounds = histograms[kind].bounds;
    struct sc_histogram *histogram = &stats->histograms[kind];
    size_t at = 0;

    while (at < SC_HISTOGRAM_BOUNDS && value > bounds[at])
        at++;
    histogram->counts[at]++;
    histogram->sum += value;
}
