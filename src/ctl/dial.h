/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_DIAL_H
#define SC_CTL_DIAL_H

/*
 * Opening the connection that there was none of in the cache.
 */

#include "target.h"

/*
 * Connects to each of a name's addresses in turn, until one answers within
 * @seconds. Returns a descriptor that blocks and is the caller's; or -1, and
 * why in @reason.
 */
SC_CTL_MUST_CHECK int sc_ctl_dial(const struct sc_ctl_target *target, int seconds,
                                  const char **reason);

#endif
