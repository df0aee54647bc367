/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_DESTINATION_H
#define SC_STORE_DESTINATION_H

/* Destinations: their coming and going. */

#include "store/entry.h"

/* A new destination, with a label that has none yet, and its hash; null: no memory. */
SC_MUST_CHECK struct sc_destination *sc_destination_new(struct sc_space *space, uint32_t hash,
                                                        struct sc_bytes label);

/* The destination with this label and its hash, or null. */
struct sc_destination *sc_destination_find(const struct sc_space *space, uint32_t hash,
                                           struct sc_bytes label);

/* Frees a destination that has no binding any more. */
void sc_destination_settle(struct sc_destination *destination);

/* The binding that expires first, or null. */
static inline struct sc_binding *sc_destination_first(const struct sc_destination *destination)
{
    return sc_binding_of(sc_heap_top(&destination->bindings));
}

#endif
