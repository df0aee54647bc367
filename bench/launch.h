/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_LAUNCH_H
#define SC_BENCH_LAUNCH_H

/*
 * What master(8) does to start a service, for one server under test: a queue directory with a
 * listening socket private/scache, a main.cf, a postlog socket, descriptors 3 and 4 (a pipe), 5
 * (the status channel) and 6 (the listener). Used by target.c alone.
 */

#include "target.h"

/* Fills pid, master, log_fd, addr and home. 0 or -errno; on error what was filled is the
   caller's to release with sc_target_stop(). */
int sc_launch(struct sc_target *target, const struct sc_target_setup *setup)
    __attribute__((warn_unused_result));

#endif
