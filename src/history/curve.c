/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What many look-ups would have found, added up for each time to live. What
 * one of them finds is not known here.
 */
#include "history/curve.h"

void sc_curve_add(struct sc_curve *curve, const struct sc_takings *takings)
{
    for (size_t i = 0; i < takings->count; i++) {
        const struct sc_taken *taken = &takings->taken[i];
        curve->hits[taken->from]++;
        curve->ages[taken->from] += taken->age;
        if (taken->until == SC_CURVE_TIMES)
            continue;
        curve->hits[taken->until]--;
        curve->ages[taken->until] -= taken->age;
    }
}

void sc_small_curve_add(struct sc_small_curve *curve, const struct sc_takings *takings)
{
    for (size_t i = 0; i < takings->count; i++) {
        const struct sc_taken *taken = &takings->taken[i];
        curve->hits[taken->from]++;
        curve->ages[taken->from] += taken->age;
        if (taken->until == SC_CURVE_TIMES)
            continue;
        curve->hits[taken->until]--;
        curve->ages[taken->until] -= taken->age;
    }
}

void sc_curve_read(const struct sc_curve *curve, int64_t elapsed,
                   struct sc_curve_point points[SC_CURVE_TIMES])
{
    int64_t hits = 0;
    int64_t ages = 0;

    for (size_t i = 0; i < SC_CURVE_TIMES; i++) {
        int64_t ttl = sc_curve_time(i);
        int64_t longest = ttl < elapsed ? ttl : elapsed;
        hits += curve->hits[i];
        ages += curve->ages[i];
        /* Each lies there until it is found, or for all of its time. */
        double lain = (double)ages + ((double)curve->saves - (double)hits) * (double)longest;
        points[i] = (struct sc_curve_point){
            .ttl = ttl,
            .hits = (uint64_t)hits,
            .held = elapsed > 0 && lain > 0 ? lain / (double)elapsed : 0,
        };
    }
}

void sc_small_curve_read(const struct sc_small_curve *curve, int64_t elapsed,
                         struct sc_curve_point points[SC_CURVE_TIMES])
{
    struct sc_curve wide = {.saves = curve->saves};

    for (size_t i = 0; i < SC_CURVE_TIMES; i++) {
        wide.hits[i] = curve->hits[i];
        wide.ages[i] = curve->ages[i];
    }
    sc_curve_read(&wide, elapsed, points);
}
