/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_WATCHDOG_H
#define SC_HOST_WATCHDOG_H

/*
 * A thread that ends the process when its loop has hung. Waiting for events
 * is not hanging, however long; neither is having been stopped by a signal,
 * because the watchdog is stopped too and counts only what it sees itself.
 */

#include <ev.h>

#include "base/log.h"
#include "base/util.h"

struct sc_watchdog;

/* Watches a loop that may hang for so many seconds. Returns 0 or -errno. */
SC_MUST_CHECK int sc_watchdog_new(struct sc_watchdog **watchdog, struct ev_loop *loop,
                                  struct sc_log *log, int64_t seconds, int exit_pause);
void sc_watchdog_free(struct sc_watchdog *watchdog);

#endif
