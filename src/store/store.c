/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store as a whole: its birth and end, its limits, its sizes. What comes
 * and goes has files of its own.
 */
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>

#include "store/binding.h"
#include "store/connection.h"
#include "store/fate.h"
#include "store/known.h"
#include "store/space.h"
#include "store/sweep.h"

/* Of descriptors and the limit, what is nearer. */
static void store_count_places(struct sc_store *store)
{
    size_t limit = store->limits.session_limit;
    size_t descriptors = store->descriptors;
    bool too_few = descriptors > 0 && (limit == 0 || descriptors < limit);

    store->most = too_few ? descriptors : limit;
    store->most_end = too_few ? SC_END_DESCRIPTORS : SC_END_SESSION_LIMIT;
}

/* What is known of an age has 32 bits. */
static void store_take_limits(struct sc_store *store, const struct sc_store_limits *limits)
{
    store->limits = *limits;
    store->quiet_until = INT64_MIN;
    if (store->limits.lifetime_limit > UINT32_MAX)
        store->limits.lifetime_limit = UINT32_MAX;
    store_count_places(store);
}

int sc_store_new(struct sc_store **store, const unsigned char key[SC_STORE_KEY_LENGTH],
                 const struct sc_store_limits *limits, const struct sc_store_observer *observer)
{
    struct sc_store *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    memcpy(fresh->key, key, sizeof(fresh->key));
    store_take_limits(fresh, limits);
    if (observer)
        fresh->observer = *observer;
    fresh->now = INT64_MIN;
    fresh->serial = 1;
    TAILQ_INIT(&fresh->spaces);
    sc_heap_init(&fresh->live_spaces);
    sc_heap_init(&fresh->bound_spaces);
    for (int kind = 0; kind < SC_SHARES; kind++)
        sc_share_init(&fresh->shares[kind]);
    TAILQ_INIT(&fresh->held);
    TAILQ_INIT(&fresh->reaped);
    sc_table_init(&fresh->known);
    TAILQ_INIT(&fresh->known_line);
    LIST_INIT(&fresh->cursors);
    sc_pool_init(&fresh->pool);
    *store = fresh;
    return 0;
}

void sc_store_free(struct sc_store *store)
{
    if (!store)
        return;
    assert(TAILQ_EMPTY(&store->spaces));
    assert(TAILQ_EMPTY(&store->held));
    assert(TAILQ_EMPTY(&store->reaped));
    sc_sweep_cancel(store);
    assert(LIST_EMPTY(&store->cursors));
    sc_heap_fini(&store->live_spaces);
    sc_heap_fini(&store->bound_spaces);
    for (int kind = 0; kind < SC_SHARES; kind++)
        sc_share_fini(&store->shares[kind]);
    sc_table_fini(&store->known);
    sc_pool_fini(&store->pool);
    free(store);
}

static bool store_is_lower(uint64_t limit, uint64_t before)
{
    return limit > 0 && (before == 0 || limit < before);
}

void sc_store_set_limits(struct sc_store *store, const struct sc_store_limits *limits)
{
    struct sc_store_limits before = store->limits;

    store_take_limits(store, limits);
    limits = &store->limits;
    /* What users share is seen without going through everything. */
    if (store_is_lower(limits->endpoint_session_limit, before.endpoint_session_limit) ||
        store_is_lower(limits->destination_binding_limit, before.destination_binding_limit) ||
        store_is_lower((uint64_t)limits->lifetime_limit, (uint64_t)before.lifetime_limit) ||
        store_is_lower(limits->use_limit, before.use_limit))
        sc_sweep_request(store);
}

void sc_store_set_descriptors(struct sc_store *store, size_t connections)
{
    store->descriptors = connections;
    store_count_places(store);
}

const struct sc_store_limits *sc_store_limits(const struct sc_store *store)
{
    return &store->limits;
}

static void store_clear_connections(struct sc_store *store, enum sc_end end)
{
    const struct sc_heap_key *first;

    while ((first = sc_heap_top(&store->live_spaces))) {
        struct sc_connection *connection =
            sc_space_first_connection(SC_CONTAINER_OF(first, struct sc_space, endpoint_rank.key));
        enum sc_end fate = sc_fate_of_connection(connection);
        sc_connection_end(connection, fate != SC_ENDS ? fate : end);
    }
}

static void store_clear_bindings(struct sc_store *store, enum sc_end end)
{
    const struct sc_heap_key *first;

    while ((first = sc_heap_top(&store->bound_spaces))) {
        struct sc_binding *binding =
            sc_space_first_binding(SC_CONTAINER_OF(first, struct sc_space, destination_rank.key));
        enum sc_end fate = sc_fate_of_binding(binding);
        sc_binding_end(binding, fate != SC_ENDS ? fate : end);
    }
}

void sc_store_clear(struct sc_store *store, enum sc_end end)
{
    struct sc_known *known;

    store_clear_bindings(store, end);
    store_clear_connections(store, end);
    while ((known = TAILQ_FIRST(&store->known_line)))
        sc_known_forget(known);
    sc_sweep_cancel(store);
}

struct sc_store_sizes sc_store_sizes(const struct sc_store *store)
{
    struct sc_store_sizes sizes = store->sizes;

    sizes.bytes = store->pool.bytes;
    return sizes;
}
