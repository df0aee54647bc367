/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes engines: asks the policy, finds a context, and refuses what the
 * operator does not allow.
 */
#include "tls/engines.h"

#include <stdio.h>

#include "tls/engine.h"

enum { CONTEXTS_KEPT = 64 };

static const struct sc_tls_engines *engines_seen(const struct sc_engines *base)
{
    return (const struct sc_tls_engines *)((const char *)base -
                                           offsetof(struct sc_tls_engines, base));
}

static enum sc_tls_reason engines_allow(const struct sc_policy *policy,
                                        const struct sc_wishes *wishes, char *text, size_t size)
{
    if (wishes->level == SC_LEVEL_UNVERIFIED && !policy->allows_unverified)
        snprintf(text, size, "unverified sessions are not allowed here");
    else if (wishes->level == SC_LEVEL_VERIFY && wishes->ca_pem.length == 0 && !policy->authorities)
        snprintf(text, size, "there are no authorities here, and none were given");
    else
        return SC_TLS_REASON_NONE;
    return SC_TLS_REASON_FORBIDDEN;
}

static enum sc_tls_reason engines_make(struct sc_engines *base, int64_t owner,
                                       const struct sc_wishes *wishes, struct sc_far *far,
                                       struct sc_engine **engine, char *text, size_t size)
{
    struct sc_tls_engines *engines = SC_CONTAINER_OF(base, struct sc_tls_engines, base);
    enum sc_tls_reason reason = engines_allow(&engines->policy, wishes, text, size);
    SSL_CTX *context = NULL;

    *engine = NULL;
    if (reason == SC_TLS_REASON_NONE)
        reason = sc_contexts_get(&engines->contexts, owner, wishes, &context, text, size);
    if (reason == SC_TLS_REASON_NONE) {
        struct sc_tls_engine *made = sc_tls_engine_new(context, &engines->policy, wishes, far);
        *engine = made ? &made->base : NULL;
        reason = made ? SC_TLS_REASON_NONE : SC_TLS_REASON_MEMORY;
    }
    if (reason == SC_TLS_REASON_MEMORY)
        snprintf(text, size, "out of memory");
    return reason;
}

static struct sc_bytes engines_policy(const struct sc_engines *base)
{
    return sc_bytes_of(engines_seen(base)->policy.digest);
}

static void engines_limit(struct sc_engines *base, size_t combinations)
{
    SC_CONTAINER_OF(base, struct sc_tls_engines, base)->contexts.limit = combinations;
}

static const struct sc_engines_verbs verbs = {
    .make = engines_make,
    .limit = engines_limit,
    .policy = engines_policy,
};

int sc_tls_engines_init(struct sc_tls_engines *engines, const struct sc_policy_options *options,
                        char problem[SC_POLICY_PROBLEM_MAX])
{
    engines->base.verbs = &verbs;
    int error = sc_policy_init(&engines->policy, options, problem);
    if (error == 0)
        sc_contexts_init(&engines->contexts, &engines->policy, CONTEXTS_KEPT);
    return error;
}

void sc_tls_engines_fini(struct sc_tls_engines *engines)
{
    sc_contexts_fini(&engines->contexts);
    sc_policy_fini(&engines->policy);
}
