/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_ROWS_H
#define SC_BENCH_ROWS_H

/*
 * The command that measures every wanted figure.
 */

struct sc_bench;

/* 0 when all are met, 1 when some are not, or -errno. */
int sc_rows_run(struct sc_bench *bench) __attribute__((warn_unused_result));

#endif
