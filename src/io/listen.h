/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_LISTEN_H
#define SC_IO_LISTEN_H

/*
 * A listening socket of our own, with a name in the file system.
 *
 * Beside the socket lies a lock file, PATH.lock, held for as long as the
 * server lives. Whoever holds it owns the name: a socket file that is there
 * all the same is stale, left by a server that was killed, and is replaced.
 * Asking the old socket instead, by connecting to it, would be a race.
 */

#include <sys/stat.h>
#include <sys/types.h>

#include "base/util.h"

enum { SC_LISTEN_PATH_MAX = 108, SC_LOCK_PATH_MAX = SC_LISTEN_PATH_MAX + sizeof(".lock") };

struct sc_listen_options {
    const char *path;
    mode_t mode; /* of the socket file: who may connect has write permission */
    uid_t owner; /* (uid_t)-1: whoever runs the server */
    gid_t group; /* (gid_t)-1: likewise */
};

struct sc_listen {
    int fd;
    int lock;
    dev_t device; /* of the socket file, to know it again */
    ino_t inode;
    char path[SC_LISTEN_PATH_MAX];
    /* After a failure: another user's file that is in the way, and that user; else empty. */
    char obstacle[SC_LOCK_PATH_MAX];
    uid_t obstacle_owner;
};

/*
 * Returns 0, or: -EADDRINUSE, a live server has the lock; -EEXIST, there is
 * something at that path that is no socket; -ENAMETOOLONG; or another -errno.
 * Nothing is left behind then.
 */
SC_MUST_CHECK int sc_listen_open(struct sc_listen *listen, const struct sc_listen_options *options);

/* Closes it, and removes its files if they are still its own. */
void sc_listen_close(struct sc_listen *listen);

/*
 * Makes a descriptor that was inherited ready: close-on-exec and
 * non-blocking. Returns 0; -ENOTSOCK when it is no listening stream socket of
 * the UNIX domain; or another -errno.
 */
SC_MUST_CHECK int sc_listen_adopt(int fd);

/* Sends a word to the service manager at the address in NOTIFY_SOCKET, if there is one. */
void sc_notify(const char *address, const char *word);

#endif
