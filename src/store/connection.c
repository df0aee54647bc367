/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection's ways: into its line, out to whoever holds it, back, and off
 * to be reaped. Which one is next and which must go is not decided here.
 */
#include "store/connection.h"

#include "store/cursor.h"
#include "store/endpoint.h"
#include "store/fate.h"
#include "store/known.h"
#include "store/rank.h"
#include "store/space.h"

size_t sc_connection_size(size_t property_length, bool has_story)
{
    if (has_story)
        return sc_story_at(property_length) + sizeof(struct sc_story);
    return offsetof(struct sc_connection, property) + property_length;
}

struct sc_connection *sc_connection_new(struct sc_endpoint *endpoint,
                                        const struct sc_saving *saving, bool has_story)
{
    size_t places = (size_t)endpoint->connections.count + endpoint->held + 1;

    if (sc_heap_reserve(&endpoint->connections, places) < 0)
        return NULL;
    struct sc_connection *connection = sc_endpoint_alloc_connection(
        endpoint, sc_connection_size(saving->property.length, has_story));
    if (!connection)
        return NULL;
    connection->endpoint = endpoint;
    connection->fd = saving->fd;
    connection->nature = saving->nature;
    connection->length = (uint32_t)saving->property.length;
    connection->marks = has_story ? SC_MARK_STORY : 0;
    sc_text_copy(connection->property, saving->property);
    if (has_story)
        *sc_story_of(connection) = (struct sc_story){.cookie = saving->cookie};
    endpoint->held++;
    return connection;
}

static void connection_release(struct sc_store *store, struct sc_connection *connection)
{
    sc_endpoint_free_connection(
        store, connection,
        sc_connection_size(connection->length, connection->marks & SC_MARK_STORY));
}

void sc_connection_free(struct sc_connection *connection)
{
    connection->endpoint->held--;
    connection_release(connection->endpoint->space->store, connection);
}

bool sc_connection_age_out(struct sc_connection *connection)
{
    int64_t lifetime = connection->endpoint->space->store->limits.lifetime_limit;
    const struct sc_story *story = sc_story_of(connection);

    if (lifetime == 0 || !story)
        return false;
    int64_t end = sc_time_add(connection->saved - story->known_before, lifetime);
    if (end >= connection->key.expires)
        return false;
    connection->key.expires = end;
    connection->marks |= SC_MARK_AGED;
    return true;
}

/* One user alone shares nothing: then this is but a comparison. */
static void connection_share(struct sc_space *space)
{
    if (sc_store_is_shared(space->store))
        sc_space_share_connections(space);
}

void sc_connection_shorten(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_space *space = endpoint->space;

    if (!sc_connection_age_out(connection))
        return;
    sc_store_expect(space->store, connection->key.expires);
    sc_heap_update(&endpoint->connections, &connection->key);
    sc_rank_change(&endpoint->connections, &endpoint->key, &space->endpoint_rank,
                   &space->store->live_spaces, false);
}

/* Into heaps and counts; it is in its line already. */
static inline void connection_enter(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_space *space = endpoint->space;
    struct sc_store *store = space->store;
    bool was_empty = endpoint->connections.count == 0;

    /* An endpoint counts while it has a connection, be it bound or not. */
    store->sizes.endpoints += was_empty;
    space->sizes.endpoints += was_empty;
    store->sizes.connections++;
    space->sizes.connections++;
    endpoint->held--;
    sc_store_expect(store, connection->key.expires);
    sc_heap_push(&endpoint->connections, &connection->key);
    sc_rank_change(&endpoint->connections, &endpoint->key, &space->endpoint_rank,
                   &store->live_spaces, was_empty);
}

/* Out of line, heaps and counts. */
static inline void connection_leave(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_space *space = endpoint->space;
    struct sc_store *store = space->store;

    sc_cursor_leave_connection(store, connection);
    TAILQ_REMOVE(&endpoint->line, connection, link);
    sc_heap_remove(&endpoint->connections, &connection->key);
    sc_rank_change(&endpoint->connections, &endpoint->key, &space->endpoint_rank,
                   &store->live_spaces, false);
    bool is_empty = endpoint->connections.count == 0;
    store->sizes.endpoints -= is_empty;
    space->sizes.endpoints -= is_empty;
    store->sizes.connections--;
    space->sizes.connections--;
}

void sc_connection_save(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_space *space = endpoint->space;
    struct sc_store *store = space->store;
    size_t text = sc_connection_text(connection);

    /* Counted until its end, also while it is held: it takes the memory. */
    store->sizes.text += text;
    space->sizes.text += text;
    TAILQ_INSERT_TAIL(&endpoint->line, connection, link);
    connection_enter(connection);
    connection_share(space);
    if (store->observer.saved)
        store->observer.saved(store->observer.context, connection);
}

void sc_connection_hold(struct sc_connection *connection, bool from_back)
{
    struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_space *space = endpoint->space;
    struct sc_store *store = space->store;

    connection_leave(connection);
    if (from_back)
        connection->marks |= SC_MARK_FROM_BACK;
    else
        connection->marks &= (uint8_t)~SC_MARK_FROM_BACK;
    TAILQ_INSERT_TAIL(&store->held, connection, link);
    endpoint->held++;
    store->sizes.held++;
    space->sizes.held++;
    store->held_text += sc_connection_text(connection);
    connection_share(space);
}

