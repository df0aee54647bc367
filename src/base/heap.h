/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BASE_HEAP_H
#define SC_BASE_HEAP_H

/*
 * A heap of entries ordered by when they expire, the oldest first among
 * equals. It is an array with four children to a node, which touches little
 * memory; each entry remembers its place, so that it can leave from the
 * middle. It is in one heap at most.
 *
 * The heap owns its array and never the entries. Room is reserved first, the
 * one step that can fail; from then on pushing cannot. A heap with room for
 * one has no array, and allocates nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

struct sc_heap_key {
    int64_t expires; /* monotonic milliseconds */
    uint64_t serial; /* order of saving, unique */
    uint32_t place;
    uint32_t text_length; /* not the heap's: the owner's text, here to fill a gap */
};

/* The expiry stands in the array too, so that most comparisons stay there. */
struct sc_heap_slot {
    int64_t expires;
    struct sc_heap_key *key;
};

struct sc_heap {
    union {
        struct sc_heap_slot *slots;
        struct sc_heap_key *only; /* while the capacity is 1 */
    };
    uint32_t count;
    uint32_t capacity;
};

void sc_heap_init(struct sc_heap *heap);
void sc_heap_fini(struct sc_heap *heap);

/* Whether one expires before the other. */
static inline bool sc_heap_before(const struct sc_heap_key *one, const struct sc_heap_key *other)
{
    if (one->expires != other->expires)
        return one->expires < other->expires;
    return one->serial < other->serial;
}

/* Makes room for so many entries in all. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_heap_reserve(struct sc_heap *heap, size_t entries);

/* Gives memory back when far more is reserved than these entries need. */
void sc_heap_trim(struct sc_heap *heap, size_t entries);

/* The entry that expires first, or null. */
struct sc_heap_key *sc_heap_top(const struct sc_heap *heap);

/* Begins to load what it will take to remove or update an entry of this heap. */
void sc_heap_prefetch(const struct sc_heap *heap, const struct sc_heap_key *key);

void sc_heap_push(struct sc_heap *heap, struct sc_heap_key *key);
void sc_heap_remove(struct sc_heap *heap, struct sc_heap_key *key);

/* Moves an entry of this heap to where its changed expiry belongs. */
void sc_heap_update(struct sc_heap *heap, struct sc_heap_key *key);

#endif
