/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_CONNECTION_H
#define SC_STORE_CONNECTION_H

/*
 * Connections: from newborn to cached, from cached to held or ended. Newborn,
 * one is the caller's, and counts as held by its endpoint alone.
 */

#include "store/entry.h"

size_t sc_connection_size(size_t property_length, bool has_story);

/*
 * A newborn connection, in no line and no count but endpoint->held; null: no
 * memory. Its story is all zero, if it is to have one.
 */
SC_MUST_CHECK struct sc_connection *
sc_connection_new(struct sc_endpoint *endpoint, const struct sc_saving *saving, bool has_story);

/* Frees one that is newborn. */
void sc_connection_free(struct sc_connection *connection);

/* Puts a newborn at the back of its line. */
void sc_connection_save(struct sc_connection *connection);

/* Makes one that is in no heap expire when its lifetime ends, if that is earlier. True: it is. */
bool sc_connection_age_out(struct sc_connection *connection);

/* The same for one that is cached. */
void sc_connection_shorten(struct sc_connection *connection);

/* Takes a cached connection out of its line: it is held. */
void sc_connection_hold(struct sc_connection *connection, bool from_back);

/* Puts a held one back to the end of its line that it was taken from. */
void sc_connection_return(struct sc_connection *connection);

/* Sends a cached connection to be reaped, and settles its endpoint. */
void sc_connection_end(struct sc_connection *connection, enum sc_end end);

/* Bytes that count as its. */
static inline size_t sc_connection_text(const struct sc_connection *connection)
{
    return (size_t)connection->endpoint->label.length + connection->length;
}

#endif