/* Ends the holding of a connection, but for its endpoint: there it counts until it has gone on. */
static inline void connection_let_go(struct sc_connection *connection)
{
    struct sc_space *space = connection->endpoint->space;
    struct sc_store *store = space->store;

    assert(connection->endpoint->held > 0);
    TAILQ_REMOVE(&store->held, connection, link);
    store->sizes.held--;
    space->sizes.held--;
    store->held_text -= sc_connection_text(connection);
}

static inline void connection_tell_end(const struct sc_connection *connection, enum sc_end end)
{
    const struct sc_store_observer *observer = &connection->endpoint->space->store->observer;

    if (observer->ended)
        observer->ended(observer->context, connection, end);
}

/* For good: its text counts no more. */
static inline void connection_uncount(const struct sc_connection *connection)
{
    struct sc_space *space = connection->endpoint->space;
    size_t text = sc_connection_text(connection);

    space->store->sizes.text -= text;
    space->sizes.text -= text;
    connection_share(space);
}

/*
 * Its endpoint and even its space may be gone before somebody reaps it, so
 * what will be asked then is kept in it. Settles the endpoint.
 */
static void connection_reap(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_store *store = endpoint->space->store;

    connection_uncount(connection);
    if (!sc_endpoint_has_inside(endpoint, connection))
        connection->endpoint = NULL;
    connection->saved = endpoint->space->user;
    TAILQ_INSERT_TAIL(&store->reaped, connection, link);
    sc_endpoint_settle(endpoint);
}

void sc_connection_end(struct sc_connection *connection, enum sc_end end)
{
    connection_tell_end(connection, end);
    connection_leave(connection);
    connection_reap(connection);
}

/* The same for those outside, who come to it by a cursor. */
void sc_connection_drop(struct sc_connection *connection, enum sc_end end)
{
    sc_connection_end(connection, end);
}

void sc_connection_return(struct sc_connection *connection)
{
    struct sc_endpoint *endpoint = connection->endpoint;

    connection_let_go(connection);
    if (connection->marks & SC_MARK_FROM_BACK)
        TAILQ_INSERT_TAIL(&endpoint->line, connection, link);
    else
        TAILQ_INSERT_HEAD(&endpoint->line, connection, link);
    connection_enter(connection);
    connection_share(endpoint->space);
}

void sc_connection_discard(struct sc_connection *connection, enum sc_end end)
{
    connection_tell_end(connection, end);
    connection_let_go(connection);
    connection->endpoint->held--;
    connection_reap(connection);
}

int sc_connection_steal(struct sc_connection *connection, int64_t now)
{
    struct sc_endpoint *endpoint = connection->endpoint;
    struct sc_space *space = endpoint->space;
    const struct sc_story *story = sc_story_of(connection);
    int fd = connection->fd;

    sc_store_see_time(space->store, now);
    /* Told, and its cookie remembered, while all of it is there. */
    connection_tell_end(connection, SC_END_REUSED);
    if (story)
        sc_known_add(space, now, story->cookie, connection->saved - story->known_before,
                     story->uses < UINT32_MAX ? story->uses + 1 : UINT32_MAX);
    connection_let_go(connection);
    endpoint->held--;
    connection_uncount(connection);
    connection_release(space->store, connection);
    sc_endpoint_settle(endpoint);
    return fd;
}

bool sc_store_reap(struct sc_store *store, struct sc_reaped *reaped)
{
    struct sc_connection *connection = TAILQ_FIRST(&store->reaped);

    if (!connection)
        return false;
    *reaped = (struct sc_reaped){connection->fd, connection->nature, connection->saved};
    TAILQ_REMOVE(&store->reaped, connection, link);
    connection_release(store, connection);
    return true;
}

uint64_t sc_connection_id(const struct sc_connection *connection)
{
    return connection->key.serial;
}

struct sc_space *sc_connection_space(const struct sc_connection *connection)
{
    return connection->endpoint->space;
}

struct sc_bytes sc_connection_endpoint(const struct sc_connection *connection)
{
    return sc_label_bytes(&connection->endpoint->label);
}

struct sc_bytes sc_connection_property(const struct sc_connection *connection)
{
    return (struct sc_bytes){connection->property, connection->length};
}

int sc_connection_descriptor(const struct sc_connection *connection)
{
    return connection->fd;
}

uint8_t sc_connection_nature(const struct sc_connection *connection)
{
    return connection->nature;
}

uint64_t sc_connection_cookie(const struct sc_connection *connection)
{
    const struct sc_story *story = sc_story_of(connection);

    return story ? story->cookie : 0;
}

int64_t sc_connection_age(const struct sc_connection *connection, int64_t now)
{
    return now - connection->saved;
}

int64_t sc_connection_left(const struct sc_connection *connection, int64_t now)
{
    return connection->key.expires - now;
}

int64_t sc_connection_known_for(const struct sc_connection *connection, int64_t now)
{
    const struct sc_story *story = sc_story_of(connection);

    return now - connection->saved + (story ? story->known_before : 0);
}

uint32_t sc_connection_uses(const struct sc_connection *connection)
{
    const struct sc_story *story = sc_story_of(connection);

    return story ? story->uses : 0;
}

uint32_t *sc_connection_endpoint_place(const struct sc_connection *connection)
{
    return &connection->endpoint->place;
}
