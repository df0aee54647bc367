/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The three curves: rate against clients; rate, CPU time and size against connections cached;
 * size against idle clients. They are for the eye: nothing here is wanted or not met.
 */
#include "series.h"

#include "fill.h"
#include "group.h"
#include "idle.h"
#include "report.h"
#include "turns.h"

#include <stdio.h>
#include <string.h>

#define POINT_LANES SC_TARGET_KINDS

static const unsigned client_points[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};
static const unsigned cached_points[] = {0, 1000, 2000, 4000, 8000, 12000, 15000};
static const unsigned idle_points[] = {0, 1000, 2500, 5000, 10000};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static unsigned series_lanes_make(struct sc_lane lanes[POINT_LANES], struct sc_group *group,
                                  const struct sc_bench *bench, unsigned clients)
{
    unsigned count = 0;
    for (int kind = 0; kind < SC_TARGET_KINDS; kind++) {
        if (group->up[kind])
            sc_lane_init(&lanes[count++], &group->targets[kind],
                         sc_bench_plan(bench, SC_WORK_CYCLE, clients));
    }
    return count;
}

/* The metric of every kind of server in the order floor, Postfix, scache; NaN for an absent one,
   which gnuplot leaves out. */
static void series_columns_put(FILE *file, const struct sc_lane *lanes, unsigned count,
                               enum sc_metric metric, unsigned rounds)
{
    for (int kind = 0; file != NULL && kind < SC_TARGET_KINDS; kind++) {
        const struct sc_lane *lane = NULL;
        for (unsigned i = 0; i < count; i++) {
            if (lanes[i].target->kind == (enum sc_target_kind)kind)
                lane = &lanes[i];
        }
        if (lane == NULL)
            fputs(" NaN", file);
        else
            fprintf(file, " %.2f", sc_spread_of(lane->samples[metric], rounds).median);
    }
}

static int series_point_run(struct sc_bench *bench, struct sc_group *group, FILE *file,
                            unsigned clients, unsigned at, const char *title)
{
    static struct sc_lane lanes[POINT_LANES];
    unsigned count = series_lanes_make(lanes, group, bench, clients);
    int err = sc_turns_run(lanes, count, bench->rounds, &bench->pool, title);
    if (err < 0)
        return err;
    sc_report_table(bench, title, lanes, count, bench->rounds);
    if (file != NULL)
        fprintf(file, "%u", at);
    series_columns_put(file, lanes, count, SC_RATE, bench->rounds);
    series_columns_put(file, lanes, count, SC_CPU, bench->rounds);
    series_columns_put(file, lanes, count, SC_P50, bench->rounds);
    series_columns_put(file, lanes, count, SC_P99, bench->rounds);
    series_columns_put(file, lanes, count, SC_RSS, bench->rounds);
    if (file != NULL)
        fputc('\n', file);
    return 0;
}

#define COLUMNS                                                                                    \
    "then floor, postfix, scache each: requests a second, CPU us, median us, 99% us, resident "    \
    "bytes"

int sc_series_clients(struct sc_bench *bench)
{
    struct sc_group group;
    char title[80];
    int err = sc_group_start(&group, bench, 0);
    if (err < 0)
        return err;
    FILE *file = sc_report_columns(bench, "clients.dat", "clients; " COLUMNS);
    for (unsigned i = 0; i < COUNT(client_points) && err == 0; i++) {
        snprintf(title, sizeof(title), "cycle, %u clients", client_points[i]);
        err = series_point_run(bench, &group, file, client_points[i], client_points[i], title);
    }
    if (file != NULL)
        fclose(file);
    sc_group_stop(&group);
    return err;
}

