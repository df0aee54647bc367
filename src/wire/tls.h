/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_WIRE_TLS_H
#define SC_WIRE_TLS_H

/*
 * The words of the protocol of scache-tls, in both directions: which requests
 * there are, how one ends, and why. It is spoken in attribute lists, like the
 * cache's own.
 */

#include "base/bytes.h"
#include "base/util.h"

#define SC_TLS_PROTOCOL_NAME "connection_cache_tls_protocol"

#define SC_ATTR_ALPN         "alpn"
#define SC_ATTR_CA_PEM       "ca_pem"
#define SC_ATTR_CLIENT_PEM   "client_pem"
#define SC_ATTR_COUNT        "count"
#define SC_ATTR_END          "end"
#define SC_ATTR_HANDSHAKE_MS "handshake_ms"
#define SC_ATTR_LEVEL        "level"
#define SC_ATTR_NAME         "name"
#define SC_ATTR_PINS         "pins"
#define SC_ATTR_POLICY       "policy"
#define SC_ATTR_PROTOCOLS    "protocols"
#define SC_ATTR_REASON       "reason"
#define SC_ATTR_RECORD       "record"
#define SC_ATTR_REPORT       "report"
#define SC_ATTR_SESSION      "session"
#define SC_ATTR_SNI          "sni"
#define SC_ATTR_TEXT         "text"

enum {
    SC_TLS_PEM_MAX = 64 * 1024, /* bytes of one attribute of certificates */
    SC_TLS_TEXT_MAX = 1000,     /* of what is said about a failure */
    /* Of one request: two attributes of certificates, and far less of all else. */
    SC_TLS_MESSAGE_MAX = 2 * SC_TLS_PEM_MAX + 16 * 1024,
};

enum sc_tls_kind {
    SC_TLS_KIND_NONE, /* not a request at all: skipped without a reply */
    SC_TLS_KIND_UNKNOWN,
    SC_TLS_KIND_CLIENT,
    SC_TLS_KIND_PING,
    SC_TLS_KIND_LIST,
    SC_TLS_KIND_END,
};

enum sc_tls_status {
    SC_TLS_DONE = 0,
    SC_TLS_MALFORMED = 1,
    SC_TLS_FAILED = 2,
    SC_TLS_HANDSHAKE = 3,
    SC_TLS_UNTRUSTED = 4,
};

/* Each belongs to one status: see sc_tls_status_of(). */
enum sc_tls_reason {
    SC_TLS_REASON_NONE,
    /* malformed */
    SC_TLS_REASON_REQUEST, /* an attribute is missing or out of place, or all is too long */
    SC_TLS_REASON_LEVEL,
    SC_TLS_REASON_NAME,
    SC_TLS_REASON_SNI,
    SC_TLS_REASON_ALPN_LIST,
    SC_TLS_REASON_PROTOCOLS,
    SC_TLS_REASON_PEM,
    SC_TLS_REASON_PINS,
    SC_TLS_REASON_HANDSHAKE_MS,
    SC_TLS_REASON_DESCRIPTOR,
    /* failed */
    SC_TLS_REASON_LIMIT,
    SC_TLS_REASON_MEMORY,
    SC_TLS_REASON_FORBIDDEN,
    SC_TLS_REASON_STOPPING,
    SC_TLS_REASON_UNKNOWN, /* there is no such session */
    /* handshake */
    SC_TLS_REASON_ALERT,
    SC_TLS_REASON_PROTOCOL,
    SC_TLS_REASON_LOST,
    SC_TLS_REASON_TIME,
    SC_TLS_REASON_ALPN,
    /* untrusted */
    SC_TLS_REASON_OTHER_NAME,
    SC_TLS_REASON_AUTHORITY,
    SC_TLS_REASON_EXPIRED,
    SC_TLS_REASON_PIN,
    SC_TLS_REASONS
};

/* How a session ended, as far as its far end's words go. */
enum sc_tls_end {
    SC_TLS_END_OPEN,      /* it has not */
    SC_TLS_END_CLEAN,     /* the far end said that this was all */
    SC_TLS_END_TRUNCATED, /* its bytes ended, and it did not say so */
    SC_TLS_END_ERROR,
};

enum sc_tls_status sc_tls_status_of(enum sc_tls_reason reason);

/* These have a static life. */
const char *sc_tls_reason_word(enum sc_tls_reason reason);
const char *sc_tls_kind_name(enum sc_tls_kind kind);
const char *sc_tls_end_word(enum sc_tls_end end);

/* Return what a word means, or -1. */
int sc_tls_kind_named(struct sc_bytes name);
int sc_tls_end_named(struct sc_bytes word);

#endif
