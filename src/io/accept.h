/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_ACCEPT_H
#define SC_IO_ACCEPT_H

/*
 * New clients of a listening stream UNIX-domain socket.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/util.h"

/*
 * Accepts one client: a descriptor that is the caller's, non-blocking and
 * close-on-exec, or -errno; -EAGAIN when nobody is there (any more). What a
 * listener may have been told to have passed along with every message is
 * turned off, and bytes out of band come in line with the others.
 */
SC_MUST_CHECK int sc_accept_client(int listener);

/* The user who connected, as the kernel knows it. Returns 0 or -errno. */
SC_MUST_CHECK int sc_accept_user(int socket, uid_t *user);

/*
 * Whether the group is one of those of whoever connected, as of then: the
 * primary one, or another one. A kernel that does not tell the others
 * (before 4.13) tells the primary one.
 */
bool sc_accept_has_group(int socket, gid_t group);

/* Their former names, until all who call them have changed. */
#define sc_io_accept    sc_accept_client
#define sc_io_peer_user sc_accept_user

#endif
