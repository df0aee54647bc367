/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hash table that moves a few buckets at each operation when it grows or shrinks, so that none
 * pays for all. It compares labels whole; the hash is the caller's.
 */
#include "base/table.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* Smallest is enough for its eighths and sixteenths to be whole. */
enum { SMALLEST = 16 };

/*
 * Places moved by each operation. A table doubles when three quarters are
 * taken, and is done with the move long before that is so again. It halves
 * when an eighth is left; half of those removals later it may halve again,
 * and by then all must be moved, most of it empty.
 */
enum { MOVES_GROWING = 8, MOVES_SHRINKING = 32 };

/* What stands in a place that has no label. Only in old do labels leave a GONE behind. */
enum { EMPTY, GONE, FIRST_HASH };

/* Of the processor's memory, in bytes, and how many of them an entry takes around its label. */
enum { LINE = 64, LINES_BEFORE = 2, LINES_BEHIND = 4 };

static const size_t nowhere = SIZE_MAX;

static uint32_t table_hash_in_place(uint32_t hash)
{
    return hash < FIRST_HASH ? hash + FIRST_HASH : hash;
}

/*
 * What the label is part of, and what lies behind it, is mostly wanted next:
 * all of it comes from memory while the label is compared.
 */
static void table_prefetch_around(const struct sc_label *label)
{
    for (int line = -LINES_BEFORE; line < LINES_BEHIND; line++)
        __builtin_prefetch((const char *)label + line * LINE);
}

static bool table_is_of(const struct sc_label *label, struct sc_bytes bytes)
{
    table_prefetch_around(label);
    return sc_bytes_equal(sc_label_bytes(label), bytes);
}

/* The place with this label, or with any label of these bytes; or nowhere. */
static size_t table_place_of(const struct sc_places *places, uint32_t hash,
                             const struct sc_label *label, struct sc_bytes bytes)
{
    size_t mask = places->count - 1;

    if (places->count == 0)
        return nowhere;
    for (size_t at = hash & mask; places->hashes[at] != EMPTY; at = (at + 1) & mask) {
        if (places->hashes[at] != hash)
            continue;
        const struct sc_label *here = places->labels[at];
        if (label ? here == label : table_is_of(here, bytes))
            return at;
    }
    return nowhere;
}

static void table_put(struct sc_places *places, uint32_t hash, struct sc_label *label)
{
    size_t mask = places->count - 1;
    size_t at = hash & mask;

    while (places->hashes[at] != EMPTY)
        at = (at + 1) & mask;
    places->hashes[at] = hash;
    places->labels[at] = label;
}

/* Moves those that follow up into the gap, so that each can still be reached from its hash. */
static void table_close_gap(struct sc_places *places, size_t gap)
{
    size_t mask = places->count - 1;

    for (size_t at = (gap + 1) & mask; places->hashes[at] != EMPTY; at = (at + 1) & mask) {
        size_t from_home = (at - places->hashes[at]) & mask;
        if (from_home < ((at - gap) & mask))
            continue;
        places->hashes[gap] = places->hashes[at];
        places->labels[gap] = places->labels[at];
        gap = at;
    }
    places->hashes[gap] = EMPTY;
}

static void table_move_some(struct sc_table *table)
{
    struct sc_places *old = &table->old;
    int moves = old->count > table->now.count ? MOVES_SHRINKING : MOVES_GROWING;

    for (int i = 0; i < moves && old->count > 0; i++) {
        size_t at = table->moved++;
        if (old->hashes[at] >= FIRST_HASH) {
            table_put(&table->now, old->hashes[at], old->labels[at]);
            old->hashes[at] = GONE;
        }
        if (table->moved == old->count) {
            free(old->labels);
            *old = (struct sc_places){0};
        }
    }
}

static int table_start_moving(struct sc_table *table, size_t count)
{
    struct sc_label **labels = calloc(count, sizeof(struct sc_label *) + sizeof(uint32_t));

    if (!labels)
        return -ENOMEM;
    table->old = table->now;
    table->moved = 0;
    table->now = (struct sc_places){labels, (uint32_t *)(void *)(labels + count), count};
    table->most = count / 4 * 3;
    table->fewest = count > SMALLEST ? count / 8 : 0;
    return 0;
}

static inline int table_resize(struct sc_table *table)
{
    size_t count = table->now.count;

    if (table->labels >= table->fewest && table->labels < table->most)
        return 0;
    if (table->old.count > 0)
        return 0;
    if (table->labels < table->fewest)
        return table_start_moving(table, count / 2);
    return table_start_moving(table, count > 0 ? 2 * count : SMALLEST);
}

