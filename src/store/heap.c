/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/heap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A small array is kept, or a heap that goes between one and two would allocate each time. */
enum { FANOUT = 4, SMALLEST = 4, SMALLEST_TRIMMED = 16 };

static struct sc_heap_key **slots_of(struct sc_heap *heap)
{
    return heap->slots ? heap->slots : &heap->first;
}

static void set(struct sc_heap_key **slots, int level, uint32_t at, struct sc_heap_key *key)
{
    slots[at] = key;
    key->place[level] = at;
}

static void rise(struct sc_heap *heap, int level, uint32_t at, struct sc_heap_key *key)
{
    struct sc_heap_key **slots = slots_of(heap);

    while (at > 0) {
        uint32_t parent = (at - 1) / FANOUT;
        if (!sc_heap_before(key, slots[parent]))
            break;
        set(slots, level, at, slots[parent]);
        at = parent;
    }
    set(slots, level, at, key);
}

static uint32_t first_child(struct sc_heap_key **slots, uint32_t child, uint32_t end)
{
    uint32_t best = child;

    while (++child < end)
        if (sc_heap_before(slots[child], slots[best]))
            best = child;
    return best;
}

static void sink(struct sc_heap *heap, int level, uint32_t at, struct sc_heap_key *key)
{
    struct sc_heap_key **slots = slots_of(heap);

    for (;;) {
        uint64_t child = (uint64_t)at * FANOUT + 1;
        if (child >= heap->count)
            break;
        uint64_t end = child + FANOUT < heap->count ? child + FANOUT : heap->count;
        uint32_t best = first_child(slots, (uint32_t)child, (uint32_t)end);
        if (!sc_heap_before(slots[best], key))
            break;
        set(slots, level, at, slots[best]);
        at = best;
    }
    set(slots, level, at, key);
}

static void settle(struct sc_heap *heap, int level, uint32_t at, struct sc_heap_key *key)
{
    struct sc_heap_key **slots = slots_of(heap);

    if (at > 0 && sc_heap_before(key, slots[(at - 1) / FANOUT]))
        rise(heap, level, at, key);
    else
        sink(heap, level, at, key);
}

void sc_heap_init(struct sc_heap *heap)
{
    *heap = (struct sc_heap){.capacity = 1};
}

void sc_heap_fini(struct sc_heap *heap)
{
    free(heap->slots);
    sc_heap_init(heap);
}

static int resize(struct sc_heap *heap, size_t capacity)
{
    struct sc_heap_key **slots = realloc(heap->slots, capacity * sizeof(*slots));

    if (!slots)
        return -ENOMEM;
    if (!heap->slots)
        slots[0] = heap->first;
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
    return heap->slots ? heap->slots[0] : heap->first;
}

void sc_heap_push(struct sc_heap *heap, int level, struct sc_heap_key *key)
{
    assert(heap->count < heap->capacity);
    rise(heap, level, heap->count++, key);
}

void sc_heap_remove(struct sc_heap *heap, int level, struct sc_heap_key *key)
{
    struct sc_heap_key **slots = slots_of(heap);
    uint32_t at = key->place[level];

    assert(at < heap->count && slots[at] == key);
    struct sc_heap_key *last = slots[--heap->count];
    if (last != key)
        settle(heap, level, at, last);
}

void sc_heap_replace(struct sc_heap *heap, int level, struct sc_heap_key *old,
                     struct sc_heap_key *key)
{
    uint32_t at = old->place[level];

    assert(at < heap->count && slots_of(heap)[at] == old);
    settle(heap, level, at, key);
}

void sc_heap_update(struct sc_heap *heap, int level, struct sc_heap_key *key)
{
    sc_heap_replace(heap, level, key, key);
}
