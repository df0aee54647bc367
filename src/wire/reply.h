/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_WIRE_REPLY_H
#define SC_WIRE_REPLY_H

/*
 * What the server says, appended to a buffer. Each returns 0, or -ENOMEM with
 * the buffer as it was.
 */

#include "wire/list.h"
#include "wire/protocol.h"

SC_MUST_CHECK int sc_reply_greeting(struct sc_buf *out);
SC_MUST_CHECK int sc_reply_dummy(struct sc_buf *out);

/* In place of a greeting, to one who may not connect; nothing follows. */
SC_MUST_CHECK int sc_reply_refusal(struct sc_buf *out);

/* A connection that was found, or nothing: all views empty. */
struct sc_found {
    struct sc_bytes endpoint;
    struct sc_bytes destination_property;
    struct sc_bytes endpoint_property;
};

/* The reply to a request of this kind, with the attributes that it needs. */
SC_MUST_CHECK int sc_reply_status(struct sc_buf *out, enum sc_request_kind kind,
                                  enum sc_status status, struct sc_found found);

#endif
