/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_COMMON_H
#define SC_SERVER_COMMON_H

/*
 * What all nouns of the cache server work with: the loop, the store, the
 * counters, who is connected. Each of these keeps its own state; here they
 * only stand together, with the few verbs that each noun would else write
 * anew. The server owns it.
 */

#include "base/log.h"
#include "close/closer.h"
#include "guests/crowd.h"
#include "history/history.h"
#include "loop/loop.h"
#include "server/budget.h"
#include "server/queue.h"
#include "server/settings.h"
#include "stats/interval.h"
#include "stats/stats.h"
#include "store/store.h"

struct sc_client;

TAILQ_HEAD(sc_client_list, sc_client);
TAILQ_HEAD(sc_linger_list, sc_unread);

/* Warnings that strangers can provoke: each has a limit of its own. */
enum sc_notice {
    SC_NOTICE_MALFORMED,
    SC_NOTICE_TOO_LONG,
    SC_NOTICE_VIOLATION,
    SC_NOTICE_SAVE_REFUSED,
    SC_NOTICE_NO_MEMORY_TO_ANSWER,
    SC_NOTICE_NO_MEMORY_FOR_CLIENT,
    SC_NOTICE_NO_MEMORY_FOR_INPUT,
    SC_NOTICE_CANNOT_WATCH_CLIENT,
    SC_NOTICE_CANNOT_WATCH_LISTENER,
    SC_NOTICE_CANNOT_ACCEPT,
    SC_NOTICE_CROWDED,
    SC_NOTICE_UNREAD,
    SC_NOTICES
};

struct sc_common {
    struct sc_loop *loop; /* borrowed, like log and closer */
    struct sc_log *log;
    struct sc_closer *closer;
    struct sc_store *store; /* owned by the server */
    struct sc_server_settings settings;
    struct sc_budget budget;
    struct sc_stats stats;
    struct sc_history history;
    struct sc_interval interval;
    struct sc_crowd crowd;
    struct sc_queue queue;
    struct sc_client_list retrying; /* who wait for what no event tells */
    struct sc_client_list silent;   /* who were not greeted, and have said nothing yet */
    unsigned spoke_first;           /* how many of those have spoken */
    size_t unread; /* descriptors that were sent and, as far as is known, not received */
    struct sc_linger_list lingers; /* sockets of clients who left some of those unread */
    size_t lingering;
    struct sc_log_limit notices[SC_NOTICES];
    /* Told of the first request before it is answered, and then null. */
    void (*first_request)(void *context);
    void *first_request_context;
};

/* Logs a warning of this kind, if none was logged a short while ago. */
void sc_common_warn(struct sc_common *common, enum sc_notice notice, const char *format, ...)
    SC_PRINTF(3, 4);

static inline bool sc_common_is_verbose(const struct sc_common *common)
{
    return common->log->verbosity > 0;
}

/*
 * Closes what is not ours, off the loop: its nature as io/peer tells it, and
 * whose it was.
 */
void sc_common_close(struct sc_common *common, int fd, uint8_t nature, int64_t user);

/* Closes what nobody has asked the nature of. */
void sc_common_close_unknown(struct sc_common *common, int fd, int64_t user);

/* Closes what the store has no use for any more. */
void sc_common_reap(struct sc_common *common);

/* Lets the largest sizes of the interval know the present ones. */
void sc_common_note_sizes(struct sc_common *common);

/*
 * Gives the store the limits that the descriptors allow at present, if they
 * have changed. False: nothing may be saved at all.
 */
bool sc_common_fit_store(struct sc_common *common);

#endif
