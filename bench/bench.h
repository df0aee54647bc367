/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_BENCH_H
#define SC_BENCH_BENCH_H

/*
 * What every subcommand shares: the options, the pool of descriptors, and the report. A group is
 * one process of each kind of server that was asked for and is there, started afresh.
 */

#include "fill.h"
#include "supply.h"
#include "target.h"
#include "turns.h"

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

struct sc_group {
    struct sc_target targets[SC_TARGET_KINDS];
    bool up[SC_TARGET_KINDS];
};

/* Start what is wanted and installed; a missing Postfix is said and left out, a missing scache
   is an error. 0 or -errno. */
int sc_group_start(struct sc_group *group, const struct sc_bench *bench, unsigned client_limit)
    __attribute__((warn_unused_result));
void sc_group_stop(struct sc_group *group);

/* A lane for one target of a group under the bench's own times. */
void sc_lane_init(struct sc_lane *lane, struct sc_target *target, const struct sc_bench *bench,
                  enum sc_work work, unsigned clients);

/* Subcommands: 0 or -errno; positive: a row of the specification was not met. */
int sc_bench_run(struct sc_bench *bench) __attribute__((warn_unused_result));
int sc_bench_load(struct sc_bench *bench) __attribute__((warn_unused_result));
int sc_bench_clients(struct sc_bench *bench) __attribute__((warn_unused_result));
int sc_bench_cached(struct sc_bench *bench) __attribute__((warn_unused_result));
int sc_bench_idle(struct sc_bench *bench) __attribute__((warn_unused_result));
int sc_bench_rows(struct sc_bench *bench) __attribute__((warn_unused_result));
int sc_bench_all(struct sc_bench *bench) __attribute__((warn_unused_result));

#endif
