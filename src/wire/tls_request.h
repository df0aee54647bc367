/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_WIRE_TLS_REQUEST_H
#define SC_WIRE_TLS_REQUEST_H

/*
 * What is asked of scache-tls, in both directions. Attributes come in the
 * order of the structure, all of a kind's own must be there, and what comes
 * behind them is ignored. So that an older server is never laxer than its
 * client wants, whatever restricts gets a new level or a new request, which
 * the older server refuses, and never an attribute behind the others.
 *
 * Only the form is looked at here; what the values mean is the session room's
 * to judge. All views are of the bytes that were parsed.
 */

#include <stdbool.h>

#include "wire/list.h"
#include "wire/tls.h"

struct sc_tls_request {
    enum sc_tls_kind kind;
    bool malformed; /* then only the kind is to be used */
    /* Of tls_client. */
    struct sc_bytes level;
    struct sc_bytes name;
    struct sc_bytes sni;
    struct sc_bytes alpn;
    struct sc_bytes protocols;
    struct sc_bytes ca_pem;
    struct sc_bytes client_pem;
    struct sc_bytes pins;
    struct sc_bytes handshake_ms;
    /* Of tls_end; of tls_list, where empty means every session. */
    struct sc_bytes session;
};

struct sc_tls_request sc_tls_request_parse(struct sc_bytes list);

/*
 * Appends the list that is parsed as this request, of a known kind. Returns 0,
 * or -ENOMEM with the buffer as it was.
 */
SC_MUST_CHECK int sc_tls_request_write(struct sc_buf *out, const struct sc_tls_request *request);

#endif
