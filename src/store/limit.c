/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who makes room at a limit: within its scope what has the least time left,
 * and of all users he who has most. Nothing is decided here about age, use
 * and time to live.
 */
#include "store/limit.h"

#include "store/binding.h"
#include "store/connection.h"
#include "store/destination.h"
#include "store/endpoint.h"
#include "store/fate.h"
#include "store/space.h"

/* A newcomer takes the place of at most so many, so that lowered limits are reached. */
enum { PLACES = 2 };

/* If it would have had to go anyway, that is why. */
static void limit_end_connection(struct sc_connection *connection, enum sc_end end)
{
    enum sc_end fate = sc_fate_of_connection(connection);

    sc_connection_end(connection, fate != SC_ENDS ? fate : end);
}

static void limit_end_binding(struct sc_binding *binding, enum sc_end end)
{
    enum sc_end fate = sc_fate_of_binding(binding);

    sc_binding_end(binding, fate != SC_ENDS ? fate : end);
}

/* As in the header, but the number may be zero. */
static bool limit_is_over(size_t number, size_t limit)
{
    return limit > 0 && number > limit;
}

/* How many connections there are in each scope: cached, and held. */

static size_t limit_held_by(const struct sc_endpoint *endpoint)
{
    return (size_t)endpoint->connections.count + endpoint->held;
}

static size_t limit_had_by(const struct sc_space *space)
{
    return space->sizes.connections + space->sizes.held;
}

static size_t limit_had_by_all(const struct sc_store *store)
{
    return store->sizes.connections + store->sizes.held;
}

/* The entry of a user that has the least time left, of either kind. Returns its text. */
static size_t limit_end_text(struct sc_space *space)
{
    struct sc_connection *connection = sc_space_first_connection(space);
    struct sc_binding *binding = sc_space_first_binding(space);

    if (!binding || (connection && sc_heap_before(&connection->key, &binding->key))) {
        size_t text = sc_connection_text(connection);
        limit_end_connection(connection, SC_END_MEMORY_LIMIT);
        return text;
    }
    size_t text = sc_binding_text(binding);
    limit_end_binding(binding, SC_END_MEMORY_LIMIT);
    return text;
}

/* Of something that users share: it fits, or somebody can be asked for it. */
static bool limit_admits(struct sc_space *newcomer, enum sc_share_kind kind, size_t number,
                         size_t limit, size_t amount)
{
    return !limit_is_over(number + amount, limit) ||
           sc_space_victim(newcomer->store, kind, newcomer, amount);
}

/* What is held cannot go; without it there has to be enough. */
static bool limit_admits_text(struct sc_space *newcomer, size_t text)
{
    const struct sc_store *store = newcomer->store;

    return !limit_is_over(store->held_text + text, store->limits.memory_limit) &&
           limit_admits(newcomer, SC_SHARE_TEXT, store->sizes.text, store->limits.memory_limit,
                        text);
}

/*
 * Others give down to what the newcomer will have, and he himself; but once
 * somebody has given, it is taken where it is, for he is not refused any more.
 */
static void limit_make_room_for_text(struct sc_space *newcomer, size_t text)
{
    struct sc_store *store = newcomer->store;
    size_t given = 0;

    while (limit_is_over(store->sizes.text + text, store->limits.memory_limit) &&
           given < PLACES * text) {
        struct sc_space *victim = sc_space_victim(store, SC_SHARE_TEXT, newcomer, text);
        given += limit_end_text(victim ? victim : sc_space_richest(store, SC_SHARE_TEXT));
    }
}

/* One step; false: there is nothing to do, or all that is left is held. */
static bool limit_settle_text(struct sc_store *store)
{
    struct sc_space *space = sc_space_richest(store, SC_SHARE_TEXT);

    if (!space || !limit_is_over(store->sizes.text, store->limits.memory_limit))
        return false;
    (void)limit_end_text(space);
    return true;
}

/* --- connections -------------------------------------------------------------------- */

bool sc_store_evict(struct sc_store *store, struct sc_space *newcomer, enum sc_end end)
{
    struct sc_space *victim = sc_space_victim(store, SC_SHARE_CONNECTIONS, newcomer, 1);

    if (victim)
        limit_end_connection(sc_space_first_connection(victim), end);
    return victim != NULL;
}

/* The newborn counts as held by its endpoint already. */
bool sc_limit_admits_connection(const struct sc_connection *connection)
{
    const struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_space *space = endpoint->space;
    const struct sc_store *store = space->store;
    const struct sc_store_limits *limits = &store->limits;

    /* Within a narrow scope nobody else is asked: all that is there may be held. */
    if (limit_is_over(limit_held_by(endpoint), limits->endpoint_session_limit) &&
        endpoint->connections.count == 0)
        return false;
    if (limit_is_over(limit_had_by(space) + 1, limits->user_session_limit) &&
        space->sizes.connections == 0)
        return false;
    return limit_admits(space, SC_SHARE_CONNECTIONS, limit_had_by_all(store), store->most, 1) &&
           limit_admits_text(space, sc_connection_text(connection));
}

