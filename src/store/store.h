/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_STORE_H
#define SC_STORE_STORE_H

/*
 * What is cached: destination -> bindings -> endpoint -> connections.
 *
 * An endpoint has a line of connections, a destination a line of bindings,
 * each binding pointing to an endpoint that may have connections or not.
 * Connections and bindings expire independently. Labels live in spaces;
 * equal labels in different spaces are different places.
 *
 * The store is pure: it makes no system call, reads no clock and writes no
 * log. Time is an argument, monotonic milliseconds that never go back. It
 * owns the descriptors that were saved until it hands them back: to whoever
 * found a connection, or by sc_store_reap() to be closed, because the store
 * itself never closes one. A call that saves, finds or walks first removes
 * what has expired.
 *
 * All calls but the walk and the change of limits cost at most the logarithm
 * of what is cached, a destination's own bindings aside. While what is cached
 * stays about the same, nothing is allocated. When it shrinks, memory goes
 * back to the allocator except for a few blocks of each size; an allocator
 * that is to give it back to the system may have to be told.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/util.h"

enum { SC_STORE_KEY_LENGTH = 16 };

struct sc_store;
struct sc_space;
struct sc_connection;

/* Zero means no limit. */
struct sc_store_limits {
    size_t connections;
    size_t connections_of_endpoint;
    size_t connections_of_space;
    size_t bindings;
    size_t bindings_of_destination;
    size_t text;       /* bytes of labels and properties of connections, and of bindings */
    bool newest_first; /* find takes the newest connection of an endpoint */
};

struct sc_store_sizes {
    size_t destinations; /* with a binding */
    size_t endpoints;    /* with a connection */
    size_t connections;
    size_t bindings;
    size_t connection_text; /* bytes of their labels and properties, each counted in full */
    size_t binding_text;
    size_t held; /* found, and neither delivered nor put back yet */
};

/* The key makes it impossible to choose labels that collide: random bytes. */
SC_MUST_CHECK int sc_store_new(struct sc_store **store,
                               const unsigned char key[SC_STORE_KEY_LENGTH],
                               const struct sc_store_limits *limits);

/*
 * New limits hold from the next save on: what is over them then makes room.
 */
void sc_store_set_limits(struct sc_store *store, const struct sc_store_limits *limits);

/* All must have been cleared and reaped, and every space freed. */
void sc_store_free(struct sc_store *store);

/* Forgets every binding and sends every connection to be reaped. */
void sc_store_clear(struct sc_store *store);

SC_MUST_CHECK int sc_space_new(struct sc_space **space, struct sc_store *store);
bool sc_space_is_empty(const struct sc_space *space);
void sc_space_free(struct sc_space *space);

/*
 * Saves a connection at the back of its endpoint's line. At a limit the
 * connection that expires first within the scope of the limit makes room.
 * On success the descriptor is the store's; on -ENOMEM it stays the caller's
 * and nothing has changed.
 */
SC_MUST_CHECK int sc_store_save_connection(struct sc_space *space, int64_t now, int64_t ttl,
                                           struct sc_bytes endpoint, struct sc_bytes property,
                                           int fd);

/*
 * Binds a destination to an endpoint. The same endpoint and property again is
 * the same binding: it keeps its place and gets the new time to live. Any
 * other goes to the back; at a limit the binding that expires first makes
 * room. Returns 0, or -ENOMEM and nothing has changed.
 */
SC_MUST_CHECK int sc_store_save_binding(struct sc_space *space, int64_t now, int64_t ttl,
                                        struct sc_bytes destination, struct sc_bytes property,
                                        struct sc_bytes endpoint);

/*
 * Says whether a connection that is about to be found may still be used; one
 * that may not is sent to be reaped and the next one is tried. It must not
 * call the store.
 */
struct sc_store_judge {
    bool (*usable)(void *context, const struct sc_connection *connection);
    void *context;
};

/*
 * Takes the first usable connection out of an endpoint's line, or returns
 * null. Whoever gets one holds it: it is in no count, cannot expire, and must
 * go on to exactly one of put_back, discard or steal.
 */
SC_MUST_CHECK struct sc_connection *sc_store_find_endpoint(struct sc_space *space, int64_t now,
                                                           struct sc_bytes endpoint,
                                                           const struct sc_store_judge *judge);

/*
 * The same by a destination: its bindings are tried in order. The property is
 * the binding's, valid until the next call.
 */
SC_MUST_CHECK struct sc_connection *sc_store_find_destination(struct sc_space *space, int64_t now,
                                                              struct sc_bytes destination,
                                                              const struct sc_store_judge *judge,
                                                              struct sc_bytes *property);

/*
 * The same again, after what it found has turned out to be of no use and was
 * discarded: it counts as the same look-up, and that as no hit after all if
 * nothing else is found.
 */
SC_MUST_CHECK struct sc_connection *sc_store_find_another(struct sc_space *space, int64_t now,
                                                          struct sc_bytes destination,
                                                          const struct sc_store_judge *judge,
                                                          struct sc_bytes *property);

/* Borrowed, valid until the connection is put back, discarded or stolen. */
int sc_connection_descriptor(const struct sc_connection *connection);
struct sc_bytes sc_connection_endpoint(const struct sc_connection *connection);
struct sc_bytes sc_connection_property(const struct sc_connection *connection);

/*
 * Returns a held connection to the end of its line that is found first, with
 * the time it has left; with none left it is sent to be reaped. Cannot fail.
 */
void sc_connection_put_back(struct sc_connection *connection, int64_t now);

/* Sends a held connection to be reaped. */
void sc_connection_discard(struct sc_connection *connection);

/* Gives up a held connection; its descriptor is the caller's. */
SC_MUST_CHECK int sc_connection_steal(struct sc_connection *connection);

/* Removes what has expired. */
void sc_store_expire(struct sc_store *store, int64_t now);

/* When the next entry expires; INT64_MAX when nothing is cached. */
int64_t sc_store_next_expiry(const struct sc_store *store);

/*
 * Sends the connection that expires first to be reaped, to make room for
 * something else. Returns false when none is cached.
 */
bool sc_store_evict(struct sc_store *store);

/* The next descriptor to be closed, now the caller's; -1 when there is none. */
SC_MUST_CHECK int sc_store_reap(struct sc_store *store);

struct sc_store_sizes sc_store_sizes(const struct sc_store *store);

/* What the walk tells of an entry; the views are valid during the call. */
struct sc_store_entry {
    const struct sc_space *space;
    struct sc_bytes destination; /* of a binding; empty for a connection */
    struct sc_bytes endpoint;
    struct sc_bytes property;
    int fd; /* of a connection; -1 for a binding */
    int64_t age;
    int64_t left;
    uint64_t lookups; /* of the binding's destination, since its first binding */
    uint64_t hits;
};

/*
 * Shows every binding, destination by destination, then every connection,
 * endpoint by endpoint; within each in its line's order. The call-back must
 * not call the store.
 */
void sc_store_walk(struct sc_store *store, int64_t now,
                   void (*visit)(void *context, const struct sc_store_entry *), void *context);

#endif
