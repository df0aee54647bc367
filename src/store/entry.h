/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_ENTRY_H
#define SC_STORE_ENTRY_H

/*
 * How the store is laid out; private to this room. Each kind of thing has a
 * file of its own for what is done with it.
 *
 * Expiry is a tournament of heaps: an endpoint's heap has all its
 * connections, its space's heap every endpoint that has one, the store's heap
 * every space that has such an endpoint. What stands in a higher heap has the
 * key of the first of its own, a copy. So the connection that expires first
 * is known for an endpoint, a space and the whole store, at the price of one
 * heap, and a limit of any scope finds whom it asks to make room. Bindings
 * have such a tournament too, of destinations and spaces.
 *
 * An endpoint exists while it has a connection, a binding, or a connection
 * that is held; a destination while it has a binding.
 *
 * A held connection can always be put back: while it is out, its place in the
 * endpoint's heap stays reserved, and an endpoint has a place in its space's
 * heap, and a space in the store's, for as long as they exist.
 *
 * What was dropped all at once is told by its serial: it is below a floor. In
 * each line all that is so stands before all that is not, since what is saved
 * goes to the back, and what was held before does not come back.
 *
 * Among a million entries time goes by waits for memory, one after the other.
 * So a table leads to an entry without touching another, and the entry has at
 * its beginning all that leads on: to its line and to its place in a heap.
 */

#include <assert.h>
#include <sys/queue.h>

#include "base/heap.h"
#include "base/pool.h"
#include "base/table.h"
#include "store/interface.h"
#include "store/share.h"

/* What is remembered of a socket beside a connection; follows the property, aligned. */
struct sc_story {
    uint64_t cookie;
    uint32_t known_before; /* ms, when it was saved */
    uint32_t uses;
};

/* Marks of a connection. */
enum {
    SC_MARK_STORY = 1,     /* it has one */
    SC_MARK_AGED = 2,      /* its lifetime ends before its time to live */
    SC_MARK_FROM_BACK = 4, /* held: taken from the back of its line */
    SC_MARK_DROPPED = 8,   /* held: not to come back */
};

struct sc_connection {
    struct sc_heap_key key;          /* its serial is the id */
    uint32_t length;                 /* of the property */
    struct sc_endpoint *endpoint;    /* null when it has left for good, unless it lies in there */
    TAILQ_ENTRY(sc_connection) link; /* of its endpoint, or of what is held, or reaped */
    int64_t saved;                   /* when; of what is reaped: whose it was */
    int fd;
    uint8_t nature;
    uint8_t marks;
    char property[];
};

struct sc_binding {
    struct sc_heap_key key; /* its serial is the id */
    uint32_t length;        /* of the property */
    struct sc_endpoint *endpoint;
    TAILQ_ENTRY(sc_binding) link;
    int64_t saved;
    struct sc_destination *destination;
    char property[];
};

/* A connection that is out. */
struct sc_known {
    TAILQ_ENTRY(sc_known) link; /* of all, by when they went out */
    TAILQ_ENTRY(sc_known) link_of_space;
    struct sc_space *space; /* to whom it was delivered */
    int64_t out;
    int64_t since;
    uint32_t uses;
    struct sc_label label; /* last: the bytes of the cookie follow */
};

TAILQ_HEAD(sc_connection_line, sc_connection);
TAILQ_HEAD(sc_binding_line, sc_binding);
TAILQ_HEAD(sc_known_line, sc_known);
TAILQ_HEAD(sc_space_line, sc_space);
LIST_HEAD(sc_cursor_list, sc_store_cursor);

/*
 * An endpoint that a connection brings into being has a room for it, behind
 * the label: the two are mostly needed together. The room serves again for
 * any that fits. An endpoint that nothing uses any more is gone from the
 * table; its memory stays until the connection in its room has been reaped.
 */
enum sc_room { SC_ROOM_NONE, SC_ROOM_FREE, SC_ROOM_TAKEN };

