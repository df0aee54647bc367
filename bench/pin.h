/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_PIN_H
#define SC_BENCH_PIN_H

/*
 * Which processor runs what. Left alone the kernel puts two processes that wake each other now on
 * one processor and now on two; that is what users get, and on a quiet machine it settles. To keep
 * them apart makes runs more alike, and a wake-up dearer on virtual machines.
 */

/* The first two processors that we may use; -1 and -1 when there is but one. */
void sc_pin_choose(int *server_cpu, int *load_cpu);

/* Run the calling process on one processor from now on; -1 changes nothing. */
void sc_pin(int cpu);

/* Back to all processors. */
void sc_pin_nowhere(void);

#endif
