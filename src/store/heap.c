/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/heap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A small array is kept, or a heap that goes between one and two would allocate each time. */
enum { FANOUT = 4, SMALLEST = 4, SMALLEST_TRIMMED = 16 };

static bool before(struct sc_heap_slot one, struct sc_heap_slot other)
{
    if (one.expires != other.expires)
        return one.expires < other.expires;
    return one.key->serial < other.key->serial;
}

static void set(struct sc_heap_slot *slots, int level, uint32_t at, struct sc_heap_slot slot)
{
    slots[at] = slot;
    slot.key->place[level] = at;
}

static void rise(struct sc_heap *heap, int level, uint32_t at, struct sc_heap_slot slot)
{
    struct sc_heap_slot *slots = heap->slots;

    while (at > 0) {
        uint32_t parent = (at - 1) / FANOUT;
        if (!before(slot, slots[parent]))
            break;
        set(slots, level, at, slots[parent]);
        at = parent;
    }
    set(slots, level, at, slot);
}

static uint32_t first_child(struct sc_heap_slot *slots, uint32_t child, uint32_t end)
{
    uint32_t best = child;

    while (++child < end)
        if (before(slots[child], slots[best]))
            best = child;
    return best;
}

static void sink(struct sc_heap *heap, int level, uint32_t at, struct sc_heap_slot slot)
{
    struct sc_heap_slot *slots = heap->slots;

    for (;;) {
        uint64_t child = (uint64_t)at * FANOUT + 1;
        if (child >= heap->count)
            break;
        uint64_t end = child + FANOUT < heap->count ? child + FANOUT : heap->count;
        uint32_t best = first_child(slots, (uint32_t)child, (uint32_t)end);
        if (!before(slots[best], slot))
            break;
        set(slots, level, at, slots[best]);
        at = best;
    }
    set(slots, level, at, slot);
}

static void settle(struct sc_heap *heap, int level, uint32_t at, struct sc_heap_slot slot)
{
    if (at > 0 && before(slot, heap->slots[(at - 1) / FANOUT]))
        rise(heap, level, at, slot);
    else
        sink(heap, level, at, slot);
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

static int resize(struct sc_heap *heap, size_t capacity)
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

int sc_heap_reserve(struct sc_heap *heap, size_t entries)
{
    size_t capacity = heap->capacity;

    if (entries <= capacity)
        return 0;
    if (entries > UINT32_MAX / 2)
        return -ENOMEM;
    if (capacity < SMALLEST)
        capacity = SMALLEST;
    while (capacity < entries)
        capacity += capacity / 2;
    return resize(heap, capacity);
}

void sc_heap_trim(struct sc_heap *heap, size_t entries)
{
    size_t capacity = heap->capacity;

    assert(entries >= heap->count);
    if (capacity <= SMALLEST_TRIMMED || entries > capacity / 4)
        return;
    if (resize(heap, capacity / 2) < 0)
        return; /* A heap that stays large is still right. */
}

struct sc_heap_key *sc_heap_top(const struct sc_heap *heap)
{
    if (heap->count == 0)
        return NULL;
    return heap->capacity > 1 ? heap->slots[0].key : heap->only;
}

/* The whole of a heap that has no array. */
static void put(struct sc_heap *heap, int level, struct sc_heap_key *key)
{
    heap->only = key;
    key->place[level] = 0;
}

void sc_heap_push(struct sc_heap *heap, int level, struct sc_heap_key *key)
{
    assert(heap->count < heap->capacity);
    uint32_t at = heap->count++;
    if (heap->capacity == 1)
        put(heap, level, key);
    else
        rise(heap, level, at, (struct sc_heap_slot){key->expires, key});
}

void sc_heap_remove(struct sc_heap *heap, int level, struct sc_heap_key *key)
{
    uint32_t at = key->place[level];

    assert(at < heap->count);
    heap->count--;
    if (heap->capacity == 1)
        return;
    assert(heap->slots[at].key == key);
    struct sc_heap_slot last = heap->slots[heap->count];
    if (last.key != key)
        settle(heap, level, at, last);
}

void sc_heap_replace(struct sc_heap *heap, int level, struct sc_heap_key *old,
                     struct sc_heap_key *key)
{
    uint32_t at = old->place[level];

    assert(at < heap->count);
    if (heap->capacity == 1)
        put(heap, level, key);
    else
        settle(heap, level, at, (struct sc_heap_slot){key->expires, key});
}

void sc_heap_update(struct sc_heap *heap, int level, struct sc_heap_key *key)
{
    sc_heap_replace(heap, level, key, key);
}
