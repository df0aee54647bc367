/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TLS_CONTEXT_H
#define SC_TLS_CONTEXT_H

/*
 * What sessions can share that have the same owner, trust the same
 * authorities and log in with the same certificate and key: OpenSSL's
 * contexts, kept because making one costs more than a handshake's network.
 * They are found by a hash and compared in full, every byte of the key
 * included, before one is used; all else that a caller wishes is a matter of
 * the session, never of its context. The one not used for longest goes.
 *
 * Texts that are kept are wiped when they go.
 */

#include <stdint.h>
#include <sys/queue.h>

#include "session/wishes.h"
#include "tls/policy.h"

TAILQ_HEAD(sc_context_list, sc_context);

struct sc_contexts {
    const struct sc_policy *policy; /* borrowed */
    struct sc_context_list used;    /* the one used last is the first */
    size_t count;
    size_t limit; /* most that are kept; may be changed */
};

void sc_contexts_init(struct sc_contexts *contexts, const struct sc_policy *policy, size_t limit);
void sc_contexts_fini(struct sc_contexts *contexts);

/*
 * Gives a context of its own reference, to be freed. Returns
 * SC_TLS_REASON_NONE, or why there is none, and says so.
 */
SC_MUST_CHECK enum sc_tls_reason sc_contexts_get(struct sc_contexts *contexts, int64_t owner,
                                                 const struct sc_wishes *wishes, SSL_CTX **context,
                                                 char *text, size_t size);

#endif
