/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TLS_AUTHORITIES_H
#define SC_TLS_AUTHORITIES_H

/*
 * Certificates of authorities, out of a text in PEM. It is all or nothing: a
 * text that is broken somewhere gives no store, since what follows the broken
 * place might have been what somebody relied on.
 */

#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/util.h"

/*
 * Returns a store, and how many certificates it holds; or null: the text
 * holds none, is broken, or there is no memory (-ENOMEM in @error, otherwise
 * -EINVAL).
 */
SC_MUST_CHECK X509_STORE *sc_authorities_parse(struct sc_bytes pem, size_t *count, int *error);

#endif
