/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOG_WRITER_H
#define SC_LOG_WRITER_H

/*
 * A process of our own that writes records to standard error, whatever that
 * is. Readiness is no promise of room: between poll(2) and write(2) somebody
 * else may fill a pipe or stop a terminal; a file may be on a disk that does
 * not answer; and whoever writes to a pipe holds its lock, for as long as a
 * page fault of his takes. So none of them can be written to without the risk
 * of waiting, and the waiting is done elsewhere.
 *
 * Records are sent over a local socket, one a message. When the socket is
 * closed the process writes what is still there, and ends.
 */

#include "base/util.h"

struct sc_writer {
    int queue; /* where records are sent, owned; -1: there is no process */
};

/*
 * Forks. To be called while the process has one thread and nobody else's
 * descriptors; @confine is called in the child with @context, before it writes
 * anything. Returns 0 or -errno.
 */
SC_MUST_CHECK int sc_writer_start(struct sc_writer *writer, void (*confine)(void *context),
                                  void *context);

/*
 * Sends no more, and waits until all is written, but no longer than @patience
 * milliseconds. Does not close the queue.
 */
void sc_writer_finish(int queue, int patience);

#endif
