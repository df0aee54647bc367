/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_INTERFACE_H
#define SC_STORE_INTERFACE_H

/*
 * What is cached: destination -> bindings -> endpoint -> connections.
 *
 * An endpoint has a line of connections, a destination a line of bindings,
 * each binding pointing to an endpoint that may have connections or not.
 * Connections and bindings expire independently. Labels live in spaces, one
 * for each user; equal labels in different spaces are different places.
 *
 * The store is pure: it makes no system call, reads no clock and writes no
 * log. Time is an argument, milliseconds that never go back. It owns the
 * descriptors that were saved until it hands them back: to whoever found a
 * connection, or by sc_store_reap() to be closed, because the store itself
 * never closes one. What was found is looked at outside.
 *
 * What has expired, was dropped, or is over a limit of age or use is never
 * found, whether it has been removed yet or not. Removing it is work that is
 * done in slices: sc_store_expire() and sc_store_settle(); each save and find
 * does a little of the former, so that what comes in fast goes out as fast.
 *
 * Every call costs at most the logarithm of what is cached, a destination's
 * own bindings aside, and what makes room aside, which was paid for when it
 * came in. While what is cached stays about the same, nothing is allocated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/bytes.h"
#include "base/table.h"
#include "base/util.h"

enum { SC_STORE_KEY_LENGTH = 16 };

struct sc_store;
struct sc_space;
struct sc_endpoint;
struct sc_destination;
struct sc_connection;
struct sc_binding;
struct sc_known;

/* Why a connection or a binding left for good. */
enum sc_end {
    SC_END_REUSED,
    SC_END_EXPIRED,
    SC_END_DEAD,
    SC_END_DROPPED,
    SC_END_CLOSED,
    SC_END_HANDED_OVER,
    SC_END_SESSION_LIMIT,
    SC_END_ENDPOINT_LIMIT,
    SC_END_USER_LIMIT,
    SC_END_MEMORY_LIMIT,
    SC_END_DESCRIPTORS,
    SC_END_OUT_OF_MEMORY,
    SC_END_LIFETIME,
    SC_END_USE_LIMIT,
    SC_END_DESTINATION_LIMIT, /* of a binding */
    SC_END_BINDING_LIMIT,     /* of a binding */
    SC_ENDS
};

/*
 * Zero means no limit. Connections that are held count wherever connections
 * do. A save that is one too many takes the place of something else within
 * the scope of the limit, never of what is just arriving: the one with the
 * least time left, the oldest among equals. Where users share a limit it is
 * taken from the user who has most of what is limited, the newcomer counted;
 * among equals from the newcomer himself. The save is refused, -ENOBUFS, when
 * nothing of his can go.
 */
enum sc_reuse_order { SC_REUSE_OLDEST, SC_REUSE_NEWEST }; /* of an endpoint, found first */

struct sc_store_limits {
    size_t session_limit;
    size_t endpoint_session_limit;
    size_t user_session_limit;
    size_t binding_limit;
    size_t destination_binding_limit;
    size_t memory_limit;    /* bytes of all labels and properties, each counted with its entry */
    int64_t lifetime_limit; /* ms that a connection has been known for, at most 49 days */
    size_t use_limit;       /* how often it was handed out */
    size_t known;           /* cookies remembered; 0: twice the connections */
    bool remember;          /* cookies, though there is no limit of age or use: for a sample */
    enum sc_reuse_order reuse_order;
};

struct sc_store_sizes {
    size_t destinations; /* with a binding */
    size_t endpoints;    /* with a connection */
    size_t connections;  /* without those that are held */
    size_t bindings;
    size_t text;  /* bytes of labels and properties, of what is held too */
    size_t held;  /* found, and not delivered, put back or discarded yet */
    size_t known; /* cookies of what is out */
    size_t spaces;
    size_t bytes; /* of memory for entries, the allocator's overhead and what is kept for reuse
                     included */
};

/*
 * Who is told what comes and goes; each may be null. They must not call the
 * store, accessors aside. An entry that has ended is still whole when they
 * are told.
 */
struct sc_store_observer {
    void (*saved)(void *context, const struct sc_connection *connection);
    void (*ended)(void *context, const struct sc_connection *connection, enum sc_end end);
    void (*bound)(void *context, const struct sc_binding *binding, bool renewed);
    void (*unbound)(void *context, const struct sc_binding *binding, enum sc_end end);
    void *context;
};

