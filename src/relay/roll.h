/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_ROLL_H
#define SC_RELAY_ROLL_H

/*
 * All users' sessions, for root to see: each worker that there is sends a
 * message for each session of its own, and the one that root has asked puts
 * them together. A worker that says nothing is not waited for long, and one
 * that says nonsense is passed over.
 */

#include <stdbool.h>

#include "loop/timer.h"
#include "loop/watch.h"
#include "relay/asker.h"
#include "relay/state.h"

struct sc_roll {
    struct sc_loop *loop;
    struct sc_asker *asker; /* who wants to see them; null: nobody */
    int fd;                 /* what others say to that, or -1 */
    struct sc_watch watch;
    struct sc_timer timer;
    int told; /* to whom our own are being told, or -1 */
    struct sc_watch told_watch;
    struct sc_buf rest; /* what is still to be told */
};

/* Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_roll_init(struct sc_roll *roll, struct sc_loop *loop);

/*
 * Begins, for somebody whose own sessions are written already. @theirs is the
 * end for others to write to, the caller's to send and to close. Returns 0 or
 * -errno: -EBUSY when somebody else is being told.
 */
SC_MUST_CHECK int sc_roll_call(struct sc_roll *roll, struct sc_asker *asker, int *theirs);

/* Answers with what there is. */
void sc_roll_finish(struct sc_roll *roll, struct sc_asker *asker);

/* He has left who wanted to see them. */
void sc_roll_forget(struct sc_roll *roll, const struct sc_asker *asker);

/* Tells a relay's own sessions to somebody else; the descriptor is consumed. */
void sc_roll_answer(struct sc_roll *roll, struct sc_relay *relay, int fd);

#endif
