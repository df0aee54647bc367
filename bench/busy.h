/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_BUSY_H
#define SC_BENCH_BUSY_H

/*
 * How busy the whole machine is, to tell a reader that somebody else was at work while a figure
 * was taken. In steps of the kernel's clock tick, so of use over a second or more.
 */

#include <stdint.h>

/* Time that all processors together have been busy since boot, in ns; 0 when it is not known. */
uint64_t sc_busy_ns(void);

#endif