/* Something keeps the endpoint. @more: how many come, beside those whom the endpoint holds. */
static void limit_make_room(struct sc_endpoint *endpoint, size_t more)
{
    struct sc_space *space = endpoint->space;
    struct sc_store *store = space->store;
    const struct sc_store_limits *limits = &store->limits;

    for (int i = 0; i < PLACES && endpoint->connections.count > 0 &&
                    limit_is_over(limit_held_by(endpoint), limits->endpoint_session_limit);
         i++)
        limit_end_connection(sc_endpoint_first(endpoint), SC_END_ENDPOINT_LIMIT);
    for (int i = 0; i < PLACES && space->sizes.connections > 0 &&
                    limit_is_over(limit_had_by(space) + more, limits->user_session_limit);
         i++)
        limit_end_connection(sc_space_first_connection(space), SC_END_USER_LIMIT);
    for (int i = 0; i < PLACES && limit_is_over(limit_had_by_all(store) + more, store->most) &&
                    sc_store_evict(store, more > 0 ? space : NULL, store->most_end);
         i++)
        continue;
}

void sc_limit_make_room_for_connection(const struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;

    limit_make_room(endpoint, 1);
    limit_make_room_for_text(endpoint->space, sc_connection_text(connection));
}

void sc_limit_make_room_for_returned(struct sc_endpoint *endpoint)
{
    struct sc_store *store = endpoint->space->store;

    endpoint->bindings++; /* Keeps it meanwhile. */
    limit_make_room(endpoint, 0);
    for (int i = 0; i < PLACES && limit_settle_text(store); i++)
        continue;
    endpoint->bindings--;
    sc_endpoint_settle(endpoint);
}

/* --- bindings ----------------------------------------------------------------------- */

static bool limit_end_shared_binding(struct sc_space *victim)
{
    if (victim)
        limit_end_binding(sc_space_first_binding(victim), SC_END_BINDING_LIMIT);
    return victim != NULL;
}

bool sc_limit_admits_binding(const struct sc_binding *binding)
{
    struct sc_space *space = binding->destination->space;
    const struct sc_store *store = space->store;

    return limit_admits(space, SC_SHARE_BINDINGS, store->sizes.bindings,
                        store->limits.binding_limit, 1) &&
           limit_admits_text(space, sc_binding_text(binding));
}

void sc_limit_make_room_for_binding(const struct sc_binding *binding)
{
    struct sc_destination *destination = binding->destination;
    struct sc_space *space = destination->space;
    struct sc_store *store = space->store;
    const struct sc_store_limits *limits = &store->limits;

    for (int i = 0; i < PLACES && limit_is_over((size_t)destination->bindings.count + 1,
                                                limits->destination_binding_limit);
         i++)
        limit_end_binding(sc_destination_first(destination), SC_END_DESTINATION_LIMIT);
    for (int i = 0; i < PLACES && limit_is_over(store->sizes.bindings + 1, limits->binding_limit) &&
                    limit_end_shared_binding(sc_space_victim(store, SC_SHARE_BINDINGS, space, 1));
         i++)
        continue;
    limit_make_room_for_text(space, sc_binding_text(binding));
}

/* --- limits that were lowered ------------------------------------------------------- */

bool sc_limit_settle_endpoint(struct sc_endpoint *endpoint, size_t *steps)
{
    size_t limit = endpoint->space->store->limits.endpoint_session_limit;

    for (; endpoint->connections.count > 0 && limit_is_over(limit_held_by(endpoint), limit);
         --*steps) {
        if (*steps == 0)
            return true;
        limit_end_connection(sc_endpoint_first(endpoint), SC_END_ENDPOINT_LIMIT);
    }
    return false;
}

bool sc_limit_settle_destination(struct sc_destination *destination, size_t *steps)
{
    size_t limit = destination->space->store->limits.destination_binding_limit;

    for (; limit_is_over(destination->bindings.count, limit); --*steps) {
        if (*steps == 0)
            return true;
        limit_end_binding(sc_destination_first(destination), SC_END_DESTINATION_LIMIT);
    }
    return false;
}

/* One step; false: nothing is over a limit, or what is cannot go. */
static bool limit_settle_one(struct sc_store *store)
{
    const struct sc_store_limits *limits = &store->limits;
    struct sc_space *space = sc_space_richest(store, SC_SHARE_CONNECTIONS);

    /* If he who has most is within the limit of users, all are. */
    if (space && limit_is_over(limit_had_by(space), limits->user_session_limit)) {
        limit_end_connection(sc_space_first_connection(space), SC_END_USER_LIMIT);
        return true;
    }
    if (space && limit_is_over(limit_had_by_all(store), limits->session_limit)) {
        limit_end_connection(sc_space_first_connection(space), SC_END_SESSION_LIMIT);
        return true;
    }
    space = sc_space_richest(store, SC_SHARE_BINDINGS);
    if (space && limit_is_over(store->sizes.bindings, limits->binding_limit))
        return limit_end_shared_binding(space);
    return limit_settle_text(store);
}

bool sc_limit_settle(struct sc_store *store, size_t *steps)
{
    for (; *steps > 0; --*steps)
        if (!limit_settle_one(store))
            return false;
    return true;
}
