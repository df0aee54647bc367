/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_WIRE_RESPONSE_H
#define SC_WIRE_RESPONSE_H

/*
 * What a client is answered.
 *
 * A reply is taken only if it is exactly what the request calls for, down to
 * the last attribute. A reply that is one attribute too long is most likely
 * the answer to another request, and what comes with that must not be used.
 * All views are of the bytes that were parsed, and followed by a NUL there.
 */

#include <stdbool.h>

#include "wire/reply.h"
#include "wire/request.h"

struct sc_response {
    enum sc_status status;
    bool is_bare; /* the status alone, where attributes could follow */
    struct sc_found found;
};

/*
 * Reads the final reply to a request of this kind from a complete list. With
 * a status that is not DONE all that is found is empty, and may be left out.
 * Returns whether it is such a reply.
 */
SC_MUST_CHECK bool sc_response_parse(struct sc_bytes list, enum sc_request_kind kind,
                                     struct sc_response *response);

/* Whether it is the word to go on with the descriptor. */
bool sc_response_is_dummy(struct sc_bytes list);

/* Whether it says, in place of a greeting, that this client may not connect. */
bool sc_response_is_refusal(struct sc_bytes list);

/* Whether it is this protocol's greeting; more may follow in it. */
bool sc_response_is_greeting(struct sc_bytes list);

#endif
