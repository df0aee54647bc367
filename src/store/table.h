/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_TABLE_H
#define SC_STORE_TABLE_H

/*
 * A hash table of labels. Each label is embedded, as the last member, in the
 * thing that it names, so that finding the label is finding the thing.
 *
 * Labels carry names that strangers choose; the caller hashes them with a
 * secret key, or somebody will choose names that all collide. The table grows
 * and shrinks a bucket at a time, within the operations that add and remove,
 * so that no operation ever pays for moving everything.
 *
 * The table owns its buckets and never the labels.
 */

#include <stdint.h>

#include "base/bytes.h"
#include "base/util.h"

struct sc_label {
    struct sc_label *next;
    uint32_t hash;
    uint32_t length;
    char bytes[];
};

struct sc_buckets {
    struct sc_label **heads;
    size_t count; /* a power of two, or zero */
};

struct sc_table {
    struct sc_buckets now;
    struct sc_buckets old; /* what is still to be moved, or empty */
    size_t moved;          /* buckets of old that are empty for good */
    size_t labels;
};

void sc_table_init(struct sc_table *table);
void sc_table_fini(struct sc_table *table);

/* The label with these bytes and this hash of them, or null. */
struct sc_label *sc_table_find(const struct sc_table *table, uint32_t hash, struct sc_bytes bytes);

/*
 * Adds a label that is not there, its hash and bytes set. Returns 0, or
 * -ENOMEM when there is no memory even for the smallest table; a table that
 * cannot grow goes on with longer chains.
 */
SC_MUST_CHECK int sc_table_add(struct sc_table *table, struct sc_label *label);

void sc_table_remove(struct sc_table *table, struct sc_label *label);

/*
 * Calls visit for every label, in no particular order. The call-back must not
 * change the table.
 */
void sc_table_walk(const struct sc_table *table, void (*visit)(void *context, struct sc_label *),
                   void *context);

static inline struct sc_bytes sc_label_bytes(const struct sc_label *label)
{
    return (struct sc_bytes){label->bytes, label->length};
}

#endif
