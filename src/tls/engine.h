/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TLS_ENGINE_H
#define SC_TLS_ENGINE_H

/*
 * One TLS session by OpenSSL, as a client: an implementation of the engine
 * that a tunnel wants. OpenSSL's queue of errors belongs to the thread, so it
 * is emptied before each call: what one session leaves in it is no failure of
 * another.
 */

#include "session/engine.h"
#include "tls/explain.h"
#include "tls/far_bio.h"
#include "tls/policy.h"

struct sc_tls_engine {
    struct sc_engine base;
    SSL *ssl;
    struct sc_far_bio bio;
    struct sc_verifier verifier;
    struct sc_tls_failure failure;
    enum sc_tls_version least;
    int silent;      /* so many records without data came, one behind the other */
    bool is_writing; /* OpenSSL has begun with bytes that must come again */
    size_t alpn_length;
    unsigned char alpn[]; /* what was offered */
};

/*
 * Makes an engine that owns its reference of the context, consumed in every
 * outcome. Returns it, or null: no memory.
 */
SC_MUST_CHECK struct sc_tls_engine *sc_tls_engine_new(SSL_CTX *context,
                                                      const struct sc_policy *policy,
                                                      const struct sc_wishes *wishes,
                                                      struct sc_far *far);

#endif
