/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TLS_EXPLAIN_H
#define SC_TLS_EXPLAIN_H

/*
 * Why a session failed, in the protocol's words and in a person's.
 */

#include "tls/verify.h"

/* What a failure is to be explained by later. */
struct sc_tls_failure {
    unsigned long error; /* OpenSSL's; 0: none */
    int far_error;       /* -errno of the socket; 0: none */
    bool ended;          /* the far end closed the connection */
    bool flooded;        /* it sent nothing but what is no data */
    bool other_protocol; /* it chose what was not offered */
};

/* The text is printable, and ends with a NUL. */
enum sc_tls_reason sc_explain_failure(const struct sc_tls_failure *failure,
                                      const struct sc_verifier *verifier, char *text, size_t size);

#endif
