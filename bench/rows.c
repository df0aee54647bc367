/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of the specification, row by row: what is wanted, what was measured. A row whose
 * server is missing says so and fails nothing.
 */
#include "rows.h"

#include "fill.h"
#include "group.h"
#include "report.h"
#include "storebench.h"
#include "turns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LANES_MAX  6
#define FULL_CACHE 15000
#define MANY       16
#define FEW        8
#define ROWS_MAX   16

struct rows {
    struct sc_bench *bench;
    struct sc_group empty;
    struct sc_group loaded;
    double idle_size[SC_TARGET_KINDS];
    double connection_size[SC_TARGET_KINDS];
    struct sc_lane lanes[LANES_MAX];
    unsigned count;
    struct sc_row said[ROWS_MAX];
    unsigned row_count;
};

static struct sc_lane *rows_lane_add(struct rows *rows, struct sc_group *group,
                                     enum sc_target_kind kind, enum sc_work work, unsigned clients,
                                     const char *note)
{
    if (!group->up[kind])
        return NULL;
    struct sc_lane *lane = &rows->lanes[rows->count++];
    sc_lane_init(lane, &group->targets[kind], sc_bench_plan(rows->bench, work, clients));
    snprintf(lane->label, sizeof(lane->label), "%s%s", sc_target_name(kind), note);
    return lane;
}

static int rows_lanes_run(struct rows *rows, const char *title)
{
    struct sc_bench *bench = rows->bench;
    int err = sc_turns_run(rows->lanes, rows->count, bench->rounds, &bench->pool, title);
    if (err == 0)
        sc_report_table(bench, title, rows->lanes, rows->count, bench->rounds);
    rows->count = 0;
    return err;
}

/* A row that compares two lanes, scaled; when one of them is missing it says so. */
static struct sc_row row_ratio(const struct rows *rows, const char *what,
                               const struct sc_lane *lane, const struct sc_lane *base,
                               enum sc_metric metric, double scale)
{
    struct sc_row row = {.what = what, .unit = "times"};
    if (lane == NULL || base == NULL)
        return row;
    row.measured = sc_lane_ratio(lane, base, metric, rows->bench->rounds);
    row.measured.median *= scale;
    row.measured.min *= scale;
    row.measured.max *= scale;
    return row;
}

/* Kept to be shown together at the end. */
static void row_say(struct rows *rows, struct sc_row row, bool at_least, double bound)
{
    row.at_least = at_least;
    row.bound = bound;
    if (rows->row_count < ROWS_MAX)
        rows->said[rows->row_count++] = row;
}

static bool rows_show(const struct rows *rows)
{
    bool all_met = true;
    printf("\nwanted and measured\n");
    for (unsigned i = 0; i < rows->row_count; i++) {
        const struct sc_row *row = &rows->said[i];
        if (row->measured.median <= 0) {
            sc_report_row_absent(rows->bench, row->what);
            continue;
        }
        sc_report_row(rows->bench, row);
        all_met = all_met && sc_report_row_is_met(row);
    }
    fflush(stdout);
    return all_met;
}

static int rows_many(struct rows *rows)
{
    struct sc_lane *floor =
        rows_lane_add(rows, &rows->empty, SC_TARGET_FLOOR, SC_WORK_CYCLE, MANY, "");
    struct sc_lane *postfix =
        rows_lane_add(rows, &rows->empty, SC_TARGET_POSTFIX, SC_WORK_CYCLE, MANY, "");
    struct sc_lane *ours =
        rows_lane_add(rows, &rows->empty, SC_TARGET_SCACHE, SC_WORK_CYCLE, MANY, "");
    rows_lane_add(rows, &rows->empty, SC_TARGET_FLOOR, SC_WORK_PUTTAKE, MANY, ", put+take");
    struct sc_lane *quick =
        rows_lane_add(rows, &rows->empty, SC_TARGET_SCACHE, SC_WORK_PUTTAKE, MANY, ", put+take");
    int err = rows_lanes_run(rows, "cycle and put+take, 16 clients");
    if (err < 0)
        return err;

    row_say(rows, row_ratio(rows, "requests a second, to the floor", ours, floor, SC_RATE, 1), true,
            0.92);
    row_say(rows, row_ratio(rows, "requests a second, to Postfix's", ours, postfix, SC_RATE, 1),
            true, 10);
    row_say(
        rows,
        row_ratio(rows, "server CPU time for one request, to the floor", ours, floor, SC_CPU, 1),
        false, 1.08);
    /* Three requests of the floor's make a cycle, two of put and take. */
    row_say(rows,
            row_ratio(rows, "cycles a second by put + take, to the floor's cycles", quick, floor,
                      SC_RATE, 1.5),
            true, 2.1);
    struct sc_row pair = {.what = "server CPU time for a put and take pair", .unit = "us"};
    if (quick != NULL) {
        pair.measured = sc_spread_of(quick->samples[SC_CPU], rows->bench->rounds);
        pair.measured.median *= 2;
        pair.measured.min *= 2;
        pair.measured.max *= 2;
    }
    row_say(rows, pair, false, 8);
    return 0;
}

static int rows_cached(struct rows *rows)
{
    struct sc_lane *ours =
        rows_lane_add(rows, &rows->empty, SC_TARGET_SCACHE, SC_WORK_CYCLE, FEW, ", empty");
    struct sc_lane *full =
        rows_lane_add(rows, &rows->loaded, SC_TARGET_SCACHE, SC_WORK_CYCLE, FEW, ", 15,000");
    rows_lane_add(rows, &rows->empty, SC_TARGET_POSTFIX, SC_WORK_CYCLE, FEW, ", empty");
    rows_lane_add(rows, &rows->loaded, SC_TARGET_POSTFIX, SC_WORK_CYCLE, FEW, ", 15,000");
    int err = rows_lanes_run(rows, "cycle, 8 clients, empty and with 15,000 connections cached");
    if (err < 0)
        return err;
    row_say(
        rows,
        row_ratio(rows, "requests a second with 15,000 cached, to empty", full, ours, SC_RATE, 1),
        true, 0.95);
    return 0;
}

