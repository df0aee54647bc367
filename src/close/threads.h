/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CLOSE_THREADS_H
#define SC_CLOSE_THREADS_H

/*
 * Closes descriptors of any kind in threads: the only way for a file whose
 * every close may block, such as a FUSE file or a terminal. The threads are
 * started when there is something to close and end when there is nothing
 * more, because as long as there is one every system call on a descriptor is
 * dearer for the whole process.
 *
 * A close that hangs holds up only itself: when nothing gets on, another
 * thread is started, up to a few hundred.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

struct sc_close_threads;

/* Room is made for so many descriptors; no thread is started. 0 or -ENOMEM. */
SC_MUST_CHECK int sc_close_threads_new(struct sc_close_threads **threads, size_t most_descriptors);

/* Takes a descriptor and closes it soon after the next flush. */
void sc_close_threads_take(struct sc_close_threads *threads, int fd);

/* Starts a thread where one is needed; now is monotonic milliseconds. */
void sc_close_threads_flush(struct sc_close_threads *threads, int64_t now);

/* How many were taken and are not closed yet; and of those, not begun. */
size_t sc_close_threads_pending(struct sc_close_threads *threads);
size_t sc_close_threads_queued(struct sc_close_threads *threads);

/*
 * Waits for what was taken to be closed, at most so many milliseconds. A
 * thread that hangs longer keeps its memory: the process is about to exit.
 */
void sc_close_threads_free(struct sc_close_threads *threads, int patience_ms);

#endif
