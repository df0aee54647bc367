/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_STOREBENCH_H
#define SC_BENCH_STOREBENCH_H

/*
 * The store by itself, in this process and without a system call: nanoseconds for each verb at a
 * thousand to a million entries, with labels that were chosen to hurt.
 */

struct sc_bench;

/* The subcommand: 0 or -errno. */
int sc_storebench_run(struct sc_bench *bench) __attribute__((warn_unused_result));

/*
 * A find of any connection and the save that brings it back, among a thousand
 * and among a million, together, in ns. What a save costs under a label that
 * has long been absent is a column of the subcommand's table.
 */
int sc_storebench_pair(double *thousand, double *million) __attribute__((warn_unused_result));

#endif
