/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_REMOTE_H
#define SC_IO_REMOTE_H

/*
 * A connection to somewhere else that a client has made and given away. The
 * client may have kept a copy, and with that it can hold the socket's lock and
 * change its flags and options at any time: whoever calls this may be kept
 * waiting by that client, and by nobody else.
 */

#include <stddef.h>

#include "base/util.h"

enum { SC_REMOTE_PEER_SIZE = 128 };

/*
 * Returns 0 and whom it is connected to, as "192.0.2.1:443" or "[::1]:443", or
 * "unix" and a path if there is one; or -ENOTSOCK, -EPROTOTYPE: it is no
 * stream socket; -ENOTCONN: it is not connected.
 */
SC_MUST_CHECK int sc_remote_examine(int fd, char peer[SC_REMOTE_PEER_SIZE]);

/* What is sent goes out at once. */
void sc_remote_hurry(int fd);

/* The far end reads the end of file, behind what was sent. */
void sc_remote_end_output(int fd);

/* Bytes that were sent, and that the far end has not acknowledged; 0 where nobody tells. */
size_t sc_remote_unacknowledged(int fd);

/* Closes it without lingering. */
void sc_remote_close(int fd);

#endif