static int rows_miss(struct rows *rows)
{
    struct sc_lane *floor =
        rows_lane_add(rows, &rows->empty, SC_TARGET_FLOOR, SC_WORK_MISS, MANY, "");
    rows_lane_add(rows, &rows->empty, SC_TARGET_POSTFIX, SC_WORK_MISS, MANY, "");
    struct sc_lane *ours =
        rows_lane_add(rows, &rows->empty, SC_TARGET_SCACHE, SC_WORK_MISS, MANY, "");
    int err = rows_lanes_run(rows, "misses only, 16 clients");
    if (err < 0)
        return err;
    row_say(rows, row_ratio(rows, "misses a second, to the floor", ours, floor, SC_RATE, 1), true,
            0.95);
    return 0;
}

static int rows_single(struct rows *rows)
{
    struct sc_lane *floor =
        rows_lane_add(rows, &rows->empty, SC_TARGET_FLOOR, SC_WORK_CYCLE, 1, "");
    rows_lane_add(rows, &rows->empty, SC_TARGET_POSTFIX, SC_WORK_CYCLE, 1, "");
    struct sc_lane *ours =
        rows_lane_add(rows, &rows->empty, SC_TARGET_SCACHE, SC_WORK_CYCLE, 1, "");
    int err = rows_lanes_run(rows, "cycle, one client");
    if (err < 0)
        return err;
    row_say(rows,
            row_ratio(rows, "one client, median latency, to the floor", ours, floor, SC_P50, 1),
            false, 1.05);
    return 0;
}

static void rows_memory(struct rows *rows)
{
    static const char *const names[] = {"floor", "Postfix", "scache"};
    printf("\nmemory\n");
    for (int kind = 0; kind < SC_TARGET_KINDS; kind++) {
        char name[80];
        if (!rows->loaded.up[kind])
            continue;
        snprintf(name, sizeof(name), "%s: resident when idle", names[kind]);
        sc_report_number(rows->bench, "memory", name, rows->idle_size[kind] / 1e6, "MB");
        snprintf(name, sizeof(name), "%s: one cached connection, 190 bytes of strings",
                 names[kind]);
        sc_report_number(rows->bench, "memory", name, rows->connection_size[kind], "bytes");
    }
    double each = rows->connection_size[SC_TARGET_SCACHE];
    double idle = rows->idle_size[SC_TARGET_SCACHE] / 1e6;
    row_say(rows,
            (struct sc_row){.what = "memory for one cached connection, 190 bytes of strings",
                            .unit = "bytes",
                            .measured = {each, each, each}},
            false, 400);
    row_say(rows,
            (struct sc_row){
                .what = "resident size when idle", .unit = "MB", .measured = {idle, idle, idle}},
            false, 4);
}

static void rows_store(struct rows *rows)
{
    double thousand;
    double million;
    if (sc_storebench_pair(&thousand, &million) < 0)
        return;
    double ratio = million / thousand;
    row_say(rows,
            (struct sc_row){.what = "the store alone, a million entries, save + find",
                            .unit = "ns",
                            .measured = {million, million, million}},
            false, 500);
    row_say(rows,
            (struct sc_row){.what = "the same, to the time at a thousand",
                            .unit = "times",
                            .measured = {ratio, ratio, ratio}},
            false, 4);
}

/* Two of each, so that the empty and the full cache can be measured in turn. */
static int rows_start(struct rows *rows)
{
    struct sc_bench *bench = rows->bench;
    struct sc_fill fill = {
        .first = SC_FILL_FIRST, .count = FULL_CACHE, .ttl = bench->ttl, .size = SC_FILL_SIZE};
    int err = sc_group_start(&rows->empty, bench, 0);
    if (err == 0)
        err = sc_group_start(&rows->loaded, bench, 0);
    for (int kind = 0; kind < SC_TARGET_KINDS && err == 0; kind++) {
        struct sc_target *target = &rows->loaded.targets[kind];
        if (!rows->loaded.up[kind])
            continue;
        fprintf(stderr, "filling %s with %u connections\n",
                sc_target_name((enum sc_target_kind)kind), fill.count);
        rows->idle_size[kind] = (double)sc_target_rss(target);
        err = sc_fill_cache(target, &bench->pool, &fill);
        rows->connection_size[kind] =
            ((double)sc_target_rss(target) - rows->idle_size[kind]) / fill.count;
    }
    return err;
}

int sc_rows_run(struct sc_bench *bench)
{
    struct rows *rows = calloc(1, sizeof(*rows));
    if (rows == NULL)
        return -ENOMEM;
    rows->bench = bench;
    int err = rows_start(rows);
    if (err == 0)
        err = rows_many(rows);
    if (err == 0)
        err = rows_cached(rows);
    if (err == 0)
        err = rows_miss(rows);
    if (err == 0)
        err = rows_single(rows);
    if (err == 0)
        rows_memory(rows);
    sc_group_stop(&rows->loaded);
    sc_group_stop(&rows->empty);
    if (err == 0) {
        rows_store(rows);
        err = rows_show(rows) ? 0 : 1;
    }
    free(rows);
    return err;
}
