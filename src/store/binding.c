/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "store/entry.h"

static struct sc_destination *binding_destination_find(const struct sc_space *space, uint32_t hash,
                                                       struct sc_bytes label)
{
    struct sc_label *found = sc_table_find(&space->destinations, hash, label);

    return found ? SC_CONTAINER_OF(found, struct sc_destination, label) : NULL;
}

static size_t binding_size_of_destination(size_t label_length)
{
    return sizeof(struct sc_destination) + label_length;
}

static size_t size_of_binding(size_t property_length)
{
    return sizeof(struct sc_binding) + property_length;
}

static void binding_destination_free(struct sc_destination *destination)
{
    sc_pool_free(&destination->space->store->pool, destination,
                 binding_size_of_destination(destination->label.length));
}

static struct sc_destination *binding_destination_get(struct sc_space *space, uint32_t hash,
                                                      struct sc_bytes label)
{
    struct sc_destination *destination = binding_destination_find(space, hash, label);

    if (destination)
        return destination;
    destination = sc_pool_alloc(&space->store->pool, binding_size_of_destination(label.length));
    if (!destination)
        return NULL;
    *destination = (struct sc_destination){.space = space};
    TAILQ_INIT(&destination->line);
    sc_label_init(&destination->label, hash, label);
    if (sc_table_add(&space->destinations, &destination->label) < 0) {
        binding_destination_free(destination);
        return NULL;
    }
    space->store->sizes.destinations++;
    return destination;
}

static void binding_destination_settle(struct sc_destination *destination)
{
    struct sc_space *space = destination->space;

    if (destination->bindings > 0)
        return;
    sc_table_remove(&space->destinations, &destination->label);
    space->store->sizes.destinations--;
    binding_destination_free(destination);
}

static size_t binding_text_of(const struct sc_binding *binding)
{
    return (size_t)binding->destination->label.length + binding->endpoint->label.length +
           binding->key.text_length;
}

static void binding_detach(struct sc_binding *binding)
{
    struct sc_destination *destination = binding->destination;
    struct sc_store *store = destination->space->store;

    TAILQ_REMOVE(&destination->line, binding, link);
    destination->bindings--;
    sc_heap_remove(&store->bindings, &binding->key);
    store->sizes.bindings--;
    store->sizes.binding_text -= binding_text_of(binding);
    binding->endpoint->bindings--;
    sc_endpoint_settle(binding->endpoint);
    sc_pool_free(&store->pool, binding, size_of_binding(binding->key.text_length));
}

void sc_binding_drop(struct sc_binding *binding)
{
    struct sc_destination *destination = binding->destination;

    binding_detach(binding);
    binding_destination_settle(destination);
}

static struct sc_binding *same_binding(const struct sc_destination *destination,
                                       const struct sc_endpoint *endpoint, struct sc_bytes property)
{
    struct sc_binding *binding;

    TAILQ_FOREACH (binding, &destination->line, link) {
        struct sc_bytes its = {binding->property, binding->key.text_length};
        if (binding->endpoint == endpoint && sc_bytes_equal(its, property))
            break;
    }
    return binding;
}

static struct sc_binding *binding_first_to_expire(const struct sc_destination *destination)
{
    struct sc_binding *first = TAILQ_FIRST(&destination->line);
    struct sc_binding *binding;

    TAILQ_FOREACH (binding, &destination->line, link)
        if (sc_heap_before(&binding->key, &first->key))
            first = binding;
    return first;
}

/*
 * Keeps room for one more; the destination itself stays. After the limit of
 * bindings to a destination was lowered, each save brings it nearer by one:
 * each search for the one that goes is as long as the line.
 */
static void binding_make_room(struct sc_destination *destination, size_t text)
{
    struct sc_store *store = destination->space->store;
    const struct sc_store_limits *limits = &store->limits;

    for (int i = 0; i < 2; i++)
        if (limits->bindings_of_destination > 0 &&
            destination->bindings >= limits->bindings_of_destination)
            binding_detach(binding_first_to_expire(destination));
    while ((limits->bindings > 0 && store->sizes.bindings >= limits->bindings) ||
           (limits->text > 0 && store->sizes.bindings > 0 &&
            store->sizes.binding_text + text > limits->text)) {
        struct sc_binding *first = sc_binding_of(sc_heap_top(&store->bindings));
        if (first->destination == destination)
            binding_detach(first);
        else
            sc_binding_drop(first);
    }
}

