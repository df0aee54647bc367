/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SESSION_TUNNEL_H
#define SC_SESSION_TUNNEL_H

/*
 * One relayed session, as a pure state machine: TLS to the far end (an
 * engine), plaintext to a caller (a plain). It makes no system call and reads
 * no clock; it says what it waits for, and is called again when that is so.
 *
 * Upwards is from the caller to the far end. Each direction is open, then
 * draining (its source has ended, and what has come is still to be passed
 * on), then shut. What holds, whatever the two sides do:
 *
 *  - bytes arrive whole, in order, once, or the session ends with an error;
 *    of a direction whose source has said that it is complete all arrive;
 *  - of each direction at most what was taken in one go waits in memory, and
 *    nothing more is taken meanwhile; so who does not listen is not heard;
 *  - nothing is waited for that cannot happen, and what is ready is never
 *    left undone by somebody who is called for it again and again;
 *  - a session that has ended for one side only is told to the other side as
 *    it is: end of file for a word of farewell, and the other way round.
 *
 * Engine and plain are borrowed, and must stay until the tunnel is gone.
 */

#include "session/state.h"

enum {
    SC_TUNNEL_UP_MAX = 16 * 1024,   /* taken upwards in one turn: one record */
    SC_TUNNEL_DOWN_MAX = 64 * 1024, /* taken downwards in one turn */
};

/* @handshake: how long the caller gives it, milliseconds; 0: as long as the limits say. */
void sc_tunnel_init(struct sc_tunnel *tunnel, struct sc_engine *engine,
                    const struct sc_tunnel_limits *limits, int64_t handshake, int64_t now);
void sc_tunnel_fini(struct sc_tunnel *tunnel);

/*
 * Goes on, with what is ready of what it waits for; what is due by the clock
 * happens too. @scratch holds SC_TUNNEL_DOWN_MAX bytes and is free again
 * afterwards. Returns the phase.
 */
enum sc_tunnel_phase sc_tunnel_turn(struct sc_tunnel *tunnel, int ready, int64_t now,
                                    char *scratch);

/* After SC_TUNNEL_READY: the caller can be served from now on. */
void sc_tunnel_open(struct sc_tunnel *tunnel, struct sc_plain *plain, int64_t now);

/* What it waits for, as a set; none of it needs to come when it is gone. */
int sc_tunnel_wants(const struct sc_tunnel *tunnel);

/* When it is to be called though nothing is ready: at once (<= @now), or INT64_MAX: never. */
int64_t sc_tunnel_due(const struct sc_tunnel *tunnel, int64_t now);

/* It ends at its first quiet moment, or when the limit for that has passed. */
void sc_tunnel_drain(struct sc_tunnel *tunnel, int64_t now);

/*
 * It ends: the caller's end is let go at once, and the far end is told what
 * was taken already and that this was all. The next turn goes on with that.
 */
void sc_tunnel_dismiss(struct sc_tunnel *tunnel, enum sc_tunnel_cause cause, int64_t now);

/* Whether the plain is not needed any more: its socket is to be closed. */
bool sc_tunnel_has_let_go(const struct sc_tunnel *tunnel);

/* What the caller's stream of bytes ended with. */
enum sc_tls_end sc_tunnel_end(const struct sc_tunnel *tunnel);

/* Bytes that came from one side and were not passed on. */
size_t sc_tunnel_under_way(const struct sc_tunnel *tunnel);

#endif
