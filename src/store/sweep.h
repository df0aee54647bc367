/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_SWEEP_H
#define SC_STORE_SWEEP_H

/* Going through all that is cached, in slices, for what has to go. */

#include "store/entry.h"

/* Something was dropped, or a limit lowered: everything has to be looked at. */
void sc_sweep_request(struct sc_store *store);

/* Forgets such a request: nothing is cached. */
void sc_sweep_cancel(struct sc_store *store);

#endif
