/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SESSION_DEADLINE_H
#define SC_SESSION_DEADLINE_H

/*
 * What becomes of a tunnel by the clock alone: which of its limits has passed,
 * and when the next one will. Nothing is changed here; the tunnel acts.
 */

#include "session/state.h"

enum sc_deadline {
    SC_DEADLINE_NONE,
    SC_DEADLINE_HANDSHAKE,
    SC_DEADLINE_LINGER, /* the far end has had its time to end */
    SC_DEADLINE_CLOSE,  /* somebody has not taken what was left */
    SC_DEADLINE_DRAIN,  /* a quiet moment is waited for */
    SC_DEADLINE_LIFE,   /* from now on one is to be waited for */
    SC_DEADLINE_IDLE,
    SC_DEADLINE_REST, /* nothing happens: memory can be given back */
};

enum sc_deadline sc_deadline_passed(const struct sc_tunnel *tunnel, int64_t now);

/* When one passes next; INT64_MAX: none will. */
int64_t sc_deadline_next(const struct sc_tunnel *tunnel);

/*
 * Whether nothing is under way, as far as can be known: the far end spoke
 * last, and that was a moment ago; or nobody has spoken at all.
 */
bool sc_deadline_is_quiet(const struct sc_tunnel *tunnel, int64_t now);

#endif
