/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SESSION_HALF_H
#define SC_SESSION_HALF_H

/*
 * One direction of a tunnel: what was taken from one side and not passed on
 * to the other yet, and what has to happen before it goes on. A half that is
 * open or draining always waits for something; one that is shut for nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "session/engine.h"

/* What is waited for, or is the case: the sockets of the two sides. */
enum {
    SC_TUNNEL_FAR_READ = 1 << 0,
    SC_TUNNEL_FAR_WRITE = 1 << 1,
    SC_TUNNEL_PLAIN_READ = 1 << 2,
    SC_TUNNEL_PLAIN_WRITE = 1 << 3,
    SC_TUNNEL_ALL = (1 << 4) - 1,
};

enum sc_half_state {
    SC_HALF_OPEN,
    SC_HALF_DRAINING, /* its source has ended */
    SC_HALF_SHUT,     /* nothing is passed on any more */
};

struct sc_half {
    struct sc_buf waiting; /* taken, and not passed on yet */
    enum sc_half_state state;
    int waits;        /* for any of these */
    bool again;       /* in the next turn, without waiting */
    bool later;       /* a little later */
    int64_t spoke_at; /* when its source did last; -1: never */
    uint64_t bytes;   /* taken so far */
};

void sc_half_init(struct sc_half *half);
void sc_half_fini(struct sc_half *half);

static inline bool sc_half_has_waiting(const struct sc_half *half)
{
    return sc_buf_length(&half->waiting) > 0;
}

/* Whether it is to be gone on with, these being ready. */
static inline bool sc_half_is_due(const struct sc_half *half, int ready)
{
    return half->again || half->later || (half->waits & ready) != 0;
}

/* It is gone on with: what it waited for is forgotten. */
void sc_half_begin(struct sc_half *half);

/* It is to be gone on with in any case, if there is anything to go on with. */
void sc_half_wake(struct sc_half *half);

/* Waits for what the engine says that it needs. */
void sc_half_wait_for_engine(struct sc_half *half, enum sc_engine_result result);

/* Keeps no memory either. */
void sc_half_drop_waiting(struct sc_half *half);
void sc_half_shut(struct sc_half *half);

#endif