/* Save as many connections as are missing, on every server. */
static int series_group_fill(struct sc_bench *bench, struct sc_group *group, unsigned have,
                             unsigned want)
{
    struct sc_fill fill = {.first = SC_FILL_FIRST + have,
                           .count = want - have,
                           .ttl = bench->ttl,
                           .size = SC_FILL_SIZE,
                           .bind = bench->bind};
    int err = 0;
    for (int kind = 0; kind < SC_TARGET_KINDS && err == 0; kind++) {
        if (group->up[kind] && fill.count > 0)
            err = sc_fill_cache(&group->targets[kind], &bench->pool, &fill);
    }
    return err;
}

int sc_series_cached(struct sc_bench *bench)
{
    struct sc_group group;
    char title[80];
    unsigned have = 0;
    int err = sc_group_start(&group, bench, 0);
    if (err < 0)
        return err;
    FILE *file = sc_report_columns(bench, "cached.dat", "connections cached; " COLUMNS);
    for (unsigned i = 0; i < COUNT(cached_points) && err == 0; i++) {
        unsigned want = cached_points[i];
        snprintf(title, sizeof(title), "cycle, %u clients, %u cached", bench->clients, want);
        err = series_group_fill(bench, &group, have, want);
        have = want;
        if (err == 0)
            err = series_point_run(bench, &group, file, bench->clients, want, title);
    }
    if (file != NULL)
        fclose(file);
    sc_group_stop(&group);
    return err;
}

/* One server at a time: our own descriptors would not do for the clients of all. */
static int series_idle_measure(struct sc_target *target, uint64_t sizes[COUNT(idle_points)])
{
    struct sc_idle idle = {0};
    int err = 0;
    for (unsigned i = 0; i < COUNT(idle_points) && err == 0; i++) {
        fprintf(stderr, "idle clients: %s, %u\n", sc_target_name(target->kind), idle_points[i]);
        err = sc_idle_grow(&idle, target, idle_points[i]);
        sizes[i] = sc_target_rss(target);
    }
    sc_idle_fini(&idle);
    return err;
}

static void series_idle_columns(const struct sc_bench *bench,
                                uint64_t sizes[SC_TARGET_KINDS][COUNT(idle_points)])
{
    FILE *file = sc_report_columns(bench, "idle.dat",
                                   "idle clients, then resident bytes of floor, postfix, scache");
    if (file == NULL)
        return;
    for (unsigned i = 0; i < COUNT(idle_points); i++) {
        fprintf(file, "%u", idle_points[i]);
        for (int kind = 0; kind < SC_TARGET_KINDS; kind++) {
            if (sizes[kind][i] > 0)
                fprintf(file, " %llu", (unsigned long long)sizes[kind][i]);
            else
                fputs(" NaN", file);
        }
        fputc('\n', file);
    }
    fclose(file);
}

static void series_idle_report(struct sc_bench *bench, enum sc_target_kind kind,
                               const uint64_t sizes[COUNT(idle_points)])
{
    char name[80];
    unsigned most = COUNT(idle_points) - 1;
    double grown = (double)sizes[most] - (double)sizes[0];
    snprintf(name, sizeof(name), "%s: memory for one of %u idle clients", sc_target_name(kind),
             idle_points[most]);
    sc_report_number(bench, "idle", name, grown / idle_points[most], "bytes");
}

int sc_series_idle(struct sc_bench *bench)
{
    struct sc_group group;
    uint64_t sizes[SC_TARGET_KINDS][COUNT(idle_points)] = {0};
    int err = sc_group_start(&group, bench, idle_points[COUNT(idle_points) - 1] + 1000);
    if (err < 0)
        return err;
    printf("\nidle clients\n");
    for (int kind = 0; kind < SC_TARGET_KINDS && err == 0; kind++) {
        if (!group.up[kind])
            continue;
        err = series_idle_measure(&group.targets[kind], sizes[kind]);
        if (err == 0)
            series_idle_report(bench, (enum sc_target_kind)kind, sizes[kind]);
    }
    if (err == 0)
        series_idle_columns(bench, sizes);
    sc_group_stop(&group);
    return err;
}
