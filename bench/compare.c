/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One comparison, as the options say: the commands run and load. Rows and curves of the
 * specification are made elsewhere, of the same parts.
 */
#include "compare.h"

#include "fill.h"
#include "group.h"
#include "idle.h"
#include "report.h"
#include "turns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Make one server carry what the options ask for before it is measured. */
static int compare_prepare(struct sc_bench *bench, struct sc_target *target, struct sc_idle *idle)
{
    struct sc_fill fill = {.first = SC_FILL_FIRST,
                           .count = bench->cached,
                           .ttl = bench->ttl,
                           .size = SC_FILL_SIZE,
                           .bind = bench->bind};
    int err = fill.count > 0 ? sc_fill_cache(target, &bench->pool, &fill) : 0;
    return err < 0 ? err : sc_idle_grow(idle, target, bench->idle);
}

static int compare_group(struct sc_bench *bench, struct sc_group *group)
{
    static struct sc_lane lanes[SC_TARGET_KINDS];
    struct sc_idle idle[SC_TARGET_KINDS] = {0};
    unsigned count = 0;
    int err = 0;

    for (int kind = 0; kind < SC_TARGET_KINDS && err == 0; kind++) {
        struct sc_target *target = &group->targets[kind];
        if (!group->up[kind])
            continue;
        if (bench->work == SC_WORK_PUTTAKE && kind == SC_TARGET_POSTFIX)
            continue; /* it does not know these requests */
        err = compare_prepare(bench, target, &idle[kind]);
        sc_lane_init(&lanes[count++], target, sc_bench_plan(bench, bench->work, bench->clients));
        fprintf(stderr, "%s is process %d\n", sc_target_name(target->kind),
                (int)target->launch.pid);
    }
    char title[80];
    snprintf(title, sizeof(title), "%s, %u clients, %u cached, %u idle", sc_work_name(bench->work),
             bench->clients, bench->cached, bench->idle);
    if (err == 0)
        err = sc_turns_run(lanes, count, bench->rounds, &bench->pool, title);
    if (err == 0)
        sc_report_table(bench, title, lanes, count, bench->rounds);
    for (int kind = 0; kind < SC_TARGET_KINDS; kind++)
        sc_idle_fini(&idle[kind]);
    return err;
}

int sc_compare_run(struct sc_bench *bench)
{
    struct sc_group group;
    unsigned client_limit = bench->idle > 0 ? bench->idle + bench->clients + 100 : 0;
    int err = sc_group_start(&group, bench, client_limit);
    if (err < 0)
        return err;
    err = compare_group(bench, &group);
    sc_group_stop(&group);
    return err;
}

int sc_compare_load(struct sc_bench *bench)
{
    struct sc_target target;
    if (bench->connect == NULL) {
        fputs("scache-bench: load needs --connect PATH\n", stderr);
        return -EINVAL;
    }
    int err = sc_target_attach(&target, bench->connect);
    if (err < 0) {
        fprintf(stderr, "scache-bench: %s: %s\n", bench->connect, strerror(-err));
        return err;
    }
    struct sc_group group = {.targets = {target}, .up = {true}};
    err = compare_group(bench, &group);
    sc_group_stop(&group);
    return err;
}
