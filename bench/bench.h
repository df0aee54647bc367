/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_BENCH_H
#define SC_BENCH_BENCH_H

/*
 * What every subcommand shares: the options, the pool of descriptors, and the report. main.c
 * fills it in; who measures only reads it, and grows the pool.
 */

#include "lane.h"
#include "supply.h"
#include "target.h"

struct json_object;

/* Cached beforehand: labels that no client uses, and strings of this many bytes together. */
#define SC_FILL_FIRST 100000
#define SC_FILL_SIZE  190

struct sc_bench {
    /* options */
    const char *programs[SC_TARGET_KINDS];
    bool wanted[SC_TARGET_KINDS];
    unsigned rounds;
    double seconds;
    double warm_up;
    unsigned clients;
    unsigned cached;
    unsigned idle;
    unsigned ttl;
    enum sc_work work;
    bool one_label;
    bool bind;
    bool unix_pairs;
    bool full;
    bool apart;
    bool verbose;
    int server_cpu; /* -1: where the kernel likes */
    int load_cpu;
    const char *command;
    const char *connect;
    const char *out;
    /* state */
    const char *home;
    struct sc_supply pool;
    struct json_object *json;
};

/* What a lane is to do, with the times and labels that the options say. */
struct sc_load_plan sc_bench_plan(const struct sc_bench *bench, enum sc_work work,
                                  unsigned clients);

#endif
