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
    int64_t expires SC_TIGHT; /* monotonic milliseconds */
    uint64_t serial SC_TIGHT; /* order of saving, unique */
    uint32_t place;
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

/* A small array is kept, or a heap that goes between one and two would allocate each time. */
enum { SC_HEAP_SMALLEST_TRIMMED = 16 };

/* What the two below do when there is anything to do. */
SC_MUST_CHECK int sc_heap_grow(struct sc_heap *heap, size_t entries);
void sc_heap_shrink(struct sc_heap *heap, size_t entries);

/* Makes room for @entries in all. Returns 0 or -ENOMEM. */
SC_MUST_CHECK static inline int sc_heap_reserve(struct sc_heap *heap, size_t entries)
{
    return entries <= heap->capacity ? 0 : sc_heap_grow(heap, entries);
}

/* Gives memory back when far more is reserved than @entries need. */
static inline void sc_heap_trim(struct sc_heap *heap, size_t entries)
{
    if (heap->capacity > SC_HEAP_SMALLEST_TRIMMED && entries <= heap->capacity / 4)
        sc_heap_shrink(heap, entries);
}

/* The entry that expires first, or null. */
static inline struct sc_heap_key *sc_heap_top(const struct sc_heap *heap)
{
    if (heap->count == 0)
        return NULL;
    return heap->capacity > 1 ? heap->slots[0].key : heap->only;
}

/* Begins to load what it will take to remove or update an entry of this heap. */
void sc_heap_prefetch(const struct sc_heap *heap, const struct sc_heap_key *key);

void sc_heap_push(struct sc_heap *heap, struct sc_heap_key *key);
void sc_heap_remove(struct sc_heap *heap, struct sc_heap_key *key);

/* Moves an entry of this heap to where its changed expiry belongs. */
void sc_heap_update(struct sc_heap *heap, struct sc_heap_key *key);

#endif
