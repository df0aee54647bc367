/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFINE_CAPABILITIES_H
#define SC_CONFINE_CAPABILITIES_H

/*
 * The capabilities of the process (capabilities(7)), of which a server that
 * runs needs none. They are given up in two steps, because the bounding set
 * can be made smaller only by who is still privileged.
 */

#include "base/util.h"

/* Empties the bounding set. What cannot be dropped was never had, or does not matter afterwards. */
void sc_capabilities_drop_bounds(void);

/*
 * Gives up all others, for good. Returns 0, also where there were none and no
 * way to drop them; or -errno.
 */
SC_MUST_CHECK int sc_capabilities_drop(void);

#endif
