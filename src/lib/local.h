/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_LOCAL_H
#define SC_LIB_LOCAL_H

/*
 * The cache in this process: a store of its own, and what a store leaves to
 * others, namely closing descriptors and looking at the far end of a
 * connection before it is handed out. Time is an argument, monotonic
 * milliseconds. It carries out a call at once.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "lib/call.h"
#include "scache.h"

struct sc_store;
struct sc_space;

struct sc_local {
    struct sc_store *store;
    struct sc_space *space;
    struct sc_buf texts; /* of what was found last */
};

/* Returns 0 or -errno. */
SC_MUST_CHECK int sc_local_init(struct sc_local *local, size_t max_connections);
void sc_local_set_max(struct sc_local *local, size_t max_connections);
void sc_local_fini(struct sc_local *local);

/*
 * Carries out a call. Returns why it is a miss, or SCACHE_REASON_NONE: found
 * or saved. What was found is valid until the next call.
 */
SC_MUST_CHECK enum scache_reason sc_local_run(struct sc_local *local, int64_t now,
                                              struct sc_call *call);

/* Closes what has expired. */
void sc_local_expire(struct sc_local *local, int64_t now);

/* When the next entry expires; INT64_MAX: nothing is cached. */
int64_t sc_local_next_expiry(const struct sc_local *local);

/* Forgets and closes everything. */
void sc_local_clear(struct sc_local *local);

#endif
