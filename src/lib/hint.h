/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_HINT_H
#define SC_LIB_HINT_H

/*
 * A word for the processes that come after this one: that server does not
 * answer, so do not wait for it again. A back-off that lives in a handle is of
 * no use to a script that runs a hundred short programs.
 *
 * A hint is a small file of this user's, readable by nobody else, in the
 * user's runtime directory, or failing that in /dev/shm: gone with the
 * machine, and worth nothing after 10 s. It holds the server's path and until
 * when it is to be let alone, on the clock that starts with the machine: 1 s
 * at first, twice as long each time that the server was tried in vain again.
 *
 * Others can neither leave one for us nor change it: the directory is ours
 * alone, or sticky and root's; the file is ours, a plain one, and was made
 * anew under another name first. What is not as it should be is no hint. That
 * there can be none is no error. A set-user-id program has none.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum { SC_HINT_DIRECTORIES = 3, SC_HINT_DIRECTORY_SIZE = 108 };

/* The most that a hint can say, in milliseconds from now. */
enum { SC_HINT_MOST_MS = 10000 };

/* Where hints are; the first directory that can be trusted. */
struct sc_hints {
    char directories[SC_HINT_DIRECTORIES][SC_HINT_DIRECTORY_SIZE];
    size_t count;
};

struct sc_hint {
    int64_t until; /* the server is to be let alone; 0: there is no hint */
    int delay_ms;  /* how long that was when it was written */
};

/* Reads the environment, and no file. */
void sc_hints_init(struct sc_hints *hints);

/* The hint about a server, which may be over; one that is long over is none. */
struct sc_hint sc_hints_find(const struct sc_hints *hints, const char *path, int64_t now);

/* The server has not answered in time. */
void sc_hints_leave(const struct sc_hints *hints, const char *path, int64_t now);

/* It answers again. */
void sc_hints_remove(const struct sc_hints *hints, const char *path);

#endif
