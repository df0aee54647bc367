/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_EXPIRY_H
#define SC_STORE_EXPIRY_H

/* Removing what has expired, some of it with each call that saves or finds. */

#include "store/entry.h"

void sc_expiry_remove_few(struct sc_store *store);

/* Takes notice of the time and removes a few, if there are any: more than a save brings in. */
static inline void sc_expiry_keep_up(struct sc_store *store, int64_t now)
{
    sc_store_see_time(store, now);
    if (store->now >= store->quiet_until)
        sc_expiry_remove_few(store);
}

#endif
