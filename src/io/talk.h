/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_TALK_H
#define SC_IO_TALK_H

/*
 * How far two ends of a connection of our own have come: what was said and
 * not taken, and when who spoke last, as the kernel tells it.
 *
 * These questions wait for whoever holds the socket's lock. So they are for a
 * process that has the connection to itself; nothing that serves others may
 * ask them (io/peer.h is for those). Nothing is kept here, and no byte is read
 * or sent.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/util.h"

enum sc_talk_kind {
    SC_TALK_NONE,  /* not a stream socket of these kinds, or a listener */
    SC_TALK_TCP,   /* all below is known */
    SC_TALK_LOCAL, /* a UNIX-domain stream: when who spoke is not known */
};

struct sc_talk {
    enum sc_talk_kind kind;
    bool is_open;        /* both ways; connecting counts as that */
    uint32_t waiting;    /* bytes of ours that the far end has not taken */
    uint32_t said_ago;   /* milliseconds since our last word, or since the start */
    uint32_t heard_ago;  /* likewise since the far end's */
    uint32_t acked_ago;  /* since anything at all came from there */
    uint64_t heard;      /* bytes of the far end's, ever */
    uint32_t said_times; /* segments with words in them, ever */
    uint32_t heard_times;
};

/* Returns 0; -EBADF; or another -errno, when the kernel does not tell. */
SC_MUST_CHECK int sc_talk_read(int fd, struct sc_talk *talk);

/* Whether our side was shut for writing, or all of it is closed. */
SC_MUST_CHECK bool sc_talk_is_shut(int fd);

/* How coarse the times are: a tick of the kernel's, in milliseconds. */
uint32_t sc_talk_tick(void);

#endif
