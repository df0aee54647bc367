/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One server under one load, and its figures of each round. It runs nothing:
 * turns.c does, and report.c shows what came of it.
 */
#include "lane.h"

#include <stdio.h>
#include <string.h>

void sc_lane_init(struct sc_lane *lane, struct sc_target *target, struct sc_load_plan plan)
{
    memset(lane, 0, sizeof(*lane));
    snprintf(lane->label, sizeof(lane->label), "%s", sc_target_name(target->kind));
    lane->target = target;
    lane->plan = plan;
}

struct sc_spread sc_lane_ratio(const struct sc_lane *lane, const struct sc_lane *base,
                               enum sc_metric metric, unsigned rounds)
{
    double ratios[SC_ROUNDS_MAX];
    for (unsigned i = 0; i < rounds; i++) {
        double under = base->samples[metric][i];
        ratios[i] = under > 0 ? lane->samples[metric][i] / under : 0;
    }
    return sc_spread_of(ratios, rounds);
}
