/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SESSION_STATE_H
#define SC_SESSION_STATE_H

/*
 * What is known of a tunnel at any moment. Only the tunnel changes it; others
 * may look.
 */

#include <stdbool.h>
#include <stdint.h>

#include "session/engine.h"
#include "session/half.h"
#include "session/plain.h"

enum sc_tunnel_phase {
    SC_TUNNEL_HANDSHAKE,
    SC_TUNNEL_READY, /* the handshake is complete; the plain is to be opened */
    SC_TUNNEL_OPEN,
    SC_TUNNEL_LINGER, /* all is said; what the far end still sends is thrown away */
    SC_TUNNEL_GONE,
};

/* Why it ended, as far as it has. */
enum sc_tunnel_cause {
    SC_TUNNEL_CAUSE_NONE,
    SC_TUNNEL_CAUSE_CALLER,    /* the caller closed its end */
    SC_TUNNEL_CAUSE_FAR,       /* the far end said farewell */
    SC_TUNNEL_CAUSE_TRUNCATED, /* the far end's bytes ended without that */
    SC_TUNNEL_CAUSE_FAILED,    /* the engine failed, and can explain */
    SC_TUNNEL_CAUSE_MEMORY,
    SC_TUNNEL_CAUSE_HANDSHAKE_TIME,
    SC_TUNNEL_CAUSE_IDLE,
    SC_TUNNEL_CAUSE_LIFETIME,
    SC_TUNNEL_CAUSE_CLOSE_TIME, /* somebody did not take the rest in time */
    SC_TUNNEL_CAUSE_STOPPED,    /* the server ends */
    SC_TUNNEL_CAUSE_LIMIT,      /* it made room for another */
    SC_TUNNEL_CAUSES
};

/* Milliseconds. All but the life count from the last progress. */
struct sc_tunnel_limits {
    int64_t handshake_time_limit;
    int64_t idle_limit;
    int64_t lifetime_limit; /* from the handshake: then it ends at its first quiet moment */
    int64_t close_time_limit;
    int64_t drain_time; /* so long is a quiet moment waited for */
};

struct sc_tunnel {
    struct sc_engine *engine;
    struct sc_plain *plain;                /* null until opened, and when it is over */
    const struct sc_tunnel_limits *limits; /* borrowed, and may change */
    enum sc_tunnel_phase phase;
    struct sc_half up;
    struct sc_half down;
    bool is_clean;     /* the far end has said farewell */
    bool is_lost;      /* nothing more can be said to the far end */
    bool drops;        /* what comes down has no reader */
    bool far_was_last; /* of the two, the far end spoke last */
    bool rests;        /* the engine has given its memory back */
    enum sc_tunnel_cause cause;
    int64_t handshake_limit; /* this session's own */
    int64_t opened_at;       /* when the handshake was complete */
    int64_t progress_at;
    int64_t drain_from; /* a quiet moment is waited for since then; INT64_MAX: not at all */
    enum sc_tunnel_cause drain_cause;
};

#endif
