/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_CHRONICLE_H
#define SC_SERVER_CHRONICLE_H

/*
 * What happens here, told to the history in its own words: what the store
 * saves and loses, what clients look for, and what comes of that. Acquisitions
 * and the reasons of misses are counted here, since the history knows them.
 */

#include "server/common.h"
#include "wire/request.h"

void sc_chronicle_begin(struct sc_common *common, const unsigned char key[SC_STORE_KEY_LENGTH]);

/* Its settings have changed. */
void sc_chronicle_configure(struct sc_common *common);

/* --- the store's entries -------------------------------------------------- */

void sc_chronicle_saved(struct sc_common *common, const struct sc_connection *connection);
void sc_chronicle_ended(struct sc_common *common, const struct sc_connection *connection,
                        enum sc_end end);
void sc_chronicle_bound(struct sc_common *common, const struct sc_binding *binding, bool renewed);
void sc_chronicle_unbound(struct sc_common *common, const struct sc_binding *binding,
                          enum sc_end end);

/* --- a client's look-ups -------------------------------------------------- */

/* It asks for something: what it was after may be over by that, or begin. */
void sc_chronicle_asked(struct sc_common *common, struct sc_acquisition *acquisition,
                        const struct sc_request *request);

/* What it asked for was found, or not. */
void sc_chronicle_found(struct sc_common *common, struct sc_acquisition *acquisition,
                        const struct sc_request *request, const struct sc_connection *connection);
void sc_chronicle_missed(struct sc_common *common, struct sc_acquisition *acquisition,
                         struct sc_space *space, const struct sc_request *request);

/* It got what was found, which counts as @hit; or it has left. */
void sc_chronicle_delivered(struct sc_common *common, struct sc_acquisition *acquisition,
                            enum sc_counter hit);
void sc_chronicle_left(struct sc_common *common, struct sc_acquisition *acquisition);

#endif
