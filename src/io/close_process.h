/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_CLOSE_PROCESS_H
#define SC_IO_CLOSE_PROCESS_H

/*
 * Closes sockets in a process of its own. The close of a socket blocks only
 * when it is the last one, and what has been sent to another process is still
 * open there. So sockets are sent, in batches, and closed here, which is then
 * never the last close; only after that is the other process given a token, and
 * receives what was sent.
 *
 * It closes them with io/close_threads, so one that hangs holds up no other.
 * It ends when its parent does, however that ends.
 *
 * For sockets only: of other files every close may block, the last or not.
 */

#include <stddef.h>

#include "base/util.h"
#include "io/pass.h"

struct sc_close_process {
    int queue;  /* where batches are sent; -1 if there is no process */
    int tokens; /* a byte for each batch that may be received */
};

/*
 * Forks. To be called while the process has one thread and nobody else's
 * descriptors. Room is made for so many descriptors; confine is called in the
 * child, before it receives anything. Returns 0 or -errno.
 */
SC_MUST_CHECK int sc_close_process_start(struct sc_close_process *process, size_t most_descriptors,
                                         void (*confine)(void));

/*
 * Closes so many sockets, at most SC_PASS_MAX, without blocking.
 * Returns 0; or -errno, and all of them are still open.
 */
SC_MUST_CHECK int sc_close_process_close(struct sc_close_process *process, const int *sockets,
                                         size_t count);

/* The process closes what it was sent, and ends. */
void sc_close_process_stop(struct sc_close_process *process);

#endif
