/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CLOSE_PROCESS_H
#define SC_CLOSE_PROCESS_H

/*
 * Closes sockets in a process of its own. The close of a socket blocks only
 * when it is the last one, and what has been sent to another process is still
 * open there. So sockets are sent, in batches, and closed here, which is then
 * never the last close; only after that is the other process given a token,
 * and drops what was sent: it receives it without room for descriptors, so
 * they never come into its table.
 *
 * A close that lingers is interrupted after a few milliseconds. Should one
 * hang that no signal can end (a descriptor of a dead file server's in the
 * queue of a local socket), the queue fills and batches are refused. The
 * process ends when its parent does, however that ends.
 *
 * For sockets only: of other files every close may block, the last or not.
 */

#include <stddef.h>

#include "base/util.h"
#include "io/pass.h"

struct sc_close_process {
    int queue;  /* where batches are sent; -1 if there is no process */
    int tokens; /* a byte for each batch that may be dropped */
};

/*
 * Forks. To be called while the process has one thread and nobody else's
 * descriptors; confine is called in the child, before it receives anything.
 * Returns 0 or -errno.
 */
SC_MUST_CHECK int sc_close_process_start(struct sc_close_process *process, void (*confine)(void));

/*
 * Closes so many sockets, at most SC_PASS_MAX, without blocking, and sorts
 * their array. Returns 0; or -errno, and all of them are still open. If the process has
 * gone, it is stopped here too, and queue is -1.
 */
SC_MUST_CHECK int sc_close_process_close(struct sc_close_process *process, int *sockets,
                                         size_t count);

/* The process closes what it was sent, and ends. */
void sc_close_process_stop(struct sc_close_process *process);

#endif
