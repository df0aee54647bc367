/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spaces: tables of labels of their own for each user, and how much each has.
 * Saving, finding and making room are done elsewhere.
 */
#include "store/space.h"

#include <errno.h>
#include <stdlib.h>

#include "store/cursor.h"
#include "store/destination.h"
#include "store/endpoint.h"

/* Room for one more, everywhere where a space may stand. */
static int space_reserve(struct sc_store *store)
{
    size_t spaces = store->sizes.spaces + 1;
    int error = sc_heap_reserve(&store->live_spaces, spaces);

    if (error == 0)
        error = sc_heap_reserve(&store->bound_spaces, spaces);
    for (int kind = 0; kind < SC_SHARES && error == 0; kind++)
        error = sc_share_reserve(&store->shares[kind], spaces);
    return error;
}

/* Cursors go along in the order of users. */
static void space_insert(struct sc_store *store, struct sc_space *space)
{
    struct sc_space *before = TAILQ_LAST(&store->spaces, sc_space_line);

    while (before && before->user > space->user)
        before = TAILQ_PREV(before, sc_space_line, link);
    assert(!before || before->user != space->user);
    if (before)
        TAILQ_INSERT_AFTER(&store->spaces, before, space, link);
    else
        TAILQ_INSERT_HEAD(&store->spaces, space, link);
    store->sizes.spaces++;
}

/* The only one is no member of anything: shares begin with the second. */
static void space_share(struct sc_space *space)
{
    sc_space_share_connections(space);
    sc_space_share_bindings(space);
    sc_space_share_known(space);
}

int sc_space_new(struct sc_space **space, struct sc_store *store, int64_t user)
{
    int error = space_reserve(store);
    if (error < 0)
        return error;
    struct sc_space *fresh = calloc(1, sizeof(*fresh));
    if (!fresh)
        return -ENOMEM;
    fresh->store = store;
    fresh->user = user;
    sc_table_init(&fresh->endpoints);
    sc_table_init(&fresh->destinations);
    sc_heap_init(&fresh->endpoint_rank.live);
    sc_heap_init(&fresh->destination_rank.live);
    TAILQ_INIT(&fresh->known_line);
    fresh->sizes.spaces = 1;
    for (int kind = 0; kind < SC_SHARES; kind++)
        sc_member_init(&fresh->members[kind], (uint64_t)user ^ (uint64_t)INT64_MIN);
    struct sc_space *only = TAILQ_FIRST(&store->spaces);
    space_insert(store, fresh);
    /* Until now nobody has counted what the first one has. */
    if (store->sizes.spaces == 2)
        space_share(only);
    *space = fresh;
    return 0;
}

bool sc_space_is_empty(const struct sc_space *space)
{
    return space->endpoints.labels == 0 && space->destinations.labels == 0 &&
           space->sizes.known == 0;
}

void sc_space_free(struct sc_space *space)
{
    if (!space)
        return;
    struct sc_store *store = space->store;
    assert(sc_space_is_empty(space));
    sc_cursor_leave_space(space);
    sc_table_fini(&space->endpoints);
    sc_table_fini(&space->destinations);
    sc_heap_fini(&space->endpoint_rank.live);
    sc_heap_fini(&space->destination_rank.live);
    TAILQ_REMOVE(&store->spaces, space, link);
    store->sizes.spaces--;
    free(space);
    /* Alone again, he is no member of anything. */
    if (store->sizes.spaces == 1) {
        struct sc_space *only = TAILQ_FIRST(&store->spaces);
        for (int kind = 0; kind < SC_SHARES; kind++)
            sc_share_set(&store->shares[kind], &only->members[kind], 0, false);
    }
}

struct sc_store *sc_space_store(const struct sc_space *space)
{
    return space->store;
}

int64_t sc_space_user(const struct sc_space *space)
{
    return space->user;
}

struct sc_store_sizes sc_space_sizes(const struct sc_space *space)
{
    struct sc_store_sizes sizes = space->sizes;

    sizes.destinations = space->destinations.labels;
    return sizes;
}

bool sc_space_can_give(const struct sc_space *space, enum sc_share_kind kind)
{
    const struct sc_store_sizes *sizes = &space->sizes;

    switch (kind) {
    case SC_SHARE_CONNECTIONS:
        return sizes->connections > 0;
    case SC_SHARE_TEXT:
        return sizes->connections > 0 || sizes->bindings > 0;
    case SC_SHARE_BINDINGS:
        return sizes->bindings > 0;
    case SC_SHARE_KNOWN:
        return sizes->known > 0;
    case SC_SHARES:
        break;
    }
    return false;
}

static void space_set(struct sc_space *space, enum sc_share_kind kind, size_t total)
{
    sc_share_set(&space->store->shares[kind], &space->members[kind], total,
                 sc_space_can_give(space, kind));
}

void sc_space_share_connections(struct sc_space *space)
{
    space_set(space, SC_SHARE_CONNECTIONS, space->sizes.connections + space->sizes.held);
    space_set(space, SC_SHARE_TEXT, space->sizes.text);
}

void sc_space_share_bindings(struct sc_space *space)
{
    space_set(space, SC_SHARE_BINDINGS, space->sizes.bindings);
    space_set(space, SC_SHARE_TEXT, space->sizes.text);
}

void sc_space_share_known(struct sc_space *space)
{
    space_set(space, SC_SHARE_KNOWN, space->sizes.known);
}

static struct sc_space *space_of(struct sc_member *member, enum sc_share_kind kind)
{
    return member ? SC_CONTAINER_OF(member - kind, struct sc_space, members) : NULL;
}

struct sc_space *sc_space_victim(struct sc_store *store, enum sc_share_kind kind,
                                 struct sc_space *newcomer, size_t amount)
{
    if (!sc_store_is_shared(store))
        return sc_space_richest(store, kind);
    return space_of(
        sc_share_victim(&store->shares[kind], newcomer ? &newcomer->members[kind] : NULL, amount),
        kind);
}

struct sc_space *sc_space_richest(struct sc_store *store, enum sc_share_kind kind)
{
    struct sc_space *only = TAILQ_FIRST(&store->spaces);

    if (sc_store_is_shared(store))
        return space_of(sc_share_first(&store->shares[kind]), kind);
    return only && sc_space_can_give(only, kind) ? only : NULL;
}

struct sc_connection *sc_space_first_connection(const struct sc_space *space)
{
    struct sc_heap_key *first = sc_heap_top(&space->endpoint_rank.live);

    return first ? sc_endpoint_first(SC_CONTAINER_OF(first, struct sc_endpoint, key)) : NULL;
}

struct sc_binding *sc_space_first_binding(const struct sc_space *space)
{
    struct sc_heap_key *first = sc_heap_top(&space->destination_rank.live);

    return first ? sc_destination_first(SC_CONTAINER_OF(first, struct sc_destination, key)) : NULL;
}
