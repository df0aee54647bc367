/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SESSION_WISHES_H
#define SC_SESSION_WISHES_H

/*
 * What a caller wants of a session, understood and in one form: with whom it
 * is to be, how that is made sure, and how TLS is to be spoken. What is not
 * understood is never passed over: then there are no wishes, and no session.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wire/tls_name.h"
#include "wire/tls_request.h"

enum sc_level {
    SC_LEVEL_VERIFY,     /* authorities vouch for the name */
    SC_LEVEL_PIN,        /* the key is one of those that are known */
    SC_LEVEL_UNVERIFIED, /* it may be anybody */
};

enum sc_tls_version { SC_TLS_1_2, SC_TLS_1_3 };

enum {
    SC_PIN_SIZE = 32, /* SHA-256 */
    SC_PINS_MAX = 16,
    SC_ALPN_MAX = 255, /* of all names together, as they go over the wire */
};

struct sc_wishes {
    enum sc_level level;
    struct sc_tls_name name;         /* of what is to be verified; may be empty unless so */
    char sni[SC_TLS_NAME_MAX + 1];   /* empty: none is sent */
    unsigned char alpn[SC_ALPN_MAX]; /* each name behind its length */
    size_t alpn_length;              /* 0: nothing is offered */
    enum sc_tls_version least;       /* the oldest that will do */
    struct sc_bytes ca_pem;          /* empty: the operator's authorities; a view */
    struct sc_bytes client_pem;      /* a view of a secret */
    unsigned char pins[SC_PINS_MAX][SC_PIN_SIZE];
    size_t pin_count;     /* one of them must match, at any level, if there are any */
    int64_t handshake_ms; /* 0: as long as the server allows */
};

/*
 * Views are of the request's bytes. Returns SC_TLS_REASON_NONE, or which part
 * of the request is malformed; then nothing of the wishes is to be used.
 */
SC_MUST_CHECK enum sc_tls_reason sc_wishes_understand(struct sc_wishes *wishes,
                                                      const struct sc_tls_request *request);

/* Has a static life. */
const char *sc_level_name(enum sc_level level);

#endif
