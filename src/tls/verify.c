/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The far end's certificates, judged by a caller's wishes. Words for the
 * verdict are explain's.
 */
#include "tls/verify.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

/* A name stands where it belongs, never in the subject; and a star is a whole label. */
enum { NAME_RULES = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS };

bool sc_verifier_set(struct sc_verifier *verifier, SSL *ssl, const struct sc_wishes *wishes)
{
    X509_VERIFY_PARAM *rules = SSL_get0_param(ssl);
    const char *name = wishes->name.text;

    *verifier = (struct sc_verifier){.level = wishes->level, .pin_count = wishes->pin_count};
    memcpy(verifier->pins, wishes->pins, sizeof(verifier->pins));
    if (!SSL_set_app_data(ssl, verifier))
        return false;
    if (wishes->level != SC_LEVEL_VERIFY)
        return true;
    X509_VERIFY_PARAM_set_hostflags(rules, NAME_RULES);
    /* OpenSSL takes an empty name for any name. */
    if (name[0] == '\0')
        return false;
    return wishes->name.is_address ? X509_VERIFY_PARAM_set1_ip_asc(rules, name)
                                   : X509_VERIFY_PARAM_set1_host(rules, name, strlen(name));
}

bool sc_verify_key_digest(const X509 *certificate, unsigned char digest[SC_PIN_SIZE])
{
    unsigned char *encoded = NULL;
    int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
    bool done = length > 0 && EVP_Digest(encoded, (size_t)length, digest, NULL, EVP_sha256(), NULL);

    OPENSSL_free(encoded);
    return done;
}

static bool verify_pins(const struct sc_verifier *verifier, const X509 *certificate)
{
    unsigned char digest[SC_PIN_SIZE];

    if (verifier->pin_count == 0)
        return verifier->level != SC_LEVEL_PIN;
    if (!certificate || !sc_verify_key_digest(certificate, digest))
        return false;
    for (size_t i = 0; i < verifier->pin_count; i++)
        if (memcmp(digest, verifier->pins[i], sizeof(digest)) == 0)
            return true;
    return false;
}

static enum sc_tls_reason verify_reason_of(int error)
{
    switch (error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return SC_TLS_REASON_OTHER_NAME;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return SC_TLS_REASON_EXPIRED;
    default:
        return SC_TLS_REASON_AUTHORITY;
    }
}

int sc_verify_chain(X509_STORE_CTX *chain, void *unused)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct sc_verifier *verifier = ssl ? SSL_get_app_data(ssl) : NULL;

    (void)unused;
    if (!verifier)
        return 0;
    verifier->vouched = false;
    if (verifier->level == SC_LEVEL_VERIFY && X509_verify_cert(chain) <= 0) {
        verifier->error = X509_STORE_CTX_get_error(chain);
        verifier->reason = verify_reason_of(verifier->error);
        if (verifier->error == X509_V_OK)
            X509_STORE_CTX_set_error(chain, X509_V_ERR_UNSPECIFIED);
        return 0;
    }
    if (!verify_pins(verifier, X509_STORE_CTX_get0_cert(chain))) {
        verifier->reason = SC_TLS_REASON_PIN;
        verifier->error = X509_V_ERR_APPLICATION_VERIFICATION;
        X509_STORE_CTX_set_error(chain, verifier->error);
        return 0;
    }
    X509_STORE_CTX_set_error(chain, X509_V_OK);
    verifier->vouched = true;
    return 1;
}
