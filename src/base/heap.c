/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A four-way heap over an array that is reserved beforehand, so that only reserving can fail. It
 * moves entries and compares their keys; what they stand for it does not know.
 */
#include "base/heap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FANOUT = 4, SMALLEST = 4 };

static bool heap_before(struct sc_heap_slot one, struct sc_heap_slot other)
{
    if (one.expires != other.expires)
        return one.expires < other.expires;
    return one.key->serial < other.key->serial;
}

static void heap_set(struct sc_heap_slot *slots, uint32_t at, struct sc_heap_slot slot)
{
    slots[at] = slot;
    slot.key->place = at;
}

static void heap_rise(struct sc_heap *heap, uint32_t at, struct sc_heap_slot slot)
{
    struct sc_heap_slot *slots = heap->slots;

    while (at > 0) {
        uint32_t parent = (at - 1) / FANOUT;
        if (!heap_before(slot, slots[parent]))
            break;
        heap_set(slots, at, slots[parent]);
        at = parent;
    }
    heap_set(slots, at, slot);
}

static uint32_t heap_first_child(struct sc_heap_slot *slots, uint32_t child, uint32_t end)
{
    uint32_t best = child;

    while (++child < end)
        if (heap_before(slots[child], slots[best]))
            best = child;
    return best;
}

static void heap_sink(struct sc_heap *heap, uint32_t at, struct sc_heap_slot slot)
{
    struct sc_heap_slot *slots = heap->slots;

    for (;;) {
        uint64_t child = (uint64_t)at * FANOUT + 1;
        if (child >= heap->count)
            break;
        uint64_t end = child + FANOUT < heap->count ? child + FANOUT : heap->count;
        uint32_t best = heap_first_child(slots, (uint32_t)child, (uint32_t)end);
        if (!heap_before(slots[best], slot))
            break;
        heap_set(slots, at, slots[best]);
        at = best;
    }
    heap_set(slots, at, slot);
}

static void heap_settle(struct sc_heap *heap, uint32_t at, struct sc_heap_slot slot)
{
    if (at > 0 && heap_before(slot, heap->slots[(at - 1) / FANOUT]))
        heap_rise(heap, at, slot);
    else
        heap_sink(heap, at, slot);
}

void sc_heap_init(struct sc_heap *heap)
{
    *heap = (struct sc_heap){.capacity = 1};
}

void sc_heap_fini(struct sc_heap *heap)
{
    if (heap->capacity > 1)
        free(heap->slots);
    sc_heap_init(heap);
}

static int heap_resize(struct sc_heap *heap, size_t capacity)
{
    struct sc_heap_slot *slots =
        realloc(heap->capacity > 1 ? heap->slots : NULL, capacity * sizeof(*slots));

    if (!slots)
        return -ENOMEM;
    if (heap->capacity == 1 && heap->count == 1)
        slots[0] = (struct sc_heap_slot){heap->only->expires, heap->only};
    heap->slots = slots;
    heap->capacity = (uint32_t)capacity;
    return 0;
}

int sc_heap_grow(struct sc_heap *heap, size_t entries)
{
    size_t capacity = heap->capacity;

    if (entries > UINT32_MAX / 2)
        return -ENOMEM;
    if (capacity < SMALLEST)
        capacity = SMALLEST;
    while (capacity < entries)
        capacity += capacity / 2;
    return heap_resize(heap, capacity);
}

void sc_heap_shrink(struct sc_heap *heap, size_t entries)
{
    assert(entries >= heap->count);
    if (heap_resize(heap, heap->capacity / 2) < 0)
        return; /* A heap that stays large is still right. */
}

void sc_heap_prefetch(const struct sc_heap *heap, const struct sc_heap_key *key)
{
    if (heap->capacity == 1)
        return;
    __builtin_prefetch(&heap->slots[key->place]);
    __builtin_prefetch(&heap->slots[(key->place - 1) / FANOUT]);
    __builtin_prefetch(heap->slots[heap->count - 1].key);
}

/* The whole of a heap that has no array. */
static void heap_put(struct sc_heap *heap, struct sc_heap_key *key)
{
    heap->only = key;
    key->place = 0;
}

void sc_heap_push(struct sc_heap *heap, struct sc_heap_key *key)
{
    assert(heap->count < heap->capacity);
    uint32_t at = heap->count++;
    if (heap->capacity == 1)
        heap_put(heap, key);
    else
        heap_rise(heap, at, (struct sc_heap_slot){key->expires, key});
}

void sc_heap_remove(struct sc_heap *heap, struct sc_heap_key *key)
{
    uint32_t at = key->place;

    assert(at < heap->count);
    heap->count--;
    if (heap->capacity == 1)
        return;
    struct sc_heap_slot last = heap->slots[heap->count];
    if (last.key != key)
        heap_settle(heap, at, last);
}

void sc_heap_update(struct sc_heap *heap, struct sc_heap_key *key)
{
    assert(key->place < heap->count);
    if (heap->capacity > 1)
        heap_settle(heap, key->place, (struct sc_heap_slot){key->expires, key});
}
