/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_BINDING_H
#define SC_STORE_BINDING_H

/*
 * Bindings: newborn, bound, renewed, ended. Newborn, one is the caller's and
 * in no line and no count.
 */

#include "store/entry.h"

/* A newborn binding; null: no memory. */
SC_MUST_CHECK struct sc_binding *sc_binding_new(struct sc_destination *destination,
                                                struct sc_endpoint *endpoint,
                                                struct sc_bytes property);

/* Frees one that is newborn. */
void sc_binding_free(struct sc_binding *binding);

/* Puts a newborn at the back of its destination's line. */
void sc_binding_save(struct sc_binding *binding, int64_t now, int64_t ttl);

/* Gives a binding a new time to live. */
void sc_binding_renew(struct sc_binding *binding, int64_t now, int64_t ttl);

/* The binding of a destination to this endpoint with this property, or null. */
struct sc_binding *sc_binding_find(const struct sc_destination *destination,
                                   const struct sc_endpoint *endpoint, struct sc_bytes property);

/* Forgets a binding, and settles its destination and its endpoint. */
void sc_binding_end(struct sc_binding *binding, enum sc_end end);

/* Bytes that count as its. */
static inline size_t sc_binding_text(const struct sc_binding *binding)
{
    return (size_t)binding->destination->label.length + binding->endpoint->label.length +
           binding->length;
}

#endif
