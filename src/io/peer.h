/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_PEER_H
#define SC_IO_PEER_H

/*
 * What can be told of a descriptor that somebody else made, without blocking
 * and without changing anything about it. Neither fstat(2) nor fcntl(2) is
 * used: on a FUSE file the first asks a stranger's process.
 */

#include <stdbool.h>

#include "base/util.h"

bool sc_io_is_socket(int fd);

enum sc_peer {
    SC_PEER_SILENT, /* as it ought to be, or it cannot be judged */
    SC_PEER_GONE,
    SC_PEER_NONE, /* not a socket */
};

/*
 * Whether a cached connection can no longer be used, because its peer has
 * closed it, reset it, or spoken out of turn. Only stream sockets are judged
 * so. One that is not connected (a listener, say) is let be.
 */
SC_MUST_CHECK enum sc_peer sc_io_look_at_peer(int fd);

#endif
