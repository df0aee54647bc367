/* SPDX-License-Identifier: BSD-2-Clause */
#include "stats/stats.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/stamp.h"

enum { LINE_MAX_LENGTH = 256 };

void sc_stats_start(struct sc_stats *stats, time_t now, const uint64_t sizes[SC_PEAKS])
{
    *stats = (struct sc_stats){.start = now};
    sc_stats_note_sizes(stats, sizes);
}

void sc_stats_note_sizes(struct sc_stats *stats, const uint64_t sizes[SC_PEAKS])
{
    for (int i = 0; i < SC_PEAKS; i++)
        if (stats->peaks[i] < sizes[i])
            stats->peaks[i] = sizes[i];
}

static bool stats_any(const uint64_t *numbers, int count)
{
    for (int i = 0; i < count; i++)
        if (numbers[i] > 0)
            return true;
    return false;
}

static unsigned stats_percentage(uint64_t hits, uint64_t misses)
{
    return (unsigned)((unsigned __int128)hits * 100 / ((unsigned __int128)hits + misses));
}

static void stats_report_start(const struct sc_stats *stats, char *line)
{
    char stamp[SC_STAMP_SIZE];

    sc_stamp(stamp, stats->start);
    snprintf(line, LINE_MAX_LENGTH, "statistics: start interval %s", stamp);
}

static void stats_report_lookups(const char *what, uint64_t hits, uint64_t misses, char *line)
{
    snprintf(line, LINE_MAX_LENGTH,
             "statistics: %s lookup hits=%" PRIu64 " miss=%" PRIu64 " success=%u%%", what, hits,
             misses, stats_percentage(hits, misses));
}

void sc_stats_report(const struct sc_stats *stats, void (*print)(void *context, const char *line),
                     void *context)
{
    const uint64_t *counters = stats->counters;
    const uint64_t *peaks = stats->peaks;
    char line[LINE_MAX_LENGTH];

    if (!stats_any(counters, SC_COUNTERS) && !stats_any(peaks, SC_PEAKS))
        return;
    stats_report_start(stats, line);
    print(context, line);
    if (counters[SC_DOMAIN_HITS] > 0 || counters[SC_DOMAIN_MISSES] > 0) {
        stats_report_lookups("domain", counters[SC_DOMAIN_HITS], counters[SC_DOMAIN_MISSES], line);
        print(context, line);
    }
    if (counters[SC_ADDRESS_HITS] > 0 || counters[SC_ADDRESS_MISSES] > 0) {
        stats_report_lookups("address", counters[SC_ADDRESS_HITS], counters[SC_ADDRESS_MISSES],
                             line);
        print(context, line);
    }
    if (stats_any(peaks, SC_PEAKS)) {
        snprintf(line, sizeof(line),
                 "statistics: max simultaneous domains=%" PRIu64 " addresses=%" PRIu64
                 " connection=%" PRIu64,
                 peaks[SC_PEAK_DOMAINS], peaks[SC_PEAK_ADDRESSES], peaks[SC_PEAK_CONNECTIONS]);
        print(context, line);
    }
}
