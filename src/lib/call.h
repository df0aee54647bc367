/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_CALL_H
#define SC_LIB_CALL_H

/*
 * One call of the library: what was asked, and what came of it. What was asked
 * is a request, whose texts are copies that live until the next call is set.
 *
 * It owns the descriptor that is to be saved and the one that was found. The
 * texts that were found are views of whoever found them.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "wire/reply.h"
#include "wire/request.h"

struct sc_call {
    struct sc_request request; /* its texts are in the next */
    struct sc_buf texts;
    int saving; /* the descriptor to be saved, or -1 */
    struct sc_found found;
    int found_fd; /* or -1 */
};

void sc_call_init(struct sc_call *call);
void sc_call_fini(struct sc_call *call);

/*
 * Takes a request over. The descriptor (-1: none) stays the caller's if this
 * fails. Returns 0; -EINVAL: there is a label without a byte, or a time to
 * live below 1; -EMSGSIZE: it would be too long on the wire; -ENOMEM.
 */
SC_MUST_CHECK int sc_call_set(struct sc_call *call, const struct sc_request *request, int fd);

/* Whether it only asks if anybody is there: a take that is for nothing. */
bool sc_call_is_ping(const struct sc_call *call);

/* Closes the descriptor that was to be saved: that is decided. */
void sc_call_settle(struct sc_call *call);

/* Takes over a connection that was found. */
void sc_call_take_found(struct sc_call *call, struct sc_found found, int fd);

/* Hands over the descriptor that was found, or -1. */
SC_MUST_CHECK int sc_call_steal_found(struct sc_call *call);

/* Closes what was found and nobody asked for. */
void sc_call_drop_found(struct sc_call *call);

#endif
