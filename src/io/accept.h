/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_ACCEPT_H
#define SC_IO_ACCEPT_H

/*
 * New clients of a listening stream UNIX-domain socket.
 */

#include <stdbool.h>
#include <sys/types.h>

#include <stdint.h>

#include "base/util.h"

/*
 * Accepts one client: a descriptor that is the caller's, non-blocking and
 * close-on-exec, or -errno; -EAGAIN when nobody is there (any more). What a
 * listener may have been told to have passed along with every message is
 * turned off, and bytes out of band come in line with the others.
 */
SC_MUST_CHECK int sc_accept_client(int listener);

/*
 * Who connected, as the kernel noted it then: the user, -1 if it does not
 * tell, and the process, 0 if it cannot be seen from here.
 */
void sc_accept_peer(int socket, int64_t *user, int64_t *process);

/*
 * Whether the group is one of those of whoever connected, as of then: the
 * primary one, or another one. A kernel that does not tell the others
 * (before 4.13) tells the primary one.
 */
bool sc_accept_has_group(int socket, gid_t group);

#endif
