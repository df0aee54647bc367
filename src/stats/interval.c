/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The four statistics lines, as differences between two readings of the
 * counters. When they are written, and where to, is their host's affair.
 */
#include "stats/interval.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/stamp.h"

enum { LINE_SIZE = 256 };

void sc_interval_start(struct sc_interval *interval, const struct sc_stats *stats, time_t now,
                       const uint64_t sizes[SC_PEAKS])
{
    *interval = (struct sc_interval){
        .start = now,
        .domain_hits = stats->counters[SC_DOMAIN_HITS],
        .domain_misses = stats->counters[SC_DOMAIN_MISSES],
        .address_hits = stats->counters[SC_ADDRESS_HITS],
        .address_misses = stats->counters[SC_ADDRESS_MISSES],
    };
    for (int i = 0; i < SC_PEAKS; i++)
        interval->peaks[i] = sizes[i];
}

/* Sums and products of counters fit. */
__extension__ typedef unsigned __int128 interval_wide;

static unsigned interval_percentage(uint64_t hits, uint64_t misses)
{
    return (unsigned)((interval_wide)hits * 100 / ((interval_wide)hits + misses));
}

static void interval_print_lookups(const char *what, uint64_t hits, uint64_t misses,
                                   void (*print)(void *context, const char *line), void *context)
{
    char line[LINE_SIZE];

    if (hits == 0 && misses == 0)
        return;
    snprintf(line, sizeof(line),
             "statistics: %s lookup hits=%" PRIu64 " miss=%" PRIu64 " success=%u%%", what, hits,
             misses, interval_percentage(hits, misses));
    print(context, line);
}

static bool interval_has_peaks(const struct sc_interval *interval)
{
    for (int i = 0; i < SC_PEAKS; i++)
        if (interval->peaks[i] > 0)
            return true;
    return false;
}

void sc_interval_report(const struct sc_interval *interval, const struct sc_stats *stats,
                        void (*print)(void *context, const char *line), void *context)
{
    uint64_t domain_hits = stats->counters[SC_DOMAIN_HITS] - interval->domain_hits;
    uint64_t domain_misses = stats->counters[SC_DOMAIN_MISSES] - interval->domain_misses;
    uint64_t address_hits = stats->counters[SC_ADDRESS_HITS] - interval->address_hits;
    uint64_t address_misses = stats->counters[SC_ADDRESS_MISSES] - interval->address_misses;
    const uint64_t *peaks = interval->peaks;
    bool has_peaks = interval_has_peaks(interval);
    char stamp[SC_STAMP_SIZE];
    char line[LINE_SIZE];

    if (!has_peaks && domain_hits + domain_misses + address_hits + address_misses == 0)
        return;
    sc_stamp(stamp, interval->start);
    snprintf(line, sizeof(line), "statistics: start interval %s", stamp);
    print(context, line);
    interval_print_lookups("domain", domain_hits, domain_misses, print, context);
    interval_print_lookups("address", address_hits, address_misses, print, context);
    if (!has_peaks)
        return;
    snprintf(line, sizeof(line),
             "statistics: max simultaneous domains=%" PRIu64 " addresses=%" PRIu64
             " connection=%" PRIu64,
             peaks[SC_PEAK_DOMAINS], peaks[SC_PEAK_ADDRESSES], peaks[SC_PEAK_CONNECTIONS]);
    print(context, line);
}
