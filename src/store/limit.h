/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_LIMIT_H
#define SC_STORE_LIMIT_H

/*
 * Limits: whether one more may come, and who goes for it. What comes is
 * newborn. It is decided first whether it is refused, so that nobody goes for
 * something that does not come after all. Where a limit was lowered and the
 * rest of what is over it has not gone yet, each newcomer takes the place of
 * two.
 */

#include "store/entry.h"

/* Whether there is room for it, or some can be made. */
bool sc_limit_admits_connection(const struct sc_connection *connection);
bool sc_limit_admits_binding(const struct sc_binding *binding);

void sc_limit_make_room_for_connection(const struct sc_connection *connection);
void sc_limit_make_room_for_binding(const struct sc_binding *binding);

/* Zero is no limit; the number is not zero. */
static inline bool sc_limit_is_over(size_t number, size_t limit)
{
    return number - 1 > limit - 1;
}

/* Whether anybody has to make room at all: mostly not. It counts as held by its endpoint. */
static inline bool sc_limit_is_hit_by_connection(const struct sc_connection *connection)
{
    const struct sc_endpoint *endpoint = connection->endpoint;
    const struct sc_space *space = endpoint->space;
    const struct sc_store *store = space->store;
    const struct sc_store_limits *limits = &store->limits;
    size_t text = store->sizes.text + endpoint->label.length + connection->length;

    return sc_limit_is_over((size_t)endpoint->connections.count + endpoint->held,
                            limits->endpoint_session_limit) ||
           sc_limit_is_over(space->sizes.connections + space->sizes.held + 1,
                            limits->user_session_limit) ||
           sc_limit_is_over(store->sizes.connections + store->sizes.held + 1, store->most) ||
           (text > 0 && sc_limit_is_over(text, limits->memory_limit));
}

/* The same for one that has come back: a limit may have been lowered while it was held. */
void sc_limit_make_room_for_returned(struct sc_endpoint *endpoint);

/* What is over a limit goes, one or as many as @steps. True: there is more to do. */
bool sc_limit_settle(struct sc_store *store, size_t *steps);
bool sc_limit_settle_endpoint(struct sc_endpoint *endpoint, size_t *steps);
bool sc_limit_settle_destination(struct sc_destination *destination, size_t *steps);

#endif
