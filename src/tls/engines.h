/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TLS_ENGINES_H
#define SC_TLS_ENGINES_H

/*
 * Where engines by OpenSSL come from: the operator's policy and the contexts
 * that are kept. One for each process.
 */

#include "session/engine.h"
#include "tls/context.h"
#include "tls/policy.h"

struct sc_tls_engines {
    struct sc_engines base;
    struct sc_policy policy;
    struct sc_contexts contexts;
};

/*
 * Reads what is to be read. Returns 0; or -errno, with the problem described.
 * With 0 a problem that is not empty is worth a warning.
 */
SC_MUST_CHECK int sc_tls_engines_init(struct sc_tls_engines *engines,
                                      const struct sc_policy_options *options,
                                      char problem[SC_POLICY_PROBLEM_MAX]);
void sc_tls_engines_fini(struct sc_tls_engines *engines);

#endif