static int binding_bind(struct sc_destination *destination, struct sc_endpoint *endpoint,
                        struct sc_bytes property, int64_t now, int64_t ttl)
{
    struct sc_store *store = destination->space->store;

    if (sc_heap_reserve(&store->bindings, store->sizes.bindings + 1) < 0)
        return -ENOMEM;
    struct sc_binding *binding = sc_pool_alloc(&store->pool, size_of_binding(property.length));
    if (!binding)
        return -ENOMEM;
    *binding = (struct sc_binding){
        .key = {.expires = sc_expiry(now, ttl),
                .serial = store->serial++,
                .text_length = (uint32_t)property.length},
        .destination = destination,
        .endpoint = endpoint,
        .saved = now,
    };
    sc_text_copy(binding->property, property);
    endpoint->bindings++; /* Keeps the endpoint while others make room. */
    binding_make_room(destination, binding_text_of(binding));
    TAILQ_INSERT_TAIL(&destination->line, binding, link);
    destination->bindings++;
    store->sizes.bindings++;
    store->sizes.binding_text += binding_text_of(binding);
    sc_heap_push(&store->bindings, &binding->key);
    return 0;
}

int sc_store_save_binding(struct sc_space *space, int64_t now, int64_t ttl,
                          struct sc_bytes destination_label, struct sc_bytes property,
                          struct sc_bytes endpoint_label)
{
    struct sc_store *store = space->store;
    int error = -ENOMEM;
    uint32_t hash = sc_store_hash(store, destination_label);
    uint32_t endpoint_hash = sc_store_hash(store, endpoint_label);

    sc_table_prefetch(&space->destinations, hash);
    sc_table_prefetch(&space->endpoints, endpoint_hash);
    sc_store_expire(store, now);
    struct sc_destination *destination = binding_destination_get(space, hash, destination_label);
    if (!destination)
        return -ENOMEM;
    struct sc_endpoint *endpoint = sc_endpoint_get(space, endpoint_hash, endpoint_label, NULL);
    if (endpoint) {
        store->bound = endpoint;
        struct sc_binding *binding = same_binding(destination, endpoint, property);
        if (binding) {
            binding->saved = now;
            binding->key.expires = sc_expiry(now, ttl);
            sc_heap_update(&store->bindings, &binding->key);
            error = 0;
        } else {
            error = binding_bind(destination, endpoint, property, now, ttl);
        }
        sc_endpoint_settle(endpoint);
    }
    binding_destination_settle(destination);
    sc_heap_trim(&store->bindings, store->sizes.bindings);
    return error;
}

static struct sc_destination *binding_destination_lookup(struct sc_space *space, int64_t now,
                                                         struct sc_bytes label)
{
    uint32_t hash = sc_store_hash(space->store, label);

    sc_table_prefetch(&space->destinations, hash);
    sc_store_expire(space->store, now);
    return binding_destination_find(space, hash, label);
}

/* The first usable connection that a destination is bound to, and the binding's property. */
static struct sc_connection *binding_find_bound(struct sc_destination *destination,
                                                const struct sc_store_judge *judge,
                                                struct sc_bytes *property)
{
    struct sc_connection *connection = NULL;
    struct sc_binding *binding;

    TAILQ_FOREACH (binding, &destination->line, link) {
        connection = sc_endpoint_find(binding->endpoint, judge);
        if (connection)
            break;
    }
    if (connection)
        *property = (struct sc_bytes){binding->property, binding->key.text_length};
    return connection;
}

struct sc_connection *sc_store_find_destination(struct sc_space *space, int64_t now,
                                                struct sc_bytes label,
                                                const struct sc_store_judge *judge,
                                                struct sc_bytes *property)
{
    struct sc_destination *destination = binding_destination_lookup(space, now, label);

    if (!destination)
        return NULL;
    destination->lookups++;
    struct sc_connection *connection = binding_find_bound(destination, judge, property);
    if (connection)
        destination->hits++;
    return connection;
}

struct sc_connection *sc_store_find_another(struct sc_space *space, int64_t now,
                                            struct sc_bytes label,
                                            const struct sc_store_judge *judge,
                                            struct sc_bytes *property)
{
    struct sc_destination *destination = binding_destination_lookup(space, now, label);

    if (!destination)
        return NULL;
    struct sc_connection *connection = binding_find_bound(destination, judge, property);
    /* It may be another destination than the one that had a hit before. */
    if (!connection && destination->hits > 0)
        destination->hits--;
    return connection;
}
