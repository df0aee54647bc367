/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_COMPARE_H
#define SC_BENCH_COMPARE_H

/*
 * Two commands: compare servers that are started for it, or drive one that runs already. Both
 * return 0 or -errno.
 */

struct sc_bench;

int sc_compare_run(struct sc_bench *bench) __attribute__((warn_unused_result));
int sc_compare_load(struct sc_bench *bench) __attribute__((warn_unused_result));

#endif
