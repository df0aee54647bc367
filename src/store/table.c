/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { SMALLEST = 16 };

/*
 * Buckets moved by each operation. A table doubles when it is full, and one a
 * time would be done before it is full again. It halves when an eighth is
 * left; a sixteenth of that many removals later it may halve again, and by
 * then all must be moved, most of it empty.
 */
enum { MOVES_GROWING = 2, MOVES_SHRINKING = 32 };

static struct sc_label **bucket(const struct sc_buckets *buckets, uint32_t hash)
{
    return &buckets->heads[hash & (buckets->count - 1)];
}

/* Where a label of this hash belongs at this moment. */
static struct sc_label **head_of(const struct sc_table *table, uint32_t hash)
{
    if (table->old.count > 0 && (hash & (table->old.count - 1)) >= table->moved)
        return bucket(&table->old, hash);
    return bucket(&table->now, hash);
}

static void move_some(struct sc_table *table)
{
    int moves = table->old.count > table->now.count ? MOVES_SHRINKING : MOVES_GROWING;

    for (int i = 0; i < moves && table->old.count > 0; i++) {
        struct sc_label *label = table->old.heads[table->moved++];
        while (label) {
            struct sc_label *next = label->next;
            struct sc_label **head = bucket(&table->now, label->hash);
            label->next = *head;
            *head = label;
            label = next;
        }
        if (table->moved == table->old.count) {
            free(table->old.heads);
            table->old = (struct sc_buckets){0};
        }
    }
}

static int start_moving(struct sc_table *table, size_t count)
{
    struct sc_label **heads = calloc(count, sizeof(struct sc_label *));

    if (!heads)
        return -ENOMEM;
    table->old = table->now;
    table->moved = 0;
    table->now = (struct sc_buckets){heads, count};
    return 0;
}

static int resize(struct sc_table *table)
{
    size_t count = table->now.count;

    if (table->old.count > 0)
        return 0;
    if (table->labels >= count)
        return start_moving(table, count > 0 ? 2 * count : SMALLEST);
    if (count > SMALLEST && table->labels < count / 8)
        return start_moving(table, count / 2);
    return 0;
}

void sc_table_init(struct sc_table *table)
{
    *table = (struct sc_table){0};
}

void sc_table_fini(struct sc_table *table)
{
    assert(table->labels == 0);
    free(table->now.heads);
    free(table->old.heads);
    sc_table_init(table);
}

struct sc_label *sc_table_find(const struct sc_table *table, uint32_t hash, struct sc_bytes bytes)
{
    if (table->labels == 0)
        return NULL;
    struct sc_label *label = *head_of(table, hash);
    while (label && !(label->hash == hash && sc_bytes_equal(sc_label_bytes(label), bytes)))
        label = label->next;
    return label;
}

int sc_table_add(struct sc_table *table, struct sc_label *label)
{
    if (resize(table) < 0 && table->now.count == 0)
        return -ENOMEM;
    move_some(table);
    struct sc_label **head = head_of(table, label->hash);
    label->next = *head;
    *head = label;
    table->labels++;
    return 0;
}

void sc_table_remove(struct sc_table *table, struct sc_label *label)
{
    struct sc_label **link = head_of(table, label->hash);

    while (*link != label) {
        assert(*link);
        link = &(*link)->next;
    }
    *link = label->next;
    table->labels--;
    /* A table that cannot shrink for want of memory is only larger. */
    if (resize(table) == 0)
        move_some(table);
}

static void walk(const struct sc_buckets *buckets, size_t from,
                 void (*visit)(void *, struct sc_label *), void *context)
{
    for (size_t i = from; i < buckets->count; i++)
        for (struct sc_label *label = buckets->heads[i]; label; label = label->next)
            visit(context, label);
}

void sc_table_walk(const struct sc_table *table, void (*visit)(void *context, struct sc_label *),
                   void *context)
{
    walk(&table->now, 0, visit, context);
    walk(&table->old, table->moved, visit, context);
}
