/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saving: all that can fail comes first, then others make room, then what is
 * new takes its place. Limits are looked at elsewhere.
 */
#include <errno.h>

#include "store/binding.h"
#include "store/connection.h"
#include "store/destination.h"
#include "store/endpoint.h"
#include "store/expiry.h"
#include "store/fate.h"
#include "store/hash.h"
#include "store/known.h"
#include "store/limit.h"

/* Whether an endpoint was bound just now: then the label need not be looked up again. */
static bool save_is_to_bound(const struct sc_space *space, struct sc_bytes label)
{
    const struct sc_endpoint *bound = space->store->bound;

    return bound && bound->space == space && sc_bytes_equal(sc_label_bytes(&bound->label), label);
}

/* The endpoint for a connection to be saved; null: no memory. */
static struct sc_endpoint *save_find_endpoint(struct sc_space *space, int64_t now,
                                              const struct sc_saving *saving)
{
    struct sc_store *store = space->store;
    bool is_bound = save_is_to_bound(space, saving->endpoint);
    uint32_t hash = 0;

    if (!is_bound) {
        hash = sc_hash_label(store, saving->endpoint);
        sc_table_prefetch(&space->endpoints, hash);
    }
    sc_expiry_keep_up(store, now);
    if (is_bound && store->bound)
        return store->bound;
    if (is_bound) /* It has just gone. */
        hash = sc_hash_label(store, saving->endpoint);
    return sc_endpoint_get(space, hash, saving->endpoint,
                           sc_connection_size(saving->property.length, saving->cookie != 0));
}

/* What another server says of ages may be anything. */
static uint32_t save_clamp(int64_t number)
{
    return number < 0 ? 0 : number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

/* What was known of the connection before, from here or from another server. */
static void save_story(struct sc_connection *connection, const struct sc_saving *saving,
                       const struct sc_known *known, int64_t now)
{
    struct sc_story *story = sc_story_of(connection);
    int64_t known_for = saving->known_for;

    story->uses = saving->uses;
    if (known && known->uses > story->uses)
        story->uses = known->uses;
    if (known && now - known->since > known_for)
        known_for = now - known->since;
    story->known_before = save_clamp(known_for - save_clamp(saving->age));
}

/* What is too old already, or was used too often, needs no room. */
static int save_connection(struct sc_connection *connection, int64_t now,
                           const struct sc_saving *saving)
{
    struct sc_store *store = connection->endpoint->space->store;
    struct sc_known *known = saving->cookie != 0 ? sc_known_find(store, saving->cookie) : NULL;

    connection->saved = now - save_clamp(saving->age);
    connection->key =
        (struct sc_heap_key){.expires = sc_time_add(now, saving->ttl), .serial = store->serial};
    if (saving->cookie != 0)
        save_story(connection, saving, known, now);
    (void)sc_connection_age_out(connection);
    enum sc_end fate = sc_fate_of_connection(connection);
    /* All that may refuse it comes before anything changes. */
    bool is_hit = fate == SC_ENDS && sc_limit_is_hit_by_connection(connection);
    if (is_hit && !sc_limit_admits_connection(connection))
        return -ENOBUFS;
    store->serial++;
    if (known)
        sc_known_forget(known);
    if (is_hit)
        sc_limit_make_room_for_connection(connection);
    sc_connection_save(connection);
    if (fate != SC_ENDS)
        sc_connection_end(connection, fate);
    return 0;
}

int sc_store_save_connection(struct sc_space *space, int64_t now, const struct sc_saving *saving)
{
    struct sc_endpoint *endpoint = save_find_endpoint(space, now, saving);

    if (!endpoint)
        return -ENOMEM;
    struct sc_connection *connection = sc_connection_new(endpoint, saving, saving->cookie != 0);
    if (!connection) {
        sc_endpoint_settle(endpoint);
        return -ENOMEM;
    }
    int error = save_connection(connection, now, saving);
    if (error < 0) {
        sc_connection_free(connection);
        sc_endpoint_settle(endpoint);
    }
    return error;
}

/* A new binding, unless there is one that need but be renewed. */
static int save_binding(struct sc_destination *destination, struct sc_endpoint *endpoint,
                        struct sc_bytes property, int64_t now, int64_t ttl)
{
    struct sc_binding *same = sc_binding_find(destination, endpoint, property);
    enum sc_end fate = same ? sc_fate_of_binding(same) : SC_ENDS;

    if (same && fate == SC_ENDS) {
        sc_binding_renew(same, now, ttl);
        return 0;
    }
    /* One that is dead already is no reason to keep a place in the line. */
    if (same)
        sc_binding_end(same, fate);
    struct sc_binding *binding = sc_binding_new(destination, endpoint, property);
    if (!binding)
        return -ENOMEM;
    if (!sc_limit_admits_binding(binding)) {
        sc_binding_free(binding);
        return -ENOBUFS;
    }
    sc_limit_make_room_for_binding(binding);
    sc_binding_save(binding, now, ttl);
    return 0;
}

/* How many bindings are compared by the labels of their endpoints, before one is looked up. */
enum { COMPARED = 4 };

/* Mostly a destination has few bindings, and the one that is saved is among them. */
static struct sc_binding *save_find_near(const struct sc_destination *destination,
                                         struct sc_bytes property, struct sc_bytes endpoint)
{
    struct sc_binding *binding = TAILQ_FIRST(&destination->line);

    for (int i = 0; i < COMPARED && binding; i++, binding = TAILQ_NEXT(binding, link))
        if (sc_bytes_equal(sc_label_bytes(&binding->endpoint->label), endpoint) &&
            sc_bytes_equal((struct sc_bytes){binding->property, binding->length}, property))
            return sc_fate_of_binding(binding) == SC_ENDS ? binding : NULL;
    return NULL;
}

/* A destination that was found, or is new; something else keeps it. */
static int save_to_endpoint(struct sc_destination *destination, int64_t now, int64_t ttl,
                            struct sc_bytes property, struct sc_bytes label)
{
    struct sc_space *space = destination->space;
    struct sc_store *store = space->store;
    struct sc_endpoint *endpoint = sc_endpoint_get(space, sc_hash_label(store, label), label, 0);

    if (!endpoint)
        return -ENOMEM;
    store->bound = endpoint;
    endpoint->bindings++; /* Keeps it while others make room. */
    int error = save_binding(destination, endpoint, property, now, ttl);
    endpoint->bindings--;
    sc_endpoint_settle(endpoint);
    return error;
}

int sc_store_save_binding(struct sc_space *space, int64_t now, int64_t ttl,
                          struct sc_bytes destination_label, struct sc_bytes property,
                          struct sc_bytes endpoint_label)
{
    struct sc_store *store = space->store;
    uint32_t hash = sc_hash_label(store, destination_label);

    sc_table_prefetch(&space->destinations, hash);
    sc_expiry_keep_up(store, now);
    struct sc_destination *destination = sc_destination_find(space, hash, destination_label);
    struct sc_binding *near =
        destination ? save_find_near(destination, property, endpoint_label) : NULL;
    if (near) {
        store->bound = near->endpoint;
        sc_binding_renew(near, now, ttl);
        return 0;
    }
    if (!destination)
        destination = sc_destination_new(space, hash, destination_label);
    if (!destination)
        return -ENOMEM;
    destination->wanted = true;
    int error = save_to_endpoint(destination, now, ttl, property, endpoint_label);
    destination->wanted = false;
    sc_destination_settle(destination);
    return error;
}
