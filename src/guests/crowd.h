/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_GUESTS_CROWD_H
#define SC_GUESTS_CROWD_H

/*
 * Who is connected to a service, and how much of it each user has.
 *
 * Every guest is in exactly one of two lines: idle, in the order in which
 * they became idle, or busy, in the order in which their requests began. Both
 * lines are kept for the crowd and for each user, so that whoever has waited
 * longest is known in either scope, and no guest needs a timer.
 *
 * When there is no place left, the user who has most gives one up, the
 * newcomer counted; among equals the newcomer's own user. So nobody who has
 * less than his share is ever asked.
 *
 * A guest is embedded in the service's own structure of it, a user belongs to
 * the crowd. Pure: time is an argument, and nobody is closed here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/heap.h"
#include "base/util.h"

struct sc_guest;
struct sc_crowd;

struct sc_unread;

TAILQ_HEAD(sc_guest_line, sc_guest);
LIST_HEAD(sc_unread_list, sc_unread);

/* One user of a service, while anything of his is there. */
struct sc_user {
    LIST_ENTRY(sc_user) link;
    TAILQ_ENTRY(sc_user) turn; /* the service's: among those who wait to be served */
    struct sc_crowd *crowd;
    int64_t id;
    void *space; /* the service's, null at first */
    struct sc_guest_line idle;
    struct sc_guest_line busy;
    struct sc_guest_line ready;    /* the service's: who of his waits to be served */
    struct sc_heap_key most;       /* its place among those who have most guests */
    struct sc_heap_key most_bytes; /* and most bytes */
    size_t guests;
    size_t bytes; /* of unfinished requests and answers */
    /* The service's: descriptors that his guests have not received yet, where they lie, and when
     * all of those were asked after. */
    size_t unread;
    struct sc_unread_list unread_of;
    int64_t recounted;
};

LIST_HEAD(sc_user_list, sc_user);

struct sc_guest {
    struct sc_user *user;
    TAILQ_ENTRY(sc_guest) all;       /* of the crowd, in the order in which they came */
    TAILQ_ENTRY(sc_guest) line;      /* idle or busy, of the crowd */
    TAILQ_ENTRY(sc_guest) user_line; /* idle or busy, of the user */
    TAILQ_ENTRY(sc_guest) ready;     /* the service's */
    int64_t since;                   /* when it became idle, or its request began */
    int64_t owner;                   /* the service's: whose process it is; -1: not known */
    int64_t process;                 /* and which; 0: not known */
    size_t bytes;
    bool busy;
    bool waits; /* the service's: to be served */
};

/*
 * Goes through all guests, or all users, whoever comes and goes meanwhile. It
 * is the caller's memory, known to the crowd between init and fini.
 */
struct sc_crowd_cursor {
    LIST_ENTRY(sc_crowd_cursor) link;
    struct sc_guest *next_guest;
    struct sc_user *next_user;
};

LIST_HEAD(sc_crowd_cursor_list, sc_crowd_cursor);

struct sc_crowd {
    struct sc_user_list users;
    struct sc_guest_line all;
    struct sc_crowd_cursor_list cursors;
    struct sc_guest_line idle;
    struct sc_guest_line busy;
    struct sc_heap most;
    struct sc_heap most_bytes;
    size_t user_count;
    size_t guests;
    size_t bytes;
};

void sc_crowd_init(struct sc_crowd *crowd);

/* Nobody may be there any more; users are forgotten whatever they have. */
void sc_crowd_fini(struct sc_crowd *crowd);

/* The user with that number; null: not here. */
struct sc_user *sc_crowd_find_user(const struct sc_crowd *crowd, int64_t id);

/* The same, brought into being if need be; null: no memory. */
SC_MUST_CHECK struct sc_user *sc_crowd_get_user(struct sc_crowd *crowd, int64_t id);

/* Forgets a user who has no guests; what hangs on him is the service's to end first. */
void sc_crowd_forget_user(struct sc_crowd *crowd, struct sc_user *user);

/* A guest comes, idle, and goes. */
void sc_guest_join(struct sc_guest *guest, struct sc_user *user, int64_t now);
void sc_guest_leave(struct sc_guest *guest);

/* It begins a request, or is done with one; it goes to the end of that line in either case. */
void sc_guest_set_busy(struct sc_guest *guest, bool busy, int64_t now);

/* How much memory its unfinished request and answer take now. */
void sc_guest_set_bytes(struct sc_guest *guest, size_t bytes);

/* Whoever has waited longest; null: nobody is in that line. */
static inline struct sc_guest *sc_crowd_longest_idle(const struct sc_crowd *crowd)
{
    return TAILQ_FIRST(&crowd->idle);
}

static inline struct sc_guest *sc_crowd_longest_busy(const struct sc_crowd *crowd)
{
    return TAILQ_FIRST(&crowd->busy);
}

/* Begins with those who have been here longest. */
void sc_crowd_cursor_init(struct sc_crowd_cursor *cursor, struct sc_crowd *crowd);
void sc_crowd_cursor_fini(struct sc_crowd_cursor *cursor);

/* The next guest or user; null: there is no other. */
struct sc_guest *sc_crowd_cursor_next_guest(struct sc_crowd_cursor *cursor);
struct sc_user *sc_crowd_cursor_next_user(struct sc_crowd_cursor *cursor);

/*
 * The user who has most guests, one more counted for the newcomer's user, who
 * may be null; he wins among equals. Null: nobody is there.
 */
struct sc_user *sc_crowd_user_with_most(const struct sc_crowd *crowd, struct sc_user *newcomer);

/* The same by bytes. */
struct sc_user *sc_crowd_user_with_most_bytes(const struct sc_crowd *crowd);

#endif
