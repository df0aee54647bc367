/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_PEER_H
#define SC_IO_PEER_H

/*
 * What can be told of a descriptor that somebody else made, without blocking
 * and without changing anything about it. Neither fstat(2) nor fcntl(2) is
 * used: on a FUSE file the first asks a stranger's process.
 */

#include <stdbool.h>

bool sc_io_is_socket(int fd);

/* Whether it is a stream socket, the only kind whose peer can be judged. */
bool sc_io_is_stream(int fd);

/*
 * Whether a stream socket that ought to be silent can no longer be used: its
 * peer has closed it, reset it, or spoken out of turn. A socket that is not
 * connected (a listener, say) is let be.
 */
bool sc_io_peer_is_gone(int fd);

#endif
