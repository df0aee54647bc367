/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_PEER_H
#define SC_IO_PEER_H

/*
 * What can be told of a descriptor that somebody else made, and of whoever is
 * at its far end, without waiting and without changing anything about it.
 *
 * Every process that shares a descriptor can hold its lock for as long as it
 * likes: a thread of its own in recv(2), say, whose page fault does not come.
 * So only what does without that lock is called here: getsockopt(2) of what
 * the socket layer itself knows, and poll(2) of local and TCP sockets. Neither
 * recv(2) nor getpeername(2) nor TCP_INFO do, and neither do fstat(2) and
 * fcntl(2), since on a FUSE file the first asks a stranger's process.
 *
 * Nothing is kept here, and no descriptor changes hands.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/* What a descriptor is. It never changes, so one question, at save, is enough. */
enum {
    SC_PEER_SOCKET = 1,   /* a socket of some kind */
    SC_PEER_JUDGEABLE = 2 /* and a look may tell that it is dead */
};

/* As many descriptors are looked at together at most. */
enum { SC_PEER_LOOK_MAX = 64 };

/*
 * What a descriptor is, of the bits above: 0 for what is no socket. Judgeable
 * are stream sockets of the UNIX domain and of TCP (also by several paths),
 * except for listeners, which nobody expects to be silent.
 */
SC_MUST_CHECK uint8_t sc_peer_nature(int fd);

/*
 * The number by which the kernel knows a socket from all others that there
 * ever were, also after it went from hand to hand; 0 where it tells none.
 */
SC_MUST_CHECK uint64_t sc_peer_cookie(int fd);

/*
 * Looks at @count descriptors at once, all of them judgeable and at most
 * SC_PEER_LOOK_MAX, and says of each whether it is dead: its far end has
 * closed it or spoken out of turn, or the connection has failed, for whatever
 * reason. One system call; an error that is pending stays so.
 */
void sc_peer_look(const int *fds, size_t count, bool *dead);

/* Only whether it is a socket. */
SC_MUST_CHECK bool sc_peer_is_socket(int fd);

#endif
