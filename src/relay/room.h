/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_ROOM_H
#define SC_RELAY_ROOM_H

/*
 * Room for one more: who goes when a limit is reached. Of sessions that is the
 * one that has been quiet longest; one that is in use stays, and if all are
 * whoever comes is refused.
 */

#include "relay/state.h"

/* Whether there is room for a session that this one asks for; if need be somebody goes. */
SC_MUST_CHECK bool sc_room_for_session(struct sc_relay *relay, const struct sc_asker *asker);

/* Whether there is room for one more who asks. */
SC_MUST_CHECK bool sc_room_for_asker(struct sc_relay *relay);

/* One goes that can. Return whether there was any. */
bool sc_room_yield_session(struct sc_relay *relay);
bool sc_room_yield_asker(struct sc_relay *relay);

#endif
