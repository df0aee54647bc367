/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_DIAL_H
#define SC_IO_DIAL_H

/*
 * Connecting to a server on a stream UNIX-domain socket, without blocking,
 * and finding out beforehand whether a descriptor more would fit. It waits
 * for nothing and keeps nothing; a socket that it returns is the caller's,
 * non-blocking, close-on-exec, and none of 0 to 2, which the caller's program
 * may have closed and take for its own all the same.
 */

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/util.h"

/* Longest path of a socket, in bytes. */
enum { SC_DIAL_PATH_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 };

/*
 * Connects. Returns 0, or -errno: -EAGAIN when the server's queue is full,
 * of which no event will tell that it no longer is; -ENAMETOOLONG.
 */
SC_MUST_CHECK int sc_dial_connect(const char *path, int *socket);

/*
 * The user who has called listen(2) at the other end of such a socket, as the
 * kernel knows it. Returns 0 or -errno.
 */
SC_MUST_CHECK int sc_dial_user(int socket, uid_t *user);

/*
 * Whether the descriptor table has room for one more, above 0 to 2, tried by
 * duplicating an open one: a descriptor that arrives when it has none is lost.
 */
SC_MUST_CHECK bool sc_dial_has_room(int fd);

#endif
