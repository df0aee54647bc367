/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CLOSE_BACKLOG_H
#define SC_CLOSE_BACKLOG_H

/*
 * Descriptors that wait to be closed, in a line for each user and each of the
 * two ways in which they are closed. What hangs of one user's is known by his
 * line, so that it holds up no other line.
 *
 * Pure: numbers only, nothing is closed here. Adding one never fails and
 * allocates nothing: lines run through one table by the descriptors' own
 * numbers. A number is in one line at most, so it cannot be closed twice.
 * There is room for so many users at once; any more share one line, which
 * only means that they wait for each other.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum sc_backlog_kind {
    SC_BACKLOG_SOCKETS,
    SC_BACKLOG_OTHERS, /* of which every close may hang, the last or not */
    SC_BACKLOG_KINDS
};

enum { SC_BACKLOG_USERS = 256 };

struct sc_backlog_line {
    int64_t user;
    enum sc_backlog_kind kind;
    int first; /* -1: empty */
    int last;
    size_t count;
    int64_t since; /* when the first of them came */
    unsigned busy; /* how many are at work on it that can hang */
};

struct sc_backlog_user {
    int64_t id;
    struct sc_backlog_line lines[SC_BACKLOG_KINDS];
};

struct sc_backlog {
    int *next; /* by descriptor: the one behind it, or one of two marks */
    size_t size;
    size_t counts[SC_BACKLOG_KINDS];
    size_t user_count; /* of those ever used; addresses of lines never change */
    size_t last_found; /* most ask for the same user again */
    struct sc_backlog_user users[SC_BACKLOG_USERS];
};

/* For descriptors below @size. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_backlog_init(struct sc_backlog *backlog, size_t size);
void sc_backlog_fini(struct sc_backlog *backlog);

/* Whether a descriptor of that number can wait here. */
static inline bool sc_backlog_fits(const struct sc_backlog *backlog, int fd)
{
    return fd >= 0 && (size_t)fd < backlog->size;
}

/* The line of a user. It stays his while it is not empty or somebody is busy with it. */
struct sc_backlog_line *sc_backlog_line(struct sc_backlog *backlog, enum sc_backlog_kind kind,
                                        int64_t user);

/* How many of a user's wait. */
size_t sc_backlog_count(const struct sc_backlog *backlog, int64_t user);

/* Adds one that fits and waits nowhere to the end of a line. */
void sc_backlog_add(struct sc_backlog *backlog, struct sc_backlog_line *line, int fd, int64_t now);

/* Takes at most so many from the front of a line. Returns how many. */
SC_MUST_CHECK size_t sc_backlog_take(struct sc_backlog *backlog, struct sc_backlog_line *line,
                                     int *fds, size_t most);

/*
 * Whether somebody who uses @own may use one more, when all use @used of
 * @total: half of what is left is his, but one at least. So whoever makes all
 * of his hang leaves something to everybody else.
 */
static inline bool sc_backlog_may_use(unsigned own, unsigned used, unsigned total)
{
    return used < total && (own == 0 || own < (total - used) / 2);
}

#endif