/* --- the store --------------------------------------------------------- */

/*
 * The key makes it impossible to choose labels that collide: random bytes.
 * Limits and observer (may be null) are copied. Returns 0 or -ENOMEM.
 */
SC_MUST_CHECK int sc_store_new(struct sc_store **store,
                               const unsigned char key[SC_STORE_KEY_LENGTH],
                               const struct sc_store_limits *limits,
                               const struct sc_store_observer *observer);

/* All must have been cleared and reaped, every space freed, every cursor ended. */
void sc_store_free(struct sc_store *store);

/*
 * New limits. What is over lower ones goes: what age and use forbid is not
 * found any more from now on, and sc_store_settle() removes all of it. A
 * longer lifetime holds for what is saved from now on.
 */
void sc_store_set_limits(struct sc_store *store, const struct sc_store_limits *limits);

/*
 * How many connections there are descriptors for at the moment, held ones
 * included; 0: no limit. A limit like that of connections, from the next save
 * on; its end is SC_END_DESCRIPTORS. Costs nothing.
 */
void sc_store_set_descriptors(struct sc_store *store, size_t connections);

/* Borrowed, until they are set again. */
const struct sc_store_limits *sc_store_limits(const struct sc_store *store);

/*
 * Removes what is over limits or was dropped, at most @steps entries looked
 * at. Returns whether there is more to do: then call it again soon, and let
 * others be served meanwhile.
 */
bool sc_store_settle(struct sc_store *store, int64_t now, size_t steps);

/* Removes at most @steps entries that have expired. Returns whether there are more. */
bool sc_store_expire(struct sc_store *store, int64_t now, size_t steps);

/* When the next entry expires; INT64_MAX when nothing is cached. */
int64_t sc_store_next_expiry(const struct sc_store *store);

/*
 * Makes room for something of @newcomer, or of nobody who is in the store:
 * null. A connection of the user who has most, as the limits say, is sent to
 * be reaped. False: none that can be asked for has one to give.
 */
bool sc_store_evict(struct sc_store *store, struct sc_space *newcomer, enum sc_end end);

/*
 * Ends every binding and connection, all but those that are held, and forgets
 * every cookie. All at once: for the end.
 */
void sc_store_clear(struct sc_store *store, enum sc_end end);

/* What is to be closed: the descriptor, its nature, and whose it was. */
struct sc_reaped {
    int fd;
    uint8_t nature;
    int64_t user;
};

/* The next that is to be closed, now the caller's. False: there is none. */
SC_MUST_CHECK bool sc_store_reap(struct sc_store *store, struct sc_reaped *reaped);

struct sc_store_sizes sc_store_sizes(const struct sc_store *store);

/* --- spaces ------------------------------------------------------------ */

/* No two spaces of a store have the same user. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_space_new(struct sc_space **space, struct sc_store *store, int64_t user);

/* It must be empty. */
void sc_space_free(struct sc_space *space);

/* Whether nothing is cached, bound, held, or known to be out. */
bool sc_space_is_empty(const struct sc_space *space);

int64_t sc_space_user(const struct sc_space *space);
struct sc_store *sc_space_store(const struct sc_space *space);

/* The same for one space: spaces is 1, and bytes 0, since they are not told apart. */
struct sc_store_sizes sc_space_sizes(const struct sc_space *space);

/* --- saving ------------------------------------------------------------ */

/* A connection to be saved. */
struct sc_saving {
    int64_t ttl; /* ms */
    struct sc_bytes endpoint;
    struct sc_bytes property;
    int fd;
    uint8_t nature;    /* the caller's, returned as it is */
    uint64_t cookie;   /* which socket it is; 0: not known, then only the ttl bounds it */
    int64_t age;       /* of one that was cached elsewhere before, ms since it was saved; else 0 */
    int64_t known_for; /* the same, ms; else 0 */
    uint32_t uses;     /* the same; else 0 */
};

/*
 * Saves a connection at the back of its endpoint's line. Returns 0; -ENOMEM;
 * or -ENOBUFS, refused at a limit. Then the descriptor stays the caller's and
 * nothing has changed, but for what has expired. One whose age or use is over
 * a limit is saved and ends at once.
 */
