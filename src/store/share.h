/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_SHARE_H
#define SC_STORE_SHARE_H

/*
 * Who has most of something that users share, and so is asked when room is
 * needed. Those who have something that can go stand in one heap, by how much
 * they have in all; those who have only what cannot (connections that are
 * held) in another, since who asks must not have more than they.
 *
 * Members are embedded in what is the user's; the heaps never own them. While
 * there is but one user nobody need be a member of anything.
 */

#include "base/heap.h"
#include "base/util.h"

enum sc_share_kind {
    SC_SHARE_CONNECTIONS, /* held ones too */
    SC_SHARE_TEXT,        /* likewise */
    SC_SHARE_BINDINGS,
    SC_SHARE_KNOWN,
    SC_SHARES
};

struct sc_member {
    struct sc_heap_key key; /* what he has, negative; then who is asked first among equals */
    struct sc_heap *in;     /* null: in none */
};

struct sc_share {
    struct sc_heap givers;
    struct sc_heap keepers;
};

void sc_share_init(struct sc_share *share);
void sc_share_fini(struct sc_share *share);

/* Makes room for so many members. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_share_reserve(struct sc_share *share, size_t members);

/* @rank: the lowest is asked first among equals; no two have the same. */
void sc_member_init(struct sc_member *member, uint64_t rank);

/* Says what a member has now, and whether some of it can go. */
void sc_share_set(struct sc_share *share, struct sc_member *member, size_t total, bool can_go);

/*
 * Who must give when @newcomer, a member or null, wants so much more. Null:
 * the newcomer himself has most and has nothing to give, or nobody has.
 */
struct sc_member *sc_share_victim(const struct sc_share *share, struct sc_member *newcomer,
                                  size_t amount);

/* Who has most of all that have something to give, or null. */
struct sc_member *sc_share_first(const struct sc_share *share);

/* What a member has, as it was said last. */
static inline size_t sc_member_total(const struct sc_member *member)
{
    return (size_t)-member->key.expires;
}

#endif
