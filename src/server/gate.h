/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_GATE_H
#define SC_SERVER_GATE_H

/*
 * Who comes in. Clients are accepted on any number of listening sockets; when
 * all places are taken somebody has to leave for each who comes: of the user
 * who has most clients, the newcomer counted, the one who has been idle
 * longest, or else has been longest at its request. Where all are of one
 * user (under master) each has a moment to get on before that.
 *
 * Listening sockets are the host's.
 */

#include "loop/timer.h"
#include "server/client.h"

struct sc_gate_listener;

SLIST_HEAD(sc_gate_listeners, sc_gate_listener);

struct sc_gate {
    struct sc_common *common;
    struct sc_timer resume;
    struct sc_gate_listeners listeners;
    /* Which space a client's labels live in; negative refuses it. Null: all share one. */
    int64_t (*admit)(void *context, const struct sc_caller *caller, int client);
    void *admit_context;
    void (*welcome)(void *context, struct sc_client *client); /* it has come */
    void *welcome_context;
    int64_t paused_since;
    bool accepting;
    bool full;   /* whoever leaves makes room for who waits */
    bool closed; /* for good */
};

/* Returns 0 or -ENOMEM; a gate that is all zero may be ended. */
SC_MUST_CHECK int sc_gate_init(struct sc_gate *gate, struct sc_common *common);
void sc_gate_fini(struct sc_gate *gate);

/* Accepts clients on a listening, non-blocking socket. 0 or -ENOMEM. */
SC_MUST_CHECK int sc_gate_listen(struct sc_gate *gate, int listener);

/* Lets one in who did not come by a listener. The descriptors stay the caller's. 0 or -ENOMEM. */
SC_MUST_CHECK int sc_gate_let_in(struct sc_gate *gate, int input, int output);

/* Nobody is accepted any more. */
void sc_gate_close(struct sc_gate *gate);

/* A client has left, or become idle. */
void sc_gate_note_room(struct sc_gate *gate);

/* Forgets users who have no client and nothing cached; or all, at the end. */
void sc_gate_sweep_users(struct sc_gate *gate, bool all);

#endif
