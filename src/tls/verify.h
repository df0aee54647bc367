/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TLS_VERIFY_H
#define SC_TLS_VERIFY_H

/*
 * Whether the far end is whom the caller wants. It is decided in the midst of
 * the handshake, before our own certificate or any word of the caller's is
 * sent, and the far end is told by an alert. Only what is decided here in
 * favour of a far end counts: a handshake in which it was never asked is no
 * good either.
 */

#include <stdbool.h>

#include <openssl/ssl.h>

#include "session/wishes.h"

struct sc_verifier {
    enum sc_level level;
    size_t pin_count;
    unsigned char pins[SC_PINS_MAX][SC_PIN_SIZE];
    bool vouched;              /* it was asked, and all is well */
    enum sc_tls_reason reason; /* else why not, once it was asked */
    int error;                 /* OpenSSL's word for that */
};

/*
 * Makes a session verify as it is wished. The verifier is borrowed for the
 * session's life. Returns false when there is no memory.
 */
SC_MUST_CHECK bool sc_verifier_set(struct sc_verifier *verifier, SSL *ssl,
                                   const struct sc_wishes *wishes);

/* What OpenSSL calls with the far end's chain; every context has it. */
int sc_verify_chain(X509_STORE_CTX *chain, void *unused);

/* The digest of a certificate's public key. False: it has none that could be read. */
SC_MUST_CHECK bool sc_verify_key_digest(const X509 *certificate, unsigned char digest[SC_PIN_SIZE]);

#endif
