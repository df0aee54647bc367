/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_EXCHANGE_H
#define SC_LIB_EXCHANGE_H

/*
 * A call carried out with a server, as a state machine: connect, read the
 * greeting, find out which requests the server knows, ask, and read what it
 * answers, with a descriptor at the right place. It does what can be done
 * without blocking, and says what it waits for.
 *
 * It knows neither deadlines nor delays; whoever drives it breaks it off. On
 * any doubt about what was received the link is closed, since on one that is
 * out of step each reply would belong to another request.
 */

#include <stdbool.h>

#include "lib/call.h"
#include "lib/classic.h"
#include "lib/link.h"
#include "lib/options.h"
#include "lib/place.h"
#include "scache.h"

enum sc_phase {
    SC_PHASE_IDLE,
    SC_PHASE_CONNECT,
    SC_PHASE_GREETING,   /* the server speaks first */
    SC_PHASE_READY,      /* nothing was asked yet */
    SC_PHASE_PROBE,      /* the answer tells whether it knows put and take */
    SC_PHASE_GO_AHEAD,   /* save_endp: the word to go on with the descriptor is due */
    SC_PHASE_REPLY,      /* the final reply is due */
    SC_PHASE_DESCRIPTOR, /* found: the byte that carries the descriptor is due */
    SC_PHASE_FAREWELL,   /* found: the acknowledgement waits to be sent */
};

enum sc_dialect { SC_DIALECT_UNKNOWN, SC_DIALECT_MODERN, SC_DIALECT_CLASSIC };

/* What must happen before the next step. */
enum sc_wait { SC_WAIT_NOTHING, SC_WAIT_READ, SC_WAIT_WRITE, SC_WAIT_TIME };

/* How often to try what no event tells of. */
enum { SC_EXCHANGE_RETRY_MS = 2 };

enum sc_progress {
    SC_PROGRESS_DONE,   /* found, or saved */
    SC_PROGRESS_MISSED, /* not found, or dropped */
    SC_PROGRESS_WAIT,   /* see `wait` */
    SC_PROGRESS_ON,     /* internal: there is more to do at once */
};

struct sc_exchange {
    struct sc_place place;
    bool is_classic;         /* for good: it was found out */
    bool has_greeted;        /* on this link */
    enum sc_dialect dialect; /* on this link */
    enum sc_phase phase;
    enum sc_wait wait;
    struct sc_link link;
    struct sc_call *call; /* borrowed, while a call is carried out, as is the next */
    const struct sc_options *options;
    int64_t began; /* the time at which it was begun */
    struct sc_classic sequence;
    struct sc_request current; /* the request that was sent last */
    bool is_saved;             /* the connection is; what follows cannot change that */
    enum scache_reason reason; /* why it was missed, or the server was lost */
};

/* @path: as scache_open() has it. Returns 0 or -errno, and then there is nothing to free. */
SC_MUST_CHECK int sc_exchange_init(struct sc_exchange *exchange, const char *path);
void sc_exchange_fini(struct sc_exchange *exchange);

/* Begins to carry out a call, now. */
void sc_exchange_begin(struct sc_exchange *exchange, const struct sc_options *options, int64_t now,
                       struct sc_call *call);

/*
 * Goes on. Returns an sc_progress, or -errno: the server was lost. Unless it
 * is SC_PROGRESS_WAIT the call must be ended.
 */
SC_MUST_CHECK int sc_exchange_advance(struct sc_exchange *exchange);

/* Ends a call that has its outcome, or whose link was dropped. */
void sc_exchange_end(struct sc_exchange *exchange);

/* Drops the link, wherever it is. */
void sc_exchange_drop(struct sc_exchange *exchange);

#endif
