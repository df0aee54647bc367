/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_TLS_PEER_H
#define SC_TESTS_TLS_PEER_H

/*
 * A TLS server in memory, at the other end of a far, and the engine that
 * speaks with it. Between them lie two pipes that can be made as narrow as a
 * byte; and the server, or whoever sits between, can say what it likes.
 */

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "session/engine.h"
#include "support/certificates.h"
#include "tls/engines.h"

struct tls_peer_wish {
    const struct certificate *certificate;
    int version;      /* the only one; 0: any */
    const char *alpn; /* what it chooses if offered, else it refuses; null: nothing */
    const struct certificate *client; /* it wants a certificate of this authority */
    const char *ciphers;
};

struct tls_peer {
    struct sc_far far;
    struct sc_engine *engine;
    SSL_CTX *context;
    SSL *ssl;
    BIO *to_server, *from_server; /* what is on its way */
    const char *alpn;
    size_t width; /* so many bytes a call, either way; 0: any number */
    size_t room;  /* so many may be on their way to the server; 0: any number */
    bool ended;   /* the server has closed its end */
    int lost;     /* -errno: it is gone */
    bool far_end_called;
    size_t moved; /* bytes so far, both ways */
};

void tls_peer_init(struct tls_peer *peer, const struct tls_peer_wish *wish);
void tls_peer_fini(struct tls_peer *peer);

/* Lets the two shake hands until one of them is done with it, or neither gets on. */
enum sc_engine_result tls_peer_shake_hands(struct tls_peer *peer);

/* The same, for a request as it comes over the wire. Anything but NONE: it was refused. */
enum sc_tls_reason tls_peer_try(struct tls_peer *peer, struct sc_tls_engines *engines,
                                int64_t owner, const struct sc_tls_request *request);

/* What the engine reads until there is nothing more, at most so much; and how that ended. */
size_t tls_peer_read(struct tls_peer *peer, char *bytes, size_t size,
                     enum sc_engine_result *result);

/* The engine writes all of it, the server reads it. */
void tls_peer_write(struct tls_peer *peer, const char *bytes, size_t length, char *heard);

/* A request that is the least that can be said. */
struct sc_tls_request tls_peer_request(void);

#endif
