/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_TURNS_H
#define SC_BENCH_TURNS_H

/*
 * Comparing servers on a machine that is shared and noisy: each lane is one server under one
 * load, the lanes run in turn (A B C A B C ...), and what is compared are the figures of one
 * round with each other. A quotient is given as the median over the rounds, with the smallest and
 * the largest.
 */

#include "lane.h"

/* Run all lanes in turn, `rounds` times, with progress on standard error. 0 or -errno. */
int sc_turns_run(struct sc_lane *lanes, unsigned count, unsigned rounds, struct sc_supply *pool,
                 const char *title) __attribute__((warn_unused_result));

#endif
