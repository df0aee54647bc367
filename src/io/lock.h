/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_LOCK_H
#define SC_IO_LOCK_H

/*
 * An empty file that is locked for as long as a server lives: whoever has the
 * lock owns the name beside it. The kernel lets go of it when the last copy of
 * the descriptor is closed, which is when the server ends, however it ends;
 * with one exception, which is why a server that is dying is told apart here
 * from one that lives: what a dead server had open can stay so for as long as
 * a file system in a stranger's hands likes.
 *
 * The structure owns its descriptor; the directory is borrowed.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/util.h"

/* Longest name of a lock file, with its end. */
enum { SC_LOCK_NAME_MAX = 128 };

struct sc_lock {
    int fd;                      /* -1: not taken */
    int directory;               /* borrowed */
    bool fresh;                  /* there was no such file before */
    char name[SC_LOCK_NAME_MAX]; /* in that directory */
    /* When somebody else has it: who, as far as can be known; else 0. */
    pid_t holder;
    uid_t holder_user;
};

/*
 * Takes the lock that is called @name in @directory, and makes the file if
 * there is none. Returns 0; -EADDRINUSE, a live process has it; -EPERM, it is
 * no file, or has other names too; -ENAMETOOLONG; or another -errno. Nothing is left open
 * then. It never waits, and a file is never written to.
 */
SC_MUST_CHECK int sc_lock_take(struct sc_lock *lock, int directory, const char *name);

/* Whether the name still leads to the file that is locked. */
SC_MUST_CHECK bool sc_lock_is_whole(const struct sc_lock *lock);

/* Removes the file, if it is still the one that is locked, and lets go. */
void sc_lock_release(struct sc_lock *lock);

#endif
