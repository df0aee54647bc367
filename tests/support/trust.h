/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_TRUST_H
#define SC_TESTS_TRUST_H

/*
 * Two authorities, a client, far ends of every kind, and engines whose
 * operator trusts the first authority. Handshakes are tried in both versions
 * of TLS.
 */

#include "support/tls_peer.h"

enum { TRUST_OWNER = 1000 };

/* Certificates of far ends, right ones and wrong ones. */
enum far_kind {
    RIGHT,
    WILD,         /* *.w.example, and *.example, which is too wide */
    PARTLY_WILD,  /* a*.w.example */
    BY_ADDRESS,   /* 192.0.2.1 and 2001:db8::1 */
    SUBJECT_ONLY, /* the name is in the subject and nowhere else */
    WRONG_NAME,   /* b.example */
    EXPIRED,
    NOT_YET,
    OTHER_AUTHORITY,
    SELF_SIGNED,
    BY_A_LEAF, /* signed by RIGHT, which is no authority */
    FAR_KINDS
};

struct trust {
    struct certificate authority, other_authority, client;
    struct certificate far[FAR_KINDS];
    char *ca_pem, *other_pem, *client_pem;
    char pin[72], other_pin[72];
    char ca_file[32];
    struct sc_tls_engines engines;
};

/* cmocka's fixture. */
int trust_setup(void **state);
int trust_teardown(void **state);

struct sc_tls_request trust_request(const char *name);

/* Return why a request comes to no session. */
enum sc_tls_reason trust_try_wish(struct trust *trust, struct sc_tls_request request,
                                  const struct tls_peer_wish *wish);
enum sc_tls_reason trust_try(struct trust *trust, struct sc_tls_request request, enum far_kind far);

#endif
