/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_KEEPER_H
#define SC_BENCH_KEEPER_H

/*
 * Nothing is left behind: the work is done in a child, and the parent does no more than wait. In
 * whatever way the child ends, also by a signal or when we are interrupted, the parent then ends
 * all servers that the child started and removes the temporary directory.
 */

struct sc_bench;

/* Runs work(bench) with bench->home set to a fresh directory; returns the exit status. */
int sc_keeper_run(struct sc_bench *bench, int (*work)(struct sc_bench *));

#endif
