/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_PAIR_H
#define SC_IO_PAIR_H

/*
 * Two connected local stream sockets, of which one is kept and the other is
 * given away. Whoever has the other can neither block nor change the one that
 * is kept: flags, options and locks are each one's own.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

struct sc_pair {
    int kept;
    int given; /* blocking, as programs expect what they did not open themselves */
};

/* Both close-on-exec. Returns 0 or -errno. */
SC_MUST_CHECK int sc_pair_open(struct sc_pair *pair);

/* Whether nobody has the other end any more. */
bool sc_pair_is_alone(int kept);

/* The other end reads the end of file, behind what was sent. */
void sc_pair_end_output(int kept);

/* Bytes that the other side sent and that were not received here yet. */
size_t sc_pair_unread(int kept);

#endif