SC_MUST_CHECK int sc_store_save_connection(struct sc_space *space, int64_t now,
                                           const struct sc_saving *saving);

/*
 * Binds a destination to an endpoint. The same endpoint and property again is
 * the same binding: it keeps its place and its id, and gets the new time to
 * live. Any other goes to the back. Returns as saving a connection does.
 */
SC_MUST_CHECK int sc_store_save_binding(struct sc_space *space, int64_t now, int64_t ttl,
                                        struct sc_bytes destination, struct sc_bytes property,
                                        struct sc_bytes endpoint);

/*
 * Remembers a connection that is out, as if it had been delivered from here:
 * what another server knew. Forgotten when there is no memory or no limit
 * that asks for it.
 */
void sc_store_remember(struct sc_space *space, int64_t now, uint64_t cookie, int64_t known_for,
                       uint32_t uses);

/* --- finding ----------------------------------------------------------- */

/*
 * Takes the next connection out of an endpoint's line, or returns null.
 * Whoever gets one holds it: it is not cached and cannot expire, and must go
 * on to exactly one of put_back, discard or steal. If it turns out to be dead
 * it is discarded, and the same asked again.
 */
SC_MUST_CHECK struct sc_connection *sc_store_find_endpoint(struct sc_space *space, int64_t now,
                                                           struct sc_bytes endpoint);

/*
 * The same by a destination: its bindings are tried in order. The property is
 * the binding's, valid until the next call.
 */
SC_MUST_CHECK struct sc_connection *sc_store_find_destination(struct sc_space *space, int64_t now,
                                                              struct sc_bytes destination,
                                                              struct sc_bytes *property);

/*
 * Returns a held connection to the end of the line that it was taken from,
 * with the time it has left. With none left, or dropped meanwhile, it is sent
 * to be reaped. Cannot fail.
 */
void sc_connection_put_back(struct sc_connection *connection, int64_t now);

/* Sends a held connection to be reaped. */
void sc_connection_discard(struct sc_connection *connection, enum sc_end end);

/*
 * Gives up a held connection, because it was delivered: its end is
 * SC_END_REUSED, its cookie is remembered, its descriptor is the caller's.
 */
SC_MUST_CHECK int sc_connection_steal(struct sc_connection *connection, int64_t now);

/* --- looking at entries ------------------------------------------------ */

/*
 * Borrowed: valid until the next call that saves, finds, expires, settles,
 * drops, evicts or clears; of what is held until it is put back, discarded or
 * stolen. Ids of connections and bindings have 64 bits, are not zero, and are
 * never used again.
 */
uint64_t sc_connection_id(const struct sc_connection *connection);
struct sc_space *sc_connection_space(const struct sc_connection *connection);
struct sc_bytes sc_connection_endpoint(const struct sc_connection *connection);
struct sc_bytes sc_connection_property(const struct sc_connection *connection);
int sc_connection_descriptor(const struct sc_connection *connection);
uint8_t sc_connection_nature(const struct sc_connection *connection);
uint64_t sc_connection_cookie(const struct sc_connection *connection);
int64_t sc_connection_age(const struct sc_connection *connection, int64_t now); /* since saved */
int64_t sc_connection_left(const struct sc_connection *connection, int64_t now);
int64_t sc_connection_known_for(const struct sc_connection *connection, int64_t now);
uint32_t sc_connection_uses(const struct sc_connection *connection); /* before this saving */

uint64_t sc_binding_id(const struct sc_binding *binding);
struct sc_space *sc_binding_space(const struct sc_binding *binding);
struct sc_bytes sc_binding_destination(const struct sc_binding *binding);
struct sc_bytes sc_binding_endpoint(const struct sc_binding *binding);
struct sc_bytes sc_binding_property(const struct sc_binding *binding);
int64_t sc_binding_age(const struct sc_binding *binding, int64_t now); /* since last renewed */
int64_t sc_binding_left(const struct sc_binding *binding, int64_t now);

struct sc_space *sc_endpoint_space(const struct sc_endpoint *endpoint);
struct sc_bytes sc_endpoint_label(const struct sc_endpoint *endpoint);
size_t sc_endpoint_connections(const struct sc_endpoint *endpoint);

