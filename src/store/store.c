/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <sodium/crypto_shorthash.h>

#include "store/entry.h"

static_assert(SC_STORE_KEY_LENGTH == crypto_shorthash_KEYBYTES, "the key is SipHash's");

uint32_t sc_store_hash(const struct sc_store *store, struct sc_bytes label)
{
    unsigned char hash[crypto_shorthash_BYTES];
    uint32_t folded;

    crypto_shorthash(hash, (const unsigned char *)label.data, label.length, store->key);
    memcpy(&folded, hash, sizeof(folded));
    return folded;
}

int sc_store_new(struct sc_store **store, const unsigned char key[SC_STORE_KEY_LENGTH],
                 const struct sc_store_limits *limits)
{
    struct sc_store *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    memcpy(fresh->key, key, sizeof(fresh->key));
    fresh->limits = *limits;
    LIST_INIT(&fresh->spaces);
    sc_heap_init(&fresh->live_spaces);
    sc_heap_init(&fresh->bindings);
    TAILQ_INIT(&fresh->reaped);
    sc_pool_init(&fresh->pool);
    *store = fresh;
    return 0;
}

void sc_store_set_limits(struct sc_store *store, const struct sc_store_limits *limits)
{
    store->limits = *limits;
}

void sc_store_free(struct sc_store *store)
{
    if (!store)
        return;
    assert(LIST_EMPTY(&store->spaces));
    assert(TAILQ_EMPTY(&store->reaped));
    sc_heap_fini(&store->live_spaces);
    sc_heap_fini(&store->bindings);
    sc_pool_fini(&store->pool);
    free(store);
}

void sc_store_clear(struct sc_store *store)
{
    struct sc_binding *binding;

    while ((binding = sc_binding_of(sc_heap_top(&store->bindings))))
        sc_binding_drop(binding);
    while (sc_store_evict(store))
        continue;
}

int sc_space_new(struct sc_space **space, struct sc_store *store)
{
    int error = sc_heap_reserve(&store->live_spaces, store->space_count + 1);
    if (error < 0)
        return error;
    struct sc_space *fresh = calloc(1, sizeof(*fresh));
    if (!fresh)
        return -ENOMEM;
    fresh->store = store;
    sc_table_init(&fresh->endpoints);
    sc_table_init(&fresh->destinations);
    sc_heap_init(&fresh->live_endpoints);
    LIST_INSERT_HEAD(&store->spaces, fresh, link);
    store->space_count++;
    *space = fresh;
    return 0;
}

bool sc_space_is_empty(const struct sc_space *space)
{
    return space->endpoints.labels == 0 && space->destinations.labels == 0;
}

void sc_space_free(struct sc_space *space)
{
    if (!space)
        return;
    assert(sc_space_is_empty(space));
    sc_table_fini(&space->endpoints);
    sc_table_fini(&space->destinations);
    sc_heap_fini(&space->live_endpoints);
    LIST_REMOVE(space, link);
    space->store->space_count--;
    free(space);
}

void sc_store_expire(struct sc_store *store, int64_t now)
{
    struct sc_heap_key *first;

    while ((first = sc_heap_top(&store->live_spaces)) && first->expires <= now)
        sc_connection_evict(sc_store_first(store));
    while ((first = sc_heap_top(&store->bindings)) && first->expires <= now)
        sc_binding_drop(sc_binding_of(first));
}

int64_t sc_store_next_expiry(const struct sc_store *store)
{
    const struct sc_heap_key *connection = sc_heap_top(&store->live_spaces);
    const struct sc_heap_key *binding = sc_heap_top(&store->bindings);
    int64_t next = connection ? connection->expires : INT64_MAX;

    return binding && binding->expires < next ? binding->expires : next;
}

bool sc_store_evict(struct sc_store *store)
{
    struct sc_connection *connection = sc_store_first(store);

    if (connection)
        sc_connection_evict(connection);
    return connection != NULL;
}

int sc_store_reap(struct sc_store *store)
{
    struct sc_connection *connection = TAILQ_FIRST(&store->reaped);

    if (!connection)
        return -1;
    int fd = connection->fd;
    TAILQ_REMOVE(&store->reaped, connection, link);
    sc_connection_free(store, connection);
    return fd;
}

struct sc_store_sizes sc_store_sizes(const struct sc_store *store)
{
    return store->sizes;
}

struct walk {
    int64_t now;
    void (*visit)(void *context, const struct sc_store_entry *);
    void *context;
};

static void store_walk_destination(void *context, struct sc_label *label)
{
    const struct walk *walk = context;
    const struct sc_destination *destination = SC_CONTAINER_OF(label, struct sc_destination, label);
    const struct sc_binding *binding;

    TAILQ_FOREACH (binding, &destination->line, link) {
        struct sc_store_entry entry = {
            .space = destination->space,
            .destination = sc_label_bytes(label),
            .endpoint = sc_label_bytes(&binding->endpoint->label),
            .property = {binding->property, binding->key.text_length},
            .fd = -1,
            .age = walk->now - binding->saved,
            .left = binding->key.expires - walk->now,
            .lookups = destination->lookups,
            .hits = destination->hits,
        };
        walk->visit(walk->context, &entry);
    }
}

static void store_walk_endpoint(void *context, struct sc_label *label)
{
    const struct walk *walk = context;
    const struct sc_endpoint *endpoint = SC_CONTAINER_OF(label, struct sc_endpoint, label);
    const struct sc_connection *connection;

    TAILQ_FOREACH (connection, &endpoint->line, link) {
        struct sc_store_entry entry = {
            .space = endpoint->space,
            .endpoint = sc_label_bytes(label),
            .property = sc_connection_property(connection),
            .fd = connection->fd,
            .age = walk->now - connection->saved,
            .left = connection->key.expires - walk->now,
        };
        walk->visit(walk->context, &entry);
    }
}

void sc_store_walk(struct sc_store *store, int64_t now,
                   void (*visit)(void *context, const struct sc_store_entry *), void *context)
{
    struct walk walk = {now, visit, context};
    struct sc_space *space;

    sc_store_expire(store, now);
    LIST_FOREACH (space, &store->spaces, link)
        sc_table_walk(&space->destinations, store_walk_destination, &walk);
    LIST_FOREACH (space, &store->spaces, link)
        sc_table_walk(&space->endpoints, store_walk_endpoint, &walk);
}
