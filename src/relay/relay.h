/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_RELAY_H
#define SC_RELAY_RELAY_H

/*
 * The sessions of one user: those who ask for them, and what they are given.
 * All that is foreign here comes from that user, so whatever it does (holding
 * the lock of a socket that it has given away, say) keeps nobody waiting but
 * the user itself; that there is a relay of its own for each user, in a
 * process of its own, is for others to see to.
 *
 * A session is handed to the one who asked for it, once, or to nobody.
 */

#include "relay/state.h"

/* Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_relay_init(struct sc_relay *relay, const struct sc_relay_options *options);

/* Whatever there is ends at once. */
void sc_relay_fini(struct sc_relay *relay);

void sc_relay_configure(struct sc_relay *relay, const struct sc_relay_settings *settings);
void sc_relay_allow(struct sc_relay *relay, const struct sc_relay_allowance *allowance);

/* Takes over the socket of somebody of this user's who wants to ask. */
void sc_relay_welcome(struct sc_relay *relay, int fd);

/* No new sessions; those that there are end when they are quiet. */
void sc_relay_stop(struct sc_relay *relay);

/* Whether it has stopped, and nobody waits for anything. */
bool sc_relay_is_over(const struct sc_relay *relay);

/* Whether there is nothing left that anybody could miss; what ended a while ago counts too. */
bool sc_relay_is_idle(const struct sc_relay *relay);

/* Appends a record for each session that has that id, or for all if it is empty. 0 or -ENOMEM. */
SC_MUST_CHECK int sc_relay_list(struct sc_relay *relay, struct sc_bytes id, struct sc_buf *out);

#endif