/* A table that cannot grow goes on more slowly, but some places must always be empty. */
static bool table_is_full(const struct sc_table *table)
{
    return table->labels >= table->now.count / 8 * 7;
}

void sc_table_init(struct sc_table *table)
{
    *table = (struct sc_table){0};
}

void sc_table_fini(struct sc_table *table)
{
    assert(table->labels == 0);
    free(table->now.labels);
    free(table->old.labels);
    sc_table_init(table);
}

struct sc_label *sc_table_find(const struct sc_table *table, uint32_t hash, struct sc_bytes bytes)
{
    hash = table_hash_in_place(hash);
    size_t at = table_place_of(&table->now, hash, NULL, bytes);
    if (at != nowhere)
        return table->now.labels[at];
    if (table->old.count == 0)
        return NULL;
    at = table_place_of(&table->old, hash, NULL, bytes);
    return at != nowhere ? table->old.labels[at] : NULL;
}

void sc_table_prefetch(const struct sc_table *table, uint32_t hash)
{
    size_t at = table_hash_in_place(hash) & (table->now.count - 1);

    if (table->now.count == 0)
        return;
    __builtin_prefetch(&table->now.hashes[at]);
    __builtin_prefetch(&table->now.labels[at]);
}

int sc_table_add(struct sc_table *table, struct sc_label *label)
{
    if (table_resize(table) < 0 && table_is_full(table))
        return -ENOMEM;
    if (table->old.count > 0)
        table_move_some(table);
    table_put(&table->now, table_hash_in_place(label->hash), label);
    table->labels++;
    return 0;
}

void sc_table_remove(struct sc_table *table, struct sc_label *label)
{
    uint32_t hash = table_hash_in_place(label->hash);
    size_t at = table_place_of(&table->now, hash, label, (struct sc_bytes){0});

    if (at != nowhere) {
        table_close_gap(&table->now, at);
    } else {
        at = table_place_of(&table->old, hash, label, (struct sc_bytes){0});
        assert(at != nowhere);
        table->old.hashes[at] = GONE;
    }
    table->labels--;
    /* A table that cannot shrink for want of memory is only larger. */
    if (table_resize(table) == 0 && table->old.count > 0)
        table_move_some(table);
}

static uint32_t table_reverse(uint32_t bits)
{
    bits = (bits >> 1 & 0x55555555) | (bits & 0x55555555) << 1;
    bits = (bits >> 2 & 0x33333333) | (bits & 0x33333333) << 2;
    bits = (bits >> 4 & 0x0f0f0f0f) | (bits & 0x0f0f0f0f) << 4;
    return __builtin_bswap32(bits);
}

/*
 * The first label of an array behind a place and before an end, if it comes
 * before the best that is known. Between the two lies one bucket, or a part
 * of one: all of it stands between its home and the next place that is empty.
 */
static struct sc_label *table_next_in_bucket(const struct sc_places *places,
                                             struct sc_table_place after, uint64_t end,
                                             struct sc_label *best)
{
    size_t mask = places->count - 1;

    if (places->count == 0)
        return best;
    for (size_t at = table_reverse((uint32_t)after.reversed) & mask; places->hashes[at] != EMPTY;
         at = (at + 1) & mask) {
        struct sc_label *label = places->labels[at];
        uint64_t reversed = table_reverse(places->hashes[at]);
        if (places->hashes[at] < FIRST_HASH || reversed < after.reversed || reversed >= end ||
            (reversed == after.reversed && (uintptr_t)label <= after.last))
            continue;
        if (best) {
            uint64_t least = table_reverse(table_hash_in_place(best->hash));
            if (reversed > least || (reversed == least && label > best))
                continue;
        }
        best = label;
    }
    return best;
}

struct sc_label *sc_table_next(const struct sc_table *table, struct sc_table_place *place,
                               size_t *steps)
{
    const uint64_t all = (uint64_t)1 << 32;
    size_t buckets = table->old.count > table->now.count ? table->old.count : table->now.count;

    if (buckets == 0)
        return NULL;
    for (; place->reversed<all && * steps> 0; --*steps) {
        uint64_t end = (place->reversed | (all / buckets - 1)) + 1;
        struct sc_label *label = table_next_in_bucket(&table->now, *place, end, NULL);
        label = table_next_in_bucket(&table->old, *place, end, label);
        if (label) {
            place->reversed = table_reverse(table_hash_in_place(label->hash));
            place->last = (uintptr_t)label;
            return label;
        }
        *place = (struct sc_table_place){end, 0};
    }
    return NULL;
}
