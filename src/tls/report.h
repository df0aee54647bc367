/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TLS_REPORT_H
#define SC_TLS_REPORT_H

/*
 * What a session turned out to be, as fields: version, cipher, group, alpn,
 * cert_sha256, spki_sha256, subject, issuer, not_after. What the far end
 * chose to write into its certificate is cut at a length.
 */

#include <openssl/ssl.h>

#include "base/buf.h"
#include "base/util.h"

/* Returns 0, -ENOMEM, or -EINVAL: there is no certificate; then the buffer may have grown. */
SC_MUST_CHECK int sc_report_session(const SSL *ssl, struct sc_buf *out);

#endif
