/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TLS_EXPLAIN_H
#define SC_TLS_EXPLAIN_H

/*
 * Why a session failed, in the protocol's words and in a person's.
 */

#include "tls/engine.h"

enum sc_tls_reason sc_explain_failure(const struct sc_tls_engine *engine, char *text, size_t size);

#endif
