/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_RANK_H
#define SC_STORE_RANK_H

/*
 * The tournament: carries a change in the lowest heap up to the higher ones.
 * A heap that has become empty takes its owner out of the next one.
 */

#include "store/entry.h"

/*
 * After a change in @heap, whose owner has @key in the heap of @rank, whose
 * owner stands in @top. @was_empty: before the change.
 */
void sc_rank_change(const struct sc_heap *heap, struct sc_heap_key *key, struct sc_rank *rank,
                    struct sc_heap *top, bool was_empty);

#endif
