/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BASE_TABLE_H
#define SC_BASE_TABLE_H

/*
 * A hash table of labels. Each label is embedded, as the last member, in the
 * thing that it names, so that finding the label is finding the thing.
 *
 * Labels carry names that strangers choose; the caller hashes them with a
 * secret key, or somebody will choose names that all collide. A place holds a
 * label's hash beside the pointer to it, and colliding labels stand in the
 * next places, so that only the label that is looked for is ever touched:
 * among a million each touch is a wait for memory. The table grows and
 * shrinks a few places at a time, within the operations that add and remove,
 * so that no operation ever pays for moving everything.
 *
 * The table owns its places and never the labels.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/util.h"

/*
 * The last member of what it is in: its bytes follow at once. They are no member
 * themselves, since what ends so could stand in no other structure.
 */
struct sc_label {
    uint32_t hash;
    uint32_t length;
};

/* Where they begin in a structure of that type, whose label is called so. */
#define SC_LABEL_START(type) (offsetof(type, label) + sizeof(struct sc_label))

static inline char *sc_label_start(const struct sc_label *label)
{
    return (char *)(uintptr_t)(label + 1);
}

/* Two arrays in one block: hashes are compared far more often than labels are followed. */
struct sc_places {
    struct sc_label **labels;
    uint32_t *hashes;
    size_t count; /* a power of two, or zero */
};

struct sc_table {
    struct sc_places now;
    struct sc_places old; /* what is still to be moved, or empty */
    size_t moved;         /* places of old that are empty for good */
    size_t labels;
    size_t most; /* labels before it grows, and fewest before it shrinks */
    size_t fewest;
};

void sc_table_init(struct sc_table *table);
void sc_table_fini(struct sc_table *table);

/* The label with these bytes and this hash of them, or null. */
struct sc_label *sc_table_find(const struct sc_table *table, uint32_t hash, struct sc_bytes bytes);

/* Begins to load what a find or an add of this hash will need. */
void sc_table_prefetch(const struct sc_table *table, uint32_t hash);

/*
 * Adds a label that is not there, its hash and bytes set. Returns 0, or
 * -ENOMEM when the table is full and there is no memory for a larger one.
 */
SC_MUST_CHECK int sc_table_add(struct sc_table *table, struct sc_label *label);

void sc_table_remove(struct sc_table *table, struct sc_label *label);

/*
 * How far somebody has gone through a table. Labels stand in the order of
 * their hashes read from the last bit to the first, those with the same hash
 * in that of their addresses. This order is the same in an array of any size,
 * so a place is never out of date: the table may grow and shrink, and the
 * label at hand may go, and yet what stays is seen exactly once.
 */
struct sc_table_place {
    uint64_t reversed; /* of the label seen last, or where to go on; zero at first */
    uintptr_t last;    /* its address, or zero */
};

/*
 * The label behind a place, which moves on to it. Null: there is none, or
 * @steps, each a bucket or so, are used up; it is lowered by those that were
 * needed, and not zero at the end of the table.
 */
struct sc_label *sc_table_next(const struct sc_table *table, struct sc_table_place *place,
                               size_t *steps);

/* Moves a place back in front of the label that was seen last. */
static inline void sc_table_unread(struct sc_table_place *place)
{
    place->last--;
}

static inline void sc_text_copy(char *to, struct sc_bytes text)
{
    if (text.length > 0) /* The empty view may have no address. */
        memcpy(to, text.data, text.length);
}

static inline void sc_label_init(struct sc_label *label, uint32_t hash, struct sc_bytes bytes)
{
    label->hash = hash;
    label->length = (uint32_t)bytes.length;
    sc_text_copy(sc_label_start(label), bytes);
}

static inline struct sc_bytes sc_label_bytes(const struct sc_label *label)
{
    return (struct sc_bytes){sc_label_start(label), label->length};
}

#endif
