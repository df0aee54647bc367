/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TLS_POLICY_H
#define SC_TLS_POLICY_H

/*
 * What the operator has laid down for all sessions: authorities, the oldest
 * protocol, ciphers. Read once, before files are given up; from then on it
 * does not change. A digest of it tells whether two servers, or one before and
 * after a restart, would have done the same.
 */

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

#include "base/util.h"
#include "session/wishes.h"

enum { SC_POLICY_DIGEST_SIZE = 64 + 1, SC_POLICY_PROBLEM_MAX = 512 };

struct sc_policy {
    X509_STORE *authorities; /* shared by all sessions that trust the operator's */
    size_t authority_count;  /* 0: there are none, and such sessions are refused */
    enum sc_tls_version least;
    char *ciphers;
    bool allows_unverified;
    BIO_METHOD *bio;
    char digest[SC_POLICY_DIGEST_SIZE];
};

struct sc_policy_options {
    const char *ca_file; /* certificates in PEM */
    const char *ciphers; /* for TLS 1.2, as OpenSSL lists them; empty: good ones */
    enum sc_tls_version least;
    bool allows_unverified;
};

/*
 * Returns 0; or -errno, with the problem described. That there is no file of
 * authorities is no error: then the problem says so, and else it is empty.
 */
SC_MUST_CHECK int sc_policy_init(struct sc_policy *policy, const struct sc_policy_options *options,
                                 char problem[SC_POLICY_PROBLEM_MAX]);
void sc_policy_fini(struct sc_policy *policy);

#endif
