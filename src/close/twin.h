/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CLOSE_TWIN_H
#define SC_CLOSE_TWIN_H

/*
 * Closes descriptors of any kind, by their numbers, in a process that shares
 * the server's table of descriptors but nothing else: the only way for a file
 * whose every close may hang, the last or not (FUSE and NFS are asked each
 * time), because a number is only freed by a close in the table itself.
 *
 * Such a close can be killed by nobody. A thread of the server's own that hung
 * in one would keep the server from being reaped, and with it lock, listeners
 * and all connections; and so would the server's own end, which closes all
 * that is still open. As long as there is a twin, the server's end closes
 * nothing: the twin notices it, and closes lock and listeners first, then
 * sockets, then the rest, in threads, so that what hangs holds up nothing
 * else. So there should be one from the moment a descriptor comes in that is
 * no socket.
 *
 * As long as there is one, every system call on a descriptor is dearer, since
 * the kernel then counts who uses it (20 to 50 ns); so it ends when it is not
 * needed. It is forked from the server when it is, which takes as long as the
 * server is large: a millisecond or so for each hundred megabytes.
 *
 * Who is given work is a thread for each batch; a batch is of one user's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "close/backlog.h"

enum { SC_TWIN_BATCHES = 256, SC_TWIN_BATCH_MOST = 32 };

struct sc_twin;

/*
 * Forks. @size: all descriptors are below that. The numbers that are open now
 * and are the server's own are those for which @is_own says so; they are
 * closed first when the server ends. Returns 0 or -errno.
 */
SC_MUST_CHECK int sc_twin_new(struct sc_twin **twin, size_t size, const bool *is_own,
                              size_t own_size);

/*
 * Gives it so many descriptors of a line, at most SC_TWIN_BATCH_MOST, which
 * are its own from now on. The caller has asked whether there is room.
 */
void sc_twin_give(struct sc_twin *twin, struct sc_backlog_line *line, const int *fds, size_t count,
                  int64_t now);

/* Begins what was given since. */
void sc_twin_wake(struct sc_twin *twin);

/* How many batches are under way, of SC_TWIN_BATCHES. */
unsigned sc_twin_busy(const struct sc_twin *twin);

/* Of what was given, how many are not even begun, so that their numbers are taken. */
size_t sc_twin_pending(const struct sc_twin *twin);

/* The line of a close that has hung for @patience_ms; null: none does. */
const struct sc_backlog_line *sc_twin_hangs(const struct sc_twin *twin, int64_t now,
                                            int64_t patience_ms);

/* Whether it has not even begun something for @patience_ms: it was stopped, or is dying. */
SC_MUST_CHECK bool sc_twin_sleeps(const struct sc_twin *twin, int64_t now, int64_t patience_ms);

/*
 * Looks at what was done, lets go of lines that are no longer busy, and takes
 * back what lies behind a close that has hung for @patience_ms: at most
 * SC_TWIN_BATCH_MOST of one line, to be called again until there is nothing
 * more. Returns how many.
 */
SC_MUST_CHECK size_t sc_twin_look(struct sc_twin *twin, int64_t now, int64_t patience_ms,
                                  struct sc_backlog_line **line, int *fds);

/* Whether the process has ended, and nothing of it is left. */
SC_MUST_CHECK bool sc_twin_is_over(struct sc_twin *twin);

/* Asks it to end, now that the server goes on without it; it closes nothing more that it has not
 * begun. */
void sc_twin_dismiss(struct sc_twin *twin);

/* Lets go of its lines and forgets it; whatever still runs of it goes on. */
void sc_twin_free(struct sc_twin *twin);

#endif
