/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_EXPIRY_H
#define SC_STORE_EXPIRY_H

/* Removing what has expired, some of it with each call that saves or finds. */

#include "store/entry.h"

/* Takes notice of the time and removes a few, if there are any: more than a save brings in. */
void sc_expiry_keep_up(struct sc_store *store, int64_t now);

#endif
