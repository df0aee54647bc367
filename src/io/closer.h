/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_CLOSER_H
#define SC_IO_CLOSER_H

/*
 * Closes descriptors in threads of its own. The last close of something
 * foreign can block: a socket that lingers with unsent data, a terminal, a
 * FUSE file, or a local socket in whose queue such a thing lies. No test made
 * before can rule that out, because others may share what is closed and
 * change it in between. So the loop closes nothing foreign itself.
 *
 * A close that hangs holds up only itself: when all threads hang, another is
 * started, up to a few hundred, and ends when it is no longer needed. While there is
 * much to do a thread looks for work every millisecond instead of being woken
 * for each descriptor, so that closing elsewhere costs the loop next to
 * nothing.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

struct sc_closer;

/* Starts the threads. Room is made for so many descriptors; 0 or -errno. */
SC_MUST_CHECK int sc_closer_new(struct sc_closer **closer, size_t most_descriptors);

/* Takes a descriptor and closes it soon after the next flush. */
void sc_closer_take(struct sc_closer *closer, int fd);

/*
 * Sees to it that what was taken is closed. To be called once a turn of the
 * loop, and every few milliseconds while something is pending; now is
 * monotonic milliseconds.
 */
void sc_closer_flush(struct sc_closer *closer, int64_t now);

/* How many descriptors are taken and not closed yet. */
size_t sc_closer_pending(const struct sc_closer *closer);

/* How many of those no thread has begun to close. */
size_t sc_closer_queued(const struct sc_closer *closer);

/*
 * Waits for the threads to close what was taken, but not for one that hangs
 * longer than so many milliseconds. The process is about to exit: a thread
 * that hangs keeps the closer, which is then not freed.
 */
void sc_closer_free(struct sc_closer *closer, int patience_ms);

#endif
