/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int sc_group_start(struct sc_group *group, const struct sc_bench *bench, unsigned client_limit)
{
    *group = (struct sc_group){0};
    for (int kind = 0; kind < SC_TARGET_KINDS; kind++) {
        group->targets[kind] = (struct sc_target){.log_fd = -1};
        if (!bench->wanted[kind])
            continue;
        struct sc_target_setup setup = {.program = bench->programs[kind],
                                        .home = bench->home,
                                        .ttl_limit = bench->ttl,
                                        .client_limit = client_limit,
                                        .cpu = bench->server_cpu,
                                        .verbose = bench->verbose};
        int err = sc_target_start(&group->targets[kind], (enum sc_target_kind)kind, &setup);
        if (err < 0) {
            sc_group_stop(group);
            return err;
        }
        group->up[kind] = true;
    }
    return 0;
}

void sc_group_stop(struct sc_group *group)
{
    for (int kind = 0; kind < SC_TARGET_KINDS; kind++) {
        if (group->up[kind])
            sc_target_stop(&group->targets[kind]);
        group->up[kind] = false;
    }
}

void sc_lane_init(struct sc_lane *lane, struct sc_target *target, const struct sc_bench *bench,
                  enum sc_work work, unsigned clients)
{
    memset(lane, 0, sizeof(*lane));
    snprintf(lane->label, sizeof(lane->label), "%s", sc_target_name(target->kind));
    lane->target = target;
    lane->plan = (struct sc_load_plan){.work = work,
                                       .clients = clients,
                                       .one_label = bench->one_label,
                                       .ttl = bench->ttl,
                                       .warm_up = bench->warm_up,
                                       .seconds = bench->seconds};
}

/* Make one server carry what the options ask for before it is measured. */
static int group_target_prepare(struct sc_bench *bench, struct sc_target *target,
                                struct sc_idle *idle)
{
    struct sc_fill fill = {.first = SC_FILL_FIRST,
                           .count = bench->cached,
                           .ttl = bench->ttl,
                           .size = SC_FILL_SIZE,
                           .bind = bench->bind};
    int err = fill.count > 0 ? sc_fill_cache(target, &bench->pool, &fill) : 0;
    return err < 0 ? err : sc_idle_grow(idle, target, bench->idle);
}

static int group_compare(struct sc_bench *bench, struct sc_group *group)
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
        err = group_target_prepare(bench, target, &idle[kind]);
        sc_lane_init(&lanes[count++], target, bench, bench->work, bench->clients);
        fprintf(stderr, "%s is process %d\n", sc_target_name(target->kind), (int)target->pid);
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

int sc_bench_run(struct sc_bench *bench)
{
    struct sc_group group;
    unsigned client_limit = bench->idle > 0 ? bench->idle + bench->clients + 100 : 0;
    int err = sc_group_start(&group, bench, client_limit);
    if (err < 0)
        return err;
    err = group_compare(bench, &group);
    sc_group_stop(&group);
    return err;
}

int sc_bench_load(struct sc_bench *bench)
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
    err = group_compare(bench, &group);
    sc_group_stop(&group);
    return err;
}
