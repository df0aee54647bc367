/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_WATCHDOG_H
#define SC_HOST_WATCHDOG_H

/*
 * A timer signal (SIGALRM) that ends the process when its loop has hung.
 * Waiting for events is not hanging, however long; neither is having been
 * stopped, because the signals that are due meanwhile count as one, and it
 * takes several to make a hang.
 */

#include "base/log.h"
#include "base/util.h"
#include "loop/loop.h"

struct sc_watchdog;

/*
 * Watches a loop that may hang for @seconds; before the process ends it pauses
 * for @exit_pause seconds. One per process. To be made before any other hook of
 * the loop, so that it sees whole turns. Returns 0 or -errno.
 */
SC_MUST_CHECK int sc_watchdog_new(struct sc_watchdog **watchdog, struct sc_loop *loop,
                                  struct sc_log *log, int64_t seconds, int exit_pause);
void sc_watchdog_free(struct sc_watchdog *watchdog);

#endif
