/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_SERVANT_H
#define SC_RELAY_SERVANT_H

/*
 * A worker as it is seen from outside: the link to it, what it says of itself,
 * and whether it still answers. It may have been taken over by the user whom
 * it serves: what it says counts for that user only, and what it does not do
 * is not waited for.
 *
 * One that has not answered for a while is let go, and killed if that can be
 * done; who comes next of that user gets another one.
 */

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "loop/timer.h"
#include "loop/watch.h"
#include "relay/link.h"

struct sc_servant;

struct sc_servant_calls {
    void (*counted)(struct sc_servant *servant);            /* its counts have changed */
    void (*wants_list)(struct sc_servant *servant, int fd); /* of all others; the fd is theirs */
    void (*over)(struct sc_servant *servant); /* it has gone, or is let go: to be freed */
};

struct sc_servant {
    LIST_ENTRY(sc_servant) link;
    const struct sc_servant_calls *calls; /* borrowed, as are those below */
    void *owner;
    struct sc_loop *loop;
    struct sc_log *log;
    int64_t user;
    pid_t process; /* 0: not known yet */
    int fd;
    struct sc_watch watch;
    struct sc_timer timer;
    struct sc_relay_counts counts;
    struct sc_relay_allowance allowance; /* that it was told last */
    struct sc_tally tally;
    uint64_t callers; /* that were sent to it */
    uint64_t arrived; /* that have come there, as it says */
    /* So many it was asked to let go, and has not heard of yet, as far as is known. */
    uint64_t asked_sessions, heeded_sessions, asked_askers, heeded_askers;
    int64_t heard_at;
    size_t records; /* of the log, since the timer rang */
    bool hangs;
};

LIST_HEAD(sc_servant_list, sc_servant);

struct sc_servant_options {
    const struct sc_servant_calls *calls;
    void *owner;
    struct sc_loop *loop;
    struct sc_log *log;
    struct sc_link_settings settings;
    int cradle;
};

/* Has one born. Returns it, or null and -errno. */
SC_MUST_CHECK struct sc_servant *sc_servant_new(const struct sc_servant_options *options,
                                                int *error);
void sc_servant_free(struct sc_servant *servant);

/* Sends somebody to it who was let in; the socket stays the caller's. 0 or -errno. */
SC_MUST_CHECK int sc_servant_send(struct sc_servant *servant, int fd);

/* Says one word without more. Returns whether it could be said. */
bool sc_servant_tell(struct sc_servant *servant, enum sc_link_word word);

/* How many it has, without those that it was asked to let go and that are still counted. */
size_t sc_servant_sessions(const struct sc_servant *servant);
size_t sc_servant_askers(const struct sc_servant *servant);

/* Asks it to let one go. */
void sc_servant_yield_session(struct sc_servant *servant);
void sc_servant_yield_asker(struct sc_servant *servant);
void sc_servant_list(struct sc_servant *servant, int fd);
void sc_servant_configure(struct sc_servant *servant, const struct sc_link_settings *settings);
void sc_servant_allow(struct sc_servant *servant, const struct sc_relay_allowance *allowance);

#endif
