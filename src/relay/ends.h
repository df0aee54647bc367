/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_ENDS_H
#define SC_RELAY_ENDS_H

/*
 * The two sockets of a session, as its tunnel and its engine want them. Each
 * owns its descriptor (-1: none). Descriptors that somebody sends along have
 * no meaning on either; they are closed.
 */

#include "session/far.h"
#include "session/plain.h"

struct sc_far_end {
    struct sc_far base;
    int fd;
};

struct sc_plain_end {
    struct sc_plain base;
    int fd;
};

/* Both take the descriptor over. */
void sc_far_end_init(struct sc_far_end *end, int fd);
void sc_plain_end_init(struct sc_plain_end *end, int fd);

/* Both close it, if it is still open. */
void sc_far_end_close(struct sc_far_end *end);
void sc_plain_end_close(struct sc_plain_end *end);

#endif
