/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_LINK_H
#define SC_LIB_LINK_H

/*
 * The connection to a server: bytes that wait to be sent, a list that is
 * being received, and a descriptor that came with it. It knows attribute
 * lists but not what they say. Nothing here blocks.
 *
 * Any error but "not now" means that the link cannot be trusted any more; the
 * caller then closes it, which also closes a descriptor that nobody took. A
 * link is only ever closed, never shut down: after a fork another process may
 * have the same one.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "wire/list.h"

struct sc_link {
    int socket;   /* -1: closed */
    int passing;  /* borrowed: goes with the first byte that waits; or -1 */
    int received; /* owned: came, and was not taken yet; or -1 */
    struct sc_buf out;
    struct sc_buf in;
    struct sc_list_scanner scanner;
    size_t list_length; /* of the list at the front of what came in; 0: not complete */
};

void sc_link_init(struct sc_link *link);
void sc_link_fini(struct sc_link *link);

/* Takes a socket that is connected. */
void sc_link_open(struct sc_link *link, int socket);
void sc_link_close(struct sc_link *link);

static inline bool sc_link_is_open(const struct sc_link *link)
{
    return link->socket >= 0;
}

/*
 * Whether nothing has come that was not asked for; end of file counts as
 * that. What has come is lost.
 */
SC_MUST_CHECK bool sc_link_is_quiet(struct sc_link *link);

/*
 * Sends what waits. Returns 0: all is sent; -EAGAIN: wait until it can be
 * written to; -ETOOMANYREFS: wait a little; another -errno: lost.
 */
SC_MUST_CHECK int sc_link_flush(struct sc_link *link);

/*
 * Receives until a list is complete, which stays until it is forgotten. A
 * descriptor may come with the list's first byte if that is said, and then is
 * in `received`. Returns 0; -EAGAIN: wait until it can be read; another
 * -errno: lost.
 */
SC_MUST_CHECK int sc_link_receive_list(struct sc_link *link, bool may_carry, struct sc_bytes *list);

/* Whether more has come than that list. */
bool sc_link_has_surplus(const struct sc_link *link);

void sc_link_forget_list(struct sc_link *link);

/* Receives the one byte that carries a descriptor, and leaves the list alone. */
SC_MUST_CHECK int sc_link_receive_descriptor(struct sc_link *link);

/* Hands over the descriptor that was received, or -1. */
SC_MUST_CHECK int sc_link_steal_received(struct sc_link *link);

#endif
