/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Failures in words. It decides nothing: a session that is explained has
 * failed already.
 */
#include "tls/explain.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

/* What a far end is told of, or told us, has this offset among OpenSSL's reasons. */
enum { ALERT_OFFSET = 1000 };

static int explain_alert_of(unsigned long error)
{
    int reason = ERR_GET_REASON(error);

    return ERR_GET_LIB(error) == ERR_LIB_SSL && reason > ALERT_OFFSET ? reason - ALERT_OFFSET : -1;
}

static enum sc_tls_reason explain_distrust(const struct sc_verifier *verifier, char *text,
                                           size_t size)
{
    if (verifier->reason == SC_TLS_REASON_PIN) {
        snprintf(text, size, "its key is none of those that are pinned");
        return SC_TLS_REASON_PIN;
    }
    snprintf(text, size, "its certificate: %s", X509_verify_cert_error_string(verifier->error));
    return verifier->reason;
}

static enum sc_tls_reason explain_lost(const struct sc_tls_failure *failure, char *text,
                                       size_t size)
{
    snprintf(text, size, "%s",
             failure->far_error < 0 ? strerror(-failure->far_error)
                                    : "the far end closed the connection");
    return SC_TLS_REASON_LOST;
}

static enum sc_tls_reason explain_openssl(unsigned long error, char *text, size_t size)
{
    const char *word = ERR_reason_error_string(error);

    snprintf(text, size, "%s", word ? word : "an error without a name");
    return ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE ? SC_TLS_REASON_MEMORY
                                                         : SC_TLS_REASON_PROTOCOL;
}

static enum sc_tls_reason explain_alert(int alert, char *text, size_t size)
{
    snprintf(text, size, "the far end sent alert %d: %s", alert, SSL_alert_desc_string_long(alert));
    return alert == SSL_AD_NO_APPLICATION_PROTOCOL ? SC_TLS_REASON_ALPN : SC_TLS_REASON_ALERT;
}

enum sc_tls_reason sc_explain_failure(const struct sc_tls_failure *failure,
                                      const struct sc_verifier *verifier, char *text, size_t size)
{
    bool is_ssl = ERR_GET_LIB(failure->error) == ERR_LIB_SSL;

    if (!verifier->vouched && verifier->reason != SC_TLS_REASON_NONE)
        return explain_distrust(verifier, text, size);
    if (failure->other_protocol) {
        snprintf(text, size, "the far end chose a protocol that was not offered");
        return SC_TLS_REASON_ALPN;
    }
    if (failure->flooded) {
        snprintf(text, size, "the far end sent nothing but records without data");
        return SC_TLS_REASON_PROTOCOL;
    }
    if (explain_alert_of(failure->error) >= 0)
        return explain_alert(explain_alert_of(failure->error), text, size);
    if (failure->error == 0 ||
        (is_ssl && ERR_GET_REASON(failure->error) == SSL_R_UNEXPECTED_EOF_WHILE_READING))
        return explain_lost(failure, text, size);
    return explain_openssl(failure->error, text, size);
}
