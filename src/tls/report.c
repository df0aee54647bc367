/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report on a session, as far as TLS goes. Who the far end is by address,
 * and how it was verified, others say.
 */
#include "tls/report.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include <openssl/evp.h>

#include "tls/verify.h"
#include "wire/field.h"

enum { NAME_MAX_LENGTH = 1024, STAMP_SIZE = 80 };

static int report_add(struct sc_buf *out, const char *name, struct sc_bytes value)
{
    return sc_field_append(out, sc_bytes_of(name), value);
}

static int report_add_text(struct sc_buf *out, const char *name, const char *value)
{
    return report_add(out, name, value ? sc_bytes_of(value) : SC_BYTES(""));
}

static int report_add_digest(struct sc_buf *out, const char *name,
                             const unsigned char digest[SC_PIN_SIZE])
{
    char text[2 * SC_PIN_SIZE + 1];

    for (size_t i = 0; i < SC_PIN_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return report_add_text(out, name, text);
}

static int report_add_name(struct sc_buf *out, const char *name, const X509_NAME *value)
{
    BIO *text = BIO_new(BIO_s_mem());
    char *data = NULL;
    int error = -ENOMEM;

    if (text && X509_NAME_print_ex(text, value, 0, XN_FLAG_RFC2253) >= 0) {
        long length = BIO_get_mem_data(text, &data);
        if (length > NAME_MAX_LENGTH)
            length = NAME_MAX_LENGTH;
        error = report_add(out, name, (struct sc_bytes){data, (size_t)length});
    }
    BIO_free(text);
    return error;
}

static int report_add_time(struct sc_buf *out, const char *name, const ASN1_TIME *when)
{
    char stamp[STAMP_SIZE] = "";
    struct tm parts;

    /* strftime(3) would ask for the time zone, which is a file. */
    if (ASN1_TIME_to_tm(when, &parts))
        snprintf(stamp, sizeof(stamp), "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900,
                 parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return report_add_text(out, name, stamp);
}

static int report_add_certificate(struct sc_buf *out, X509 *certificate)
{
    unsigned char digest[SC_PIN_SIZE];

    if (!X509_digest(certificate, EVP_sha256(), digest, NULL))
        return -ENOMEM;
    int error = report_add_digest(out, "cert_sha256", digest);
    if (error == 0)
        error = sc_verify_key_digest(certificate, digest) ? 0 : -ENOMEM;
    if (error == 0)
        error = report_add_digest(out, "spki_sha256", digest);
    if (error == 0)
        error = report_add_name(out, "subject", X509_get_subject_name(certificate));
    if (error == 0)
        error = report_add_name(out, "issuer", X509_get_issuer_name(certificate));
    if (error == 0)
        error = report_add_time(out, "not_after", X509_get0_notAfter(certificate));
    return error;
}

/* The group that keys were agreed on in; empty where none was. */
static const char *report_group_of(SSL *ssl)
{
    long group = SSL_get_negotiated_group(ssl);

    return group > 0 ? SSL_group_to_name(ssl, (int)group) : NULL;
}

int sc_report_session(const SSL *session, struct sc_buf *out)
{
    SSL *ssl = (SSL *)session; /* Asking changes nothing, but OpenSSL does not say so. */
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    const unsigned char *alpn;
    unsigned alpn_length;

    if (!certificate)
        return -EINVAL;
    SSL_get0_alpn_selected(ssl, &alpn, &alpn_length);
    int error = report_add_text(out, "version", SSL_get_version(ssl));
    if (error == 0)
        error =
            report_add_text(out, "cipher", SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl)));
    if (error == 0)
        error = report_add_text(out, "group", report_group_of(ssl));
    if (error == 0)
        error = report_add(out, "alpn", (struct sc_bytes){(const char *)alpn, alpn_length});
    return error == 0 ? report_add_certificate(out, certificate) : error;
}
