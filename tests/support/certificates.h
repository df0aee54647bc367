/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_CERTIFICATES_H
#define SC_TESTS_CERTIFICATES_H

/*
 * Keys and certificates, made on the spot. Whatever fails to be made fails
 * the test.
 */

#include <stdbool.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

struct certificate {
    EVP_PKEY *key;
    X509 *x509;
};

struct certificate_wish {
    const char *subject;              /* its common name */
    const char *names;                /* as OpenSSL writes them: "DNS:a,IP:::1"; null: none */
    const struct certificate *issuer; /* null: itself */
    bool is_authority;
    int from_days, to_days; /* 0 and 0: from yesterday for a year */
};

struct certificate certificate_make(const struct certificate_wish *wish);
void certificate_free(struct certificate *certificate);

/* In PEM, allocated: the certificate, then its key if wanted. */
char *certificate_pem(const struct certificate *certificate, bool with_key);

/* The digest of its key, as pins are written: "sha256:…", 71 characters and a NUL. */
void certificate_pin(const struct certificate *certificate, char pin[72]);

#endif
