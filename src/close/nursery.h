/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CLOSE_NURSERY_H
#define SC_CLOSE_NURSERY_H

/*
 * A small process, forked at the start, from which others are forked later:
 * those that drop sockets (close/dropper), in place of such as hang or were
 * killed. The server itself could not: a child of its would begin with a copy
 * of everything that is cached, and closing a copy may hang like any close.
 * Nothing foreign ever comes here, so the nursery hangs in nothing.
 *
 * It ends when the server does, however that ends.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"
#include "close/dropper.h"

/* What confines the processes, called in each before it does anything; null: nothing does. */
struct sc_nursery_confine {
    void (*nursery)(void *context);
    void (*dropper)(void *context);
    void *context;
};

struct sc_nursery {
    int order; /* -1: there is no nursery */
    pid_t process;
    bool asked; /* and has not answered yet */
    int64_t asked_at;
};

/*
 * Forks. To be called while the process has one thread and nobody else's
 * descriptors. Returns 0 or -errno.
 */
SC_MUST_CHECK int sc_nursery_start(struct sc_nursery *nursery,
                                   const struct sc_nursery_confine *confine);

/* Asks for another process, if that was not asked yet. Returns 0, or -EPIPE: it has gone. */
SC_MUST_CHECK int sc_nursery_ask(struct sc_nursery *nursery, int64_t now);

/*
 * The process that was asked for, which is idle and the caller's. Returns 0;
 * -EAGAIN, it is not there yet; -EPIPE, the nursery has gone and is closed; or
 * another -errno, there cannot be one now.
 */
SC_MUST_CHECK int sc_nursery_get(struct sc_nursery *nursery, struct sc_dropper *dropper,
                                 int64_t now);

/* Waits so long for what was asked for, at the start, when nobody is kept waiting. */
SC_MUST_CHECK int sc_nursery_wait(struct sc_nursery *nursery, struct sc_dropper *dropper,
                                  int patience_ms);

/* Has a process that hangs killed: if it only sleeps, it lets go of what it was given. */
void sc_nursery_kill(struct sc_nursery *nursery, pid_t process);

void sc_nursery_stop(struct sc_nursery *nursery);

/* Sees to it that one that has gone does not stay as a zombie. */
void sc_nursery_reap(struct sc_nursery *nursery);

#endif