struct sc_endpoint {
    struct sc_heap_key key; /* its first connection's */
    uint16_t room_size;
    uint8_t room;
    bool gone;
    struct sc_connection_line line;
    struct sc_heap connections;
    struct sc_space *space;
    uint32_t held;
    uint32_t bindings;
    uint32_t place;
    struct sc_label label; /* last: its bytes follow */
};

struct sc_destination {
    struct sc_heap_key key; /* its first binding's */
    uint32_t place;
    struct sc_binding_line line;
    struct sc_heap bindings;
    struct sc_space *space;
    bool wanted;           /* a binding is on its way to it */
    struct sc_label label; /* last: its bytes follow */
};

static_assert(sizeof(struct sc_connection) - offsetof(struct sc_connection, property) < 4 &&
                  offsetof(struct sc_endpoint, label) % 4 == 0,
              "no gaps worth filling");

/* One level of the tournament: who has a connection, or a binding. */
struct sc_rank {
    struct sc_heap_key key; /* its first one's, while it has one */
    struct sc_heap live;
};

struct sc_space {
    TAILQ_ENTRY(sc_space) link;
    struct sc_store *store;
    int64_t user;
    uint64_t floor; /* what has a lower serial was dropped */
    struct sc_table endpoints;
    struct sc_table destinations;
    struct sc_rank endpoint_rank;    /* of endpoints that have a connection */
    struct sc_rank destination_rank; /* of all destinations */
    struct sc_known_line known_line;
    struct sc_store_sizes sizes;
    struct sc_member members[SC_SHARES];
};

struct sc_sweep {
    bool due;   /* there is work */
    bool again; /* more came up behind where it is */
    uint8_t phase;
    struct sc_store_cursor cursor;
};

struct sc_store {
    unsigned char key[SC_STORE_KEY_LENGTH];
    struct sc_store_limits limits;
    size_t descriptors;   /* for so many connections, or 0 */
    size_t most;          /* connections by either of the two, or 0 */
    enum sc_end most_end; /* by which */
    struct sc_store_observer observer;
    struct sc_store_sizes sizes;
    size_t held_text;
    int64_t now;         /* as it was said last */
    int64_t quiet_until; /* nothing expires before */
    uint64_t serial;
    uint64_t floor;
    struct sc_space_line spaces; /* by user */
    struct sc_heap live_spaces;  /* that have a connection */
    struct sc_heap bound_spaces; /* that have a binding */
    struct sc_share shares[SC_SHARES];
    struct sc_connection_line held;
    struct sc_connection_line reaped;
    struct sc_table known;
    struct sc_known_line known_line;
    struct sc_endpoint *bound; /* last, if it still exists */
    struct sc_cursor_list cursors;
    struct sc_sweep sweep;
    struct sc_pool pool; /* of endpoints, connections, destinations, bindings and cookies */
};

static inline struct sc_connection *sc_connection_of(struct sc_heap_key *key)
{
    return key ? SC_CONTAINER_OF(key, struct sc_connection, key) : NULL;
}

static inline struct sc_binding *sc_binding_of(struct sc_heap_key *key)
{
    return key ? SC_CONTAINER_OF(key, struct sc_binding, key) : NULL;
}

/* Below this serial everything of a space was dropped. */
static inline uint64_t sc_space_floor(const struct sc_space *space)
{
    uint64_t floor = space->store->floor;

    return space->floor > floor ? space->floor : floor;
}

/* The sum, or the end of time; the summand is not negative. */
static inline int64_t sc_time_add(int64_t time, int64_t summand)
{
    return time > 0 && summand > INT64_MAX - time ? INT64_MAX : time + summand;
}

/* Something will expire. */
static inline void sc_store_expect(struct sc_store *store, int64_t expires)
{
    if (expires < store->quiet_until)
        store->quiet_until = expires;
}

/* Takes notice of the time. */
static inline void sc_store_see_time(struct sc_store *store, int64_t now)
{
    if (now > store->now)
        store->now = now;
}

#endif
