/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_FATE_H
#define SC_STORE_FATE_H

/*
 * Whether something that is still here may be found: removing what may not is
 * work that comes later. SC_ENDS: it may; else why it has to go.
 */

#include "store/entry.h"

enum { SC_STORY_ALIGNMENT = 8 };

static inline size_t sc_story_at(size_t property_length)
{
    size_t end = offsetof(struct sc_connection, property) + property_length;

    return (end + SC_STORY_ALIGNMENT - 1) & ~(size_t)(SC_STORY_ALIGNMENT - 1);
}

/* What is remembered of it, or null. */
static inline struct sc_story *sc_story_of(const struct sc_connection *connection)
{
    if (!(connection->marks & SC_MARK_STORY))
        return NULL;
    return (struct sc_story *)(void *)((char *)connection + sc_story_at(connection->length));
}

static inline enum sc_end sc_fate_by_age_and_use(const struct sc_connection *connection,
                                                 const struct sc_store *store)
{
    const struct sc_store_limits *limits = &store->limits;
    const struct sc_story *story = sc_story_of(connection);

    if (!story)
        return SC_ENDS;
    if (limits->lifetime_limit > 0 &&
        store->now - connection->saved + story->known_before >= limits->lifetime_limit)
        return SC_END_LIFETIME;
    return limits->use_limit > 0 && story->uses >= limits->use_limit ? SC_END_USE_LIMIT : SC_ENDS;
}

static inline enum sc_end sc_fate_of_connection(const struct sc_connection *connection)
{
    const struct sc_space *space = connection->endpoint->space;
    const struct sc_store *store = space->store;

    if (connection->key.serial < sc_space_floor(space) || connection->marks & SC_MARK_DROPPED)
        return SC_END_DROPPED;
    if (connection->key.expires <= store->now)
        return connection->marks & SC_MARK_AGED ? SC_END_LIFETIME : SC_END_EXPIRED;
    return sc_fate_by_age_and_use(connection, store);
}

static inline enum sc_end sc_fate_of_binding(const struct sc_binding *binding)
{
    const struct sc_space *space = binding->endpoint->space;

    if (binding->key.serial < sc_space_floor(space))
        return SC_END_DROPPED;
    return binding->key.expires <= space->store->now ? SC_END_EXPIRED : SC_ENDS;
}

#endif
