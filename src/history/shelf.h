/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HISTORY_SHELF_H
#define SC_HISTORY_SHELF_H

/*
 * Places, found by label, and as many as there is room for. Two bounds hold:
 * their number, and memory: SC_SHELF_BYTES for each of that number and a little
 * for all, whatever labels strangers choose.
 *
 * Whoever is looked up a second time is among those that are kept: four fifths
 * of the shelf, in the order of the last look-up. All others are new, and only
 * new ones make room. So labels that come once and never again push out each
 * other, never those that are busy.
 *
 * Nothing is allocated before the first place is. A place is valid until
 * another is got.
 */

#include "base/pool.h"
#include "history/place.h"

enum {
    SC_SHELF_BYTES = 384,
    SC_SHELF_BYTES_FOR_ALL = 4096,
    SC_SHELF_KEY_LENGTH = 16,
    SC_SHELF_LABEL_MOST = 1000, /* a longer label has no place */
};

TAILQ_HEAD(sc_place_line, sc_place);

struct sc_shelf_slot {
    struct sc_place *place; /* null: empty */
    uint32_t next_empty;
};

struct sc_shelf {
    unsigned char key[SC_SHELF_KEY_LENGTH];
    size_t limit;
    size_t count;
    size_t kept;
    struct sc_place_line lines[SC_SEGMENTS]; /* the one that was looked up last first */
    struct sc_table table;
    struct sc_shelf_slot *slots;
    uint32_t slot_count;
    uint32_t empty; /* the first empty slot and one; 0: none */
    uint32_t serial;
    struct sc_pool pool;
    /* Told of a place that makes room, while it is whole. */
    void (*leaves)(struct sc_shelf *shelf, const struct sc_place *place);
};

void sc_shelf_init(struct sc_shelf *shelf, const unsigned char key[SC_SHELF_KEY_LENGTH]);
void sc_shelf_fini(struct sc_shelf *shelf);

/* Lower limits hold at once. */
void sc_shelf_set_limit(struct sc_shelf *shelf, size_t limit);

/* The place of that name; null when there is none. */
struct sc_place *sc_shelf_find(const struct sc_shelf *shelf, const struct sc_place_name *name);

/* The same; it is made if there is none. Null: no room, no memory, or too long a label. */
struct sc_place *sc_shelf_get(struct sc_shelf *shelf, const struct sc_place_name *name);

/* Null when it has made room. */
struct sc_place *sc_shelf_follow(const struct sc_shelf *shelf, struct sc_place_ref ref);

/* The place with this index, or null; indexes are below slot_count. */
struct sc_place *sc_shelf_at(const struct sc_shelf *shelf, size_t index);

/* It was looked up. */
void sc_shelf_touch(struct sc_shelf *shelf, struct sc_place *place, int64_t now);

/* What only some places have; null: no memory. */
struct sc_place_past *sc_shelf_past(struct sc_shelf *shelf, struct sc_place *endpoint);
struct sc_place_bond *sc_shelf_bonds(struct sc_shelf *shelf, struct sc_place *destination);

/* Bytes of memory for all of it. */
size_t sc_shelf_bytes(const struct sc_shelf *shelf);

#endif
