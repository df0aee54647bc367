/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_KNOWN_H
#define SC_STORE_KNOWN_H

/*
 * Cookies of connections that are out: since when each is known, and how
 * often it was handed out, so that it is no newcomer when it is saved again.
 * None is remembered for longer than the limit of lifetime after it went out,
 * nor more than limits.known; what is forgotten is new when it comes back.
 */

#include "store/entry.h"

/* Null: it is not known to be out. */
struct sc_known *sc_known_find(const struct sc_store *store, uint64_t cookie);

/* Remembers one that goes out now, unless there is no need, no share of his left, or no memory. */
void sc_known_add(struct sc_space *space, int64_t now, uint64_t cookie, int64_t since,
                  uint32_t uses);

void sc_known_forget(struct sc_known *known);

/* Forgets what has been out for too long, at most @steps. Returns whether there is more. */
bool sc_known_expire(struct sc_store *store, size_t steps);

/* When the next one is forgotten; INT64_MAX: not by time. */
int64_t sc_known_next_expiry(const struct sc_store *store);

/* Forgets what is over the limits, at most @steps. Returns whether there is more. */
bool sc_known_settle(struct sc_store *store, size_t steps);

#endif
