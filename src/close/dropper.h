/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CLOSE_DROPPER_H
#define SC_CLOSE_DROPPER_H

/*
 * Closes sockets in a process of its own. The close of a socket blocks only
 * when it is the last one, and what has been sent to another process is still
 * open there. So sockets are sent, in batches, and closed here, which is then
 * never the last close; only after that is the other process told, and drops
 * what was sent: it receives it without room for descriptors, so they never
 * come into its table.
 *
 * A close that lingers is interrupted after a few milliseconds. Should one
 * hang that no signal can end (a local socket in whose queue a pipe lies whose
 * lock somebody holds), the process says nothing any more: whoever gave it
 * work sees that and gives others' work to another one. So it is given work of
 * one user's at a time, and only a few batches.
 *
 * For sockets only: of other files every close may block, the last or not.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"
#include "close/backlog.h"
#include "io/pass.h"

struct sc_dropper {
    int queue;     /* where batches are sent; -1: there is no process */
    int talk;      /* a byte for each batch that may be dropped, and one back when it was */
    pid_t process; /* a child of the nursery's */
    unsigned outstanding;
    int64_t moved;                /* when it last got on, or had nothing to do */
    struct sc_backlog_line *line; /* whose batches lie there; null: none do */
    bool hangs;
};

enum sc_dropper_state {
    SC_DROPPER_GONE = 1, /* it is closed here too */
    SC_DROPPER_AT_WORK,
    SC_DROPPER_IDLE,
};

/*
 * Gives it so many sockets of a line, at most SC_PASS_MAX, and sorts their
 * array; they are closed here. Returns 0; or -errno, and all of them are still
 * open: -EPIPE, it has gone and is closed.
 */
SC_MUST_CHECK int sc_dropper_give(struct sc_dropper *dropper, struct sc_backlog_line *line,
                                  int *sockets, size_t count, int64_t now);

/* Hears what it has done. The line is let go of when all was. */
SC_MUST_CHECK enum sc_dropper_state sc_dropper_look(struct sc_dropper *dropper, int64_t now);

/* It drops what it was given and ends; what it was busy with is let go of. */
void sc_dropper_close(struct sc_dropper *dropper);

/* The process itself, which has these two descriptors and no other, until the other ends close. */
_Noreturn void sc_dropper_run(int queue, int talk, void (*confine)(void *context), void *context);

#endif
