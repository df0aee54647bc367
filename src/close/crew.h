/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CLOSE_CREW_H
#define SC_CLOSE_CREW_H

/*
 * The processes that drop sockets, and the nursery that they come from. There
 * is one as a rule. Another is asked for when all have been at their work for
 * a while, and one that hangs is left alone: its batches are of one user's,
 * and he may make only half of what is left hang.
 *
 * The crew owns its processes; lines and the log are borrowed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/util.h"
#include "close/backlog.h"
#include "close/dropper.h"
#include "close/nursery.h"

enum { SC_CREW_MOST = 16 };

struct sc_crew {
    struct sc_log *log;
    struct sc_nursery nursery;
    struct sc_dropper droppers[SC_CREW_MOST];
    size_t count;
    size_t batch;        /* sockets that are sent together at most */
    int64_t stuck_since; /* when sending was first refused; 0: it was not */
    int64_t refused_at;  /* when a process could not be had; 0: it could */
    struct sc_log_limit gone;
};

/*
 * Starts the nursery and the first process, for batches of so many. That it
 * could not be had is logged: then sc_crew_can_hope() says no.
 */
void sc_crew_init(struct sc_crew *crew, size_t batch, struct sc_log *log,
                  const struct sc_nursery_confine *confine);

/* All drop what they were given, and end. */
void sc_crew_fini(struct sc_crew *crew);

/* Hears what was done, replaces what has gone, and lets be what hangs. */
void sc_crew_look(struct sc_crew *crew, int64_t now);

/*
 * Gives as much of a line of sockets to processes as they take. What is left
 * waits for them, or, if this returns false, for nothing that could come.
 */
SC_MUST_CHECK bool sc_crew_send(struct sc_crew *crew, struct sc_backlog *backlog,
                                struct sc_backlog_line *line, int64_t now);

/* The same at the end, when it is better to wait behind what hangs than not to be sent. */
void sc_crew_send_anyway(struct sc_crew *crew, struct sc_backlog *backlog,
                         struct sc_backlog_line *line, int64_t now);

/* How many processes are at work. */
unsigned sc_crew_busy(const struct sc_crew *crew);

/* The line of a batch that hangs; null: none does. */
const struct sc_backlog_line *sc_crew_hangs(const struct sc_crew *crew);

/* When it is to be looked at again; INT64_MAX: it need not be. */
int64_t sc_crew_next_look(const struct sc_crew *crew, int64_t now);

#endif
