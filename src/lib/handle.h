/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_HANDLE_H
#define SC_LIB_HANDLE_H

/*
 * A handle of the library: one cache, one call at a time. This is where the
 * promises of scache.h are kept that no exchange can keep for itself: that
 * there is a deadline, that a server that failed is let alone for a while,
 * and that a child of fork(2) uses nothing that it has inherited.
 *
 * A call goes idle -> pending -> decided -> idle: its outcome stays until it
 * was collected. The clock is a member so that tests can have their own.
 */

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/call.h"
#include "lib/exchange.h"
#include "lib/local.h"
#include "lib/options.h"
#include "lib/origin.h"
#include "scache.h"

enum { SC_HANDLE_WHY_SIZE = 256 };

enum sc_handle_state { SC_HANDLE_IDLE, SC_HANDLE_PENDING, SC_HANDLE_DECIDED };

struct scache {
    struct sc_origin origin; /* the process that has used it last */
    int64_t (*clock)(void);  /* milliseconds since the start of the system */
    struct sc_options options;
    enum sc_handle_state state;
    int outcome;                  /* when decided */
    enum scache_reason reason;    /* of the last outcome */
    char why[SC_HANDLE_WHY_SIZE]; /* the same as a sentence */
    int64_t deadline;             /* of the call that is pending */
    int64_t retry_at;             /* the server is let alone until then */
    int backoff_ms;               /* the last delay; 0: none since an answer came */
    bool is_local;
    struct sc_local local;       /* if so */
    struct sc_exchange exchange; /* if not */
    struct sc_call call;
};

/*
 * Drops what was inherited if this process has not used the handle before.
 * To be called first by every call that has to do with the cache.
 */
void sc_handle_adopt(struct scache *cache);

/*
 * Starts a request. The descriptor (-1: none) is consumed in every outcome.
 * A null request is one that there was no memory for: a miss. Returns 0:
 * started, and perhaps decided already; negative: the caller's mistake.
 */
SC_MUST_CHECK int sc_handle_start(struct scache *cache, const struct sc_request *request, int fd);

/*
 * Goes on with what is pending, without blocking. Returns the outcome once,
 * SCACHE_PENDING before that and SCACHE_IDLE after it.
 */
SC_MUST_CHECK int sc_handle_dispatch(struct scache *cache);

/* Waits for the outcome, blocking, and collects it. */
SC_MUST_CHECK int sc_handle_wait(struct scache *cache);

/* The server's path; null: a cache in this process. */
const char *sc_handle_path(const struct scache *cache);

/*
 * What to wait for before the next dispatch: a descriptor and events as for
 * poll(2), and for how many milliseconds at most; -1: no descriptor, for ever.
 * Nothing changes by being asked, not even in a child of fork(2).
 */
struct pollfd sc_handle_pollfd(const struct scache *cache);
int sc_handle_wait_ms(const struct scache *cache);

/* Gives up what is under way. */
void sc_handle_cancel(struct scache *cache);

#endif
