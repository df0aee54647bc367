/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_WIRE_TLS_REPLY_H
#define SC_WIRE_TLS_REPLY_H

/*
 * What scache-tls says, in both directions. Writing appends to a buffer and
 * returns 0, or -ENOMEM with the buffer as it was. Reading takes a reply only
 * if it is what its request calls for; attributes behind those are ignored,
 * since a later server may say more.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wire/list.h"
#include "wire/tls.h"

SC_MUST_CHECK int sc_tls_reply_greeting(struct sc_buf *out);

/* To tls_client; with status DONE the plaintext descriptor rides on its first byte. */
struct sc_tls_answer {
    enum sc_tls_status status;
    struct sc_bytes reason;
    struct sc_bytes text;    /* printable, at most SC_TLS_TEXT_MAX bytes */
    struct sc_bytes session; /* this and what follows: empty unless DONE */
    struct sc_bytes report;
    struct sc_bytes policy;
};

SC_MUST_CHECK int sc_tls_reply_answer(struct sc_buf *out, const struct sc_tls_answer *answer);

/* To a request that is unknown or malformed, and the last list of tls_list. */
SC_MUST_CHECK int sc_tls_reply_status(struct sc_buf *out, enum sc_tls_reason reason);
SC_MUST_CHECK int sc_tls_reply_ping(struct sc_buf *out, struct sc_bytes policy);
SC_MUST_CHECK int sc_tls_reply_end(struct sc_buf *out, enum sc_tls_end end, struct sc_bytes text);

/* One of tls_list. Times are milliseconds ago; negative: never. */
struct sc_tls_record {
    struct sc_bytes session;
    uint64_t user;
    struct sc_bytes peer;
    struct sc_bytes name;
    struct sc_bytes state;
    int64_t age_ms;
    int64_t caller_ms;  /* since the caller spoke last */
    int64_t far_ms;     /* since the far end did */
    bool far_was_last;  /* the far end was the last of the two to speak */
    uint64_t under_way; /* bytes that have come from one side and not reached the other */
    uint64_t sent;
    uint64_t received;
};

SC_MUST_CHECK int sc_tls_reply_record(struct sc_buf *out, const struct sc_tls_record *record);

/* Each returns whether the list is such a reply. */
SC_MUST_CHECK bool sc_tls_response_is_greeting(struct sc_bytes list);
SC_MUST_CHECK bool sc_tls_response_answer(struct sc_bytes list, struct sc_tls_answer *answer);
SC_MUST_CHECK bool sc_tls_response_ping(struct sc_bytes list, enum sc_tls_status *status,
                                        struct sc_bytes *policy);
SC_MUST_CHECK bool sc_tls_response_end(struct sc_bytes list, enum sc_tls_status *status,
                                       enum sc_tls_end *end, struct sc_bytes *text);

/* Of a reply to tls_list: a record, or else the status that ends it. */
SC_MUST_CHECK bool sc_tls_response_record(struct sc_bytes list, struct sc_tls_record *record);
SC_MUST_CHECK bool sc_tls_response_status(struct sc_bytes list, enum sc_tls_status *status,
                                          struct sc_bytes *reason);

#endif
