/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A binding's ways: into its destination's line and out again. Limits, and
 * what a binding leads to, are not looked at here.
 */
#include "store/binding.h"

#include "store/cursor.h"
#include "store/destination.h"
#include "store/endpoint.h"
#include "store/rank.h"
#include "store/space.h"

static size_t binding_size(size_t property_length)
{
    return offsetof(struct sc_binding, property) + property_length;
}

struct sc_binding *sc_binding_new(struct sc_destination *destination, struct sc_endpoint *endpoint,
                                  struct sc_bytes property)
{
    struct sc_store *store = destination->space->store;

    if (sc_heap_reserve(&destination->bindings, (size_t)destination->bindings.count + 1) < 0)
        return NULL;
    struct sc_binding *binding = sc_pool_alloc(&store->pool, binding_size(property.length));
    if (!binding)
        return NULL;
    binding->destination = destination;
    binding->endpoint = endpoint;
    binding->length = (uint32_t)property.length;
    sc_text_copy(binding->property, property);
    return binding;
}

void sc_binding_free(struct sc_binding *binding)
{
    sc_pool_free(&binding->destination->space->store->pool, binding, binding_size(binding->length));
}

/* After a change of a destination's heap, or of what is first in it. */
static void binding_rank(struct sc_destination *destination, bool was_empty)
{
    struct sc_space *space = destination->space;

    sc_rank_change(&destination->bindings, &destination->key, &space->destination_rank,
                   &space->store->bound_spaces, was_empty);
}

static void binding_share(struct sc_space *space)
{
    if (sc_store_is_shared(space->store))
        sc_space_share_bindings(space);
}

static void binding_tell(const struct sc_binding *binding, bool renewed)
{
    const struct sc_store_observer *observer = &binding->destination->space->store->observer;

    if (observer->bound)
        observer->bound(observer->context, binding, renewed);
}

void sc_binding_save(struct sc_binding *binding, int64_t now, int64_t ttl)
{
    struct sc_destination *destination = binding->destination;
    struct sc_space *space = destination->space;
    struct sc_store *store = space->store;
    size_t text = sc_binding_text(binding);
    bool was_empty = destination->bindings.count == 0;

    binding->saved = now;
    binding->key =
        (struct sc_heap_key){.expires = sc_time_add(now, ttl), .serial = store->serial++};
    TAILQ_INSERT_TAIL(&destination->line, binding, link);
    binding->endpoint->bindings++;
    store->sizes.bindings++;
    space->sizes.bindings++;
    store->sizes.text += text;
    space->sizes.text += text;
    sc_store_expect(store, binding->key.expires);
    sc_heap_push(&destination->bindings, &binding->key);
    binding_rank(destination, was_empty);
    binding_share(space);
    binding_tell(binding, false);
}

void sc_binding_renew(struct sc_binding *binding, int64_t now, int64_t ttl)
{
    struct sc_destination *destination = binding->destination;

    binding->saved = now;
    binding->key.expires = sc_time_add(now, ttl);
    sc_store_expect(destination->space->store, binding->key.expires);
    sc_heap_update(&destination->bindings, &binding->key);
    binding_rank(destination, false);
    binding_tell(binding, true);
}

struct sc_binding *sc_binding_find(const struct sc_destination *destination,
                                   const struct sc_endpoint *endpoint, struct sc_bytes property)
{
    struct sc_binding *binding;

    TAILQ_FOREACH (binding, &destination->line, link)
        if (binding->endpoint == endpoint &&
            sc_bytes_equal((struct sc_bytes){binding->property, binding->length}, property))
            break;
    return binding;
}

void sc_binding_end(struct sc_binding *binding, enum sc_end end)
{
    struct sc_destination *destination = binding->destination;
    struct sc_endpoint *endpoint = binding->endpoint;
    struct sc_space *space = destination->space;
    struct sc_store *store = space->store;
    size_t text = sc_binding_text(binding);

    if (store->observer.unbound)
        store->observer.unbound(store->observer.context, binding, end);
    sc_cursor_leave_binding(store, binding);
    TAILQ_REMOVE(&destination->line, binding, link);
    sc_heap_remove(&destination->bindings, &binding->key);
    binding_rank(destination, false);
    store->sizes.bindings--;
    space->sizes.bindings--;
    store->sizes.text -= text;
    space->sizes.text -= text;
    sc_binding_free(binding);
    endpoint->bindings--;
    binding_share(space);
    /* Last, since it may have been the last thing that kept either. */
    sc_endpoint_settle(endpoint);
    sc_destination_settle(destination);
}

void sc_binding_drop(struct sc_binding *binding, enum sc_end end)
{
    sc_binding_end(binding, end);
}

uint64_t sc_binding_id(const struct sc_binding *binding)
{
    return binding->key.serial;
}

struct sc_space *sc_binding_space(const struct sc_binding *binding)
{
    return binding->destination->space;
}

struct sc_bytes sc_binding_destination(const struct sc_binding *binding)
{
    return sc_label_bytes(&binding->destination->label);
}

struct sc_bytes sc_binding_endpoint(const struct sc_binding *binding)
{
    return sc_label_bytes(&binding->endpoint->label);
}

struct sc_bytes sc_binding_property(const struct sc_binding *binding)
{
    return (struct sc_bytes){binding->property, binding->length};
}

int64_t sc_binding_age(const struct sc_binding *binding, int64_t now)
{
    return now - binding->saved;
}

int64_t sc_binding_left(const struct sc_binding *binding, int64_t now)
{
    return binding->key.expires - now;
}

uint32_t *sc_binding_endpoint_place(const struct sc_binding *binding)
{
    return &binding->endpoint->place;
}

uint32_t *sc_binding_destination_place(const struct sc_binding *binding)
{
    return &binding->destination->place;
}
