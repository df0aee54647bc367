/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_SERIES_H
#define SC_BENCH_SERIES_H

/*
 * The commands that make a curve each, as columns for gnuplot. All return 0 or -errno.
 */

struct sc_bench;

int sc_series_clients(struct sc_bench *bench) __attribute__((warn_unused_result));
int sc_series_cached(struct sc_bench *bench) __attribute__((warn_unused_result));
int sc_series_idle(struct sc_bench *bench) __attribute__((warn_unused_result));

#endif
