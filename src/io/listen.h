/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_LISTEN_H
#define SC_IO_LISTEN_H

/*
 * A listening socket of our own, with a name in the file system.
 *
 * Beside the socket lies a lock file, PATH.lock, held for as long as the
 * server lives (io/lock). Whoever holds it owns the name: a socket file that
 * is there all the same is stale, left by a server that was killed, and is
 * replaced. Asking the old socket instead, by connecting to it, would be a
 * race; it is asked only where the lock file is missing, because something
 * that cleans directories removes lock files of living servers.
 *
 * The directory is opened once, and everything in it is reached from there:
 * it may belong to somebody who exchanges files and directories as he likes.
 * What is not our own there is neither changed nor removed.
 */

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/util.h"
#include "io/lock.h"
#include "io/notify.h"

enum { SC_LISTEN_PATH_MAX = 108, SC_LOCK_PATH_MAX = SC_LISTEN_PATH_MAX + sizeof(".lock") };

struct sc_listen_options {
    const char *path;
    mode_t mode; /* of the socket file: who may connect has write permission */
    uid_t owner; /* (uid_t)-1: whoever runs the server */
    gid_t group; /* (gid_t)-1: likewise */
};

struct sc_listen {
    int fd;
    struct sc_lock lock;
    int directory;
    dev_t device; /* of the socket file, to know it again */
    ino_t inode;
    char path[SC_LISTEN_PATH_MAX];
    const char *name; /* within path and directory */
    /* After a failure: another user's file that is in the way, and that user; else empty. */
    char obstacle[SC_LOCK_PATH_MAX];
    uid_t obstacle_owner;
};

/* A structure that has nothing to close yet. */
#define SC_LISTEN_NONE ((struct sc_listen){.fd = -1, .lock = {.fd = -1}, .directory = -1})

/*
 * Returns 0, or: -EADDRINUSE, a live server has the name (the lock may say
 * which process); -EEXIST, there is something at that path that is no socket;
 * -ENAMETOOLONG; or another -errno. Nothing is left behind then.
 */
SC_MUST_CHECK int sc_listen_open(struct sc_listen *listen, const struct sc_listen_options *options);

/* What others have taken away since. */
enum sc_listen_loss {
    SC_LISTEN_WHOLE,
    SC_LISTEN_UNLOCKED, /* the lock file: another server could take the name */
    SC_LISTEN_UNNAMED,  /* the socket file: nobody can connect any more */
};

/* Looks whether both files are still there. One that does not listen is whole. */
SC_MUST_CHECK enum sc_listen_loss sc_listen_check(const struct sc_listen *listen);

/* Closes it, and removes its files if they are still its own. */
void sc_listen_close(struct sc_listen *listen);

/*
 * A listening socket at a path where only one process at a time has any
 * business, whatever socket was there before; nothing is locked, and nothing is
 * removed at the end. Returns the descriptor, or -errno: -EEXIST when something
 * else is there.
 */
SC_MUST_CHECK int sc_listen_replace(const char *path, mode_t mode);

/*
 * Makes a descriptor that was inherited ready: close-on-exec and
 * non-blocking. Returns 0; -ENOTSOCK when it is no listening stream socket of
 * the UNIX domain; or another -errno.
 */
SC_MUST_CHECK int sc_listen_adopt(int fd);

/* Its former name, until all who call it have changed. */
#define sc_notify sc_notify_manager

#endif
