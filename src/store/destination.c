/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Destinations, which exist while they have a binding. What they are bound to
 * is not known here.
 */
#include "store/destination.h"

#include "store/hash.h"

static size_t destination_size(size_t label_length)
{
    return SC_LABEL_START(struct sc_destination) + label_length;
}

static void destination_free(struct sc_destination *destination)
{
    sc_pool_free(&destination->space->store->pool, destination,
                 destination_size(destination->label.length));
}

struct sc_destination *sc_destination_new(struct sc_space *space, uint32_t hash,
                                          struct sc_bytes label)
{
    /* Its place in the heap of its space, for as long as it exists. */
    if (sc_heap_reserve(&space->destination_rank.live, space->destinations.labels + 1) < 0)
        return NULL;
    struct sc_destination *destination =
        sc_pool_alloc(&space->store->pool, destination_size(label.length));
    if (!destination)
        return NULL;
    *destination = (struct sc_destination){.space = space};
    TAILQ_INIT(&destination->line);
    sc_heap_init(&destination->bindings);
    sc_label_init(&destination->label, hash, label);
    if (sc_table_add(&space->destinations, &destination->label) < 0) {
        destination_free(destination);
        return NULL;
    }
    space->store->sizes.destinations++;
    return destination;
}

struct sc_destination *sc_destination_find(const struct sc_space *space, uint32_t hash,
                                           struct sc_bytes label)
{
    struct sc_label *found = sc_table_find(&space->destinations, hash, label);

    return found ? SC_CONTAINER_OF(found, struct sc_destination, label) : NULL;
}

void sc_destination_settle(struct sc_destination *destination)
{
    struct sc_space *space = destination->space;

    sc_heap_trim(&destination->bindings, destination->bindings.count);
    if (destination->bindings.count > 0 || destination->wanted)
        return;
    sc_table_remove(&space->destinations, &destination->label);
    space->store->sizes.destinations--;
    sc_heap_fini(&destination->bindings);
    destination_free(destination);
    sc_heap_trim(&space->destination_rank.live, space->destinations.labels);
}

struct sc_space *sc_destination_space(const struct sc_destination *destination)
{
    return destination->space;
}

struct sc_bytes sc_destination_label(const struct sc_destination *destination)
{
    return sc_label_bytes(&destination->label);
}

size_t sc_destination_bindings(const struct sc_destination *destination)
{
    return destination->bindings.count;
}

uint32_t *sc_destination_place(struct sc_destination *destination)
{
    return &destination->place;
}

uint32_t *sc_store_destination_place(struct sc_space *space, struct sc_bytes label)
{
    struct sc_destination *destination =
        sc_destination_find(space, sc_hash_label(space->store, label), label);

    return destination ? &destination->place : NULL;
}