struct sc_space *sc_destination_space(const struct sc_destination *destination);
struct sc_bytes sc_destination_label(const struct sc_destination *destination);
size_t sc_destination_bindings(const struct sc_destination *destination);

uint64_t sc_known_cookie(const struct sc_known *known);
struct sc_space *sc_known_space(const struct sc_known *known);
int64_t sc_known_for(const struct sc_known *known, int64_t now);
uint32_t sc_known_uses(const struct sc_known *known); /* times that it was handed out */

/*
 * A number of the caller's in each endpoint and destination, 0 at first, to
 * be read and written; by label null when there is no such thing.
 */
uint32_t *sc_endpoint_place(struct sc_endpoint *endpoint);
uint32_t *sc_destination_place(struct sc_destination *destination);
uint32_t *sc_connection_endpoint_place(const struct sc_connection *connection);
uint32_t *sc_binding_endpoint_place(const struct sc_binding *binding);
uint32_t *sc_binding_destination_place(const struct sc_binding *binding);
uint32_t *sc_store_endpoint_place(struct sc_space *space, struct sc_bytes endpoint);
uint32_t *sc_store_destination_place(struct sc_space *space, struct sc_bytes destination);

/* --- dropping ---------------------------------------------------------- */

/*
 * From now on nothing that was saved before is found; sc_store_settle()
 * removes it. What is held and put back later is dropped then.
 */
void sc_store_drop_all(struct sc_store *store);
void sc_space_drop(struct sc_space *space);

/* The connections under a label, at once. Returns how many. */
size_t sc_store_drop_endpoint(struct sc_space *space, struct sc_bytes endpoint);

/* The bindings under a label and the connections of their endpoints. Returns how many in all. */
size_t sc_store_drop_destination(struct sc_space *space, struct sc_bytes destination);

/* One entry that is cached, as at a cursor: not one that is held. */
void sc_connection_drop(struct sc_connection *connection, enum sc_end end);
void sc_binding_drop(struct sc_binding *binding, enum sc_end end);

/* --- going through all ------------------------------------------------- */

enum sc_cursor_kind {
    SC_CURSOR_DESTINATIONS, /* with a binding */
    SC_CURSOR_ENDPOINTS,    /* with a connection */
    SC_CURSOR_CONNECTIONS,  /* endpoint by endpoint, each in the order of its line */
    SC_CURSOR_BINDINGS,     /* destination by destination, likewise */
    SC_CURSOR_KNOWN,        /* what is out, the longest ago first */
};

enum sc_cursor_step {
    SC_CURSOR_END,
    SC_CURSOR_LATER, /* looked at enough for now */
    SC_CURSOR_ENTRY,
};

/*
 * Goes through all entries of a kind, in slices, space by space in the order
 * of users. What stays throughout is shown exactly once, whatever comes and
 * goes meanwhile; what comes meanwhile may be shown or not. The entry at
 * hand, its endpoint, and its space may go too; so may the caller drop it.
 *
 * A cursor is the caller's memory, known to the store between init and fini.
 * After SC_CURSOR_ENTRY the fields of the kind are set, borrowed: connection
 * and endpoint; binding, destination and endpoint; endpoint; destination; or
 * known.
 */
struct sc_store_cursor {
    struct sc_connection *connection;
    struct sc_binding *binding;
    struct sc_endpoint *endpoint;
    struct sc_destination *destination;
    struct sc_known *known;

    /* The rest is the store's. */
    LIST_ENTRY(sc_store_cursor) link;
    struct sc_store *store;
    enum sc_cursor_kind kind;
    bool one_space;
    bool everything; /* shows what has expired or was dropped, too */
    struct sc_space *space;
    struct sc_table_place place; /* in the space's table */
    void *following;             /* the next entry of the line that was begun, if any */
};

void sc_store_cursor_init(struct sc_store_cursor *cursor, struct sc_store *store,
                          enum sc_cursor_kind kind, struct sc_space *space);
void sc_store_cursor_fini(struct sc_store_cursor *cursor);

/* The next entry, after at most about @steps places looked at. */
SC_MUST_CHECK enum sc_cursor_step sc_store_cursor_next(struct sc_store_cursor *cursor, int64_t now,
                                                       size_t steps);

#endif
