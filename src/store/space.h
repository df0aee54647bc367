/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_SPACE_H
#define SC_STORE_SPACE_H

/* What one user has: counts, and the shares that follow from them. */

#include "store/entry.h"

/* After a change of what is cached or held, or of what is bound. */
void sc_space_share_connections(struct sc_space *space);
void sc_space_share_bindings(struct sc_space *space);
void sc_space_share_known(struct sc_space *space);

static inline bool sc_store_is_shared(const struct sc_store *store)
{
    return store->sizes.spaces > 1;
}

/* Whether connections, text, bindings or cookies of his can go. */
bool sc_space_can_give(const struct sc_space *space, enum sc_share_kind kind);

/*
 * Who must give when @newcomer, or null, wants @amount more: the user who has
 * most. Null: the newcomer has most and nothing of his can go, or nobody can.
 */
struct sc_space *sc_space_victim(struct sc_store *store, enum sc_share_kind kind,
                                 struct sc_space *newcomer, size_t amount);

/* Who has most of all who can give; or null. */
struct sc_space *sc_space_richest(struct sc_store *store, enum sc_share_kind kind);

/* The connection, or binding, that expires first; or null. */
struct sc_connection *sc_space_first_connection(const struct sc_space *space);
struct sc_binding *sc_space_first_binding(const struct sc_space *space);

#endif
