/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_OPENING_H
#define SC_RELAY_OPENING_H

/*
 * How a session comes about: from a request by way of a handshake to a
 * descriptor and a report, or to a refusal that says why. Nothing is ever
 * given but a session that is all that was wished for.
 */

#include "relay/state.h"

/* What a relay calls for its sessions. */
extern const struct sc_relayed_calls sc_opening_calls;

/* Answers a request for a session, now or later; the descriptor (-1: none came) is consumed. */
void sc_opening_request(struct sc_relay *relay, struct sc_asker *asker,
                        const struct sc_tls_request *request, int fd);

/* Who waited for it has left: it ends before it began. */
void sc_opening_abandon(struct sc_relay *relay, struct sc_relayed *relayed);

/* Those that wait to begin are refused, now that the server ends. */
void sc_opening_stop(struct sc_relay *relay);

/* Begins handshakes that wait, as many as are allowed. */
void sc_opening_go_on(struct sc_relay *relay);

#endif
