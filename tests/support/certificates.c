/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Certificates for tests: elliptic curves, because those are made quickly.
 */
#include "support/check.h"

#include "support/certificates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

static void certificate_add(X509 *x509, int what, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, what, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(x509, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void certificate_set_name(X509_NAME *name, const char *text)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)text, -1, -1, 0),
                     1);
}

struct certificate certificate_make(const struct certificate_wish *wish)
{
    static long serial = 1;
    struct certificate made = {EVP_EC_gen("P-256"), X509_new()};
    const struct certificate *issuer = wish->issuer ? wish->issuer : &made;
    bool is_usual = wish->from_days == 0 && wish->to_days == 0;

    assert_true(made.key && made.x509);
    X509_set_version(made.x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.x509), serial++);
    X509_time_adj_ex(X509_getm_notBefore(made.x509), is_usual ? -1 : wish->from_days, 0, NULL);
    X509_time_adj_ex(X509_getm_notAfter(made.x509), is_usual ? 365 : wish->to_days, 0, NULL);
    certificate_set_name(X509_get_subject_name(made.x509), wish->subject);
    X509_set_issuer_name(made.x509, X509_get_subject_name(issuer->x509));
    X509_set_pubkey(made.x509, made.key);
    certificate_add(made.x509, NID_basic_constraints, wish->is_authority ? "CA:TRUE" : "CA:FALSE");
    if (wish->names)
        certificate_add(made.x509, NID_subject_alt_name, wish->names);
    assert_true(X509_sign(made.x509, issuer->key, EVP_sha256()) > 0);
    return made;
}

void certificate_free(struct certificate *certificate)
{
    EVP_PKEY_free(certificate->key);
    X509_free(certificate->x509);
}

char *certificate_pem(const struct certificate *certificate, bool with_key)
{
    BIO *text = BIO_new(BIO_s_mem());
    char *data;

    assert_non_null(text);
    assert_int_equal(PEM_write_bio_X509(text, certificate->x509), 1);
    if (with_key)
        assert_int_equal(
            PEM_write_bio_PrivateKey(text, certificate->key, NULL, NULL, 0, NULL, NULL), 1);
    long length = BIO_get_mem_data(text, &data);
    char *copy = strndup(data, (size_t)length);
    BIO_free(text);
    assert_non_null(copy);
    return copy;
}

void certificate_pin(const struct certificate *certificate, char pin[72])
{
    unsigned char *encoded = NULL;
    unsigned char digest[32];
    int length = i2d_PUBKEY(certificate->key, &encoded);

    assert_true(length > 0);
    assert_int_equal(EVP_Digest(encoded, (size_t)length, digest, NULL, EVP_sha256(), NULL), 1);
    OPENSSL_free(encoded);
    strcpy(pin, "sha256:");
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(pin + 7 + 2 * i, 3, "%02x", digest[i]);
}
