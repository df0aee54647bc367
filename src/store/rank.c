/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tournament of heaps that says what expires first. It knows keys and
 * heaps only, neither connections nor bindings.
 */
#include "store/rank.h"

/*
 * Gives whoever has the lower heap the place in the higher one that its first
 * entry deserves. It stands there unless the lower heap is, or was, empty.
 * Returns whether anything had to change.
 */
static inline bool rank_promote(struct sc_heap *higher, struct sc_heap_key *key,
                                const struct sc_heap *lower, bool was_empty)
{
    const struct sc_heap_key *first = sc_heap_top(lower);

    if (!first) {
        if (!was_empty)
            sc_heap_remove(higher, key);
        return !was_empty;
    }
    if (!was_empty && key->serial == first->serial && key->expires == first->expires)
        return false;
    key->expires = first->expires;
    key->serial = first->serial;
    if (was_empty)
        sc_heap_push(higher, key);
    else
        sc_heap_update(higher, key);
    return true;
}

void sc_rank_change(const struct sc_heap *heap, struct sc_heap_key *key, struct sc_rank *rank,
                    struct sc_heap *top, bool was_empty)
{
    bool rank_was_empty = rank->live.count == 0;

    if (rank_promote(&rank->live, key, heap, was_empty))
        (void)rank_promote(top, &rank->key, &rank->live, rank_was_empty);
}
