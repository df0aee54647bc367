/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOOP_TIMER_H
#define SC_LOOP_TIMER_H

/*
 * Something that is to happen at a time of the loop's clock. It is embedded
 * in what it belongs to and rings once; whoever wants it again sets it again.
 * Any number of timers cost one alarm of the kernel's, and setting one costs
 * no system call.
 */

#include "loop/loop.h"

/* Room for it is made here, so that setting it cannot fail. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_timer_init(struct sc_timer *timer, struct sc_loop *loop,
                                void (*ring)(struct sc_timer *timer));

/* Stops it too. One that is all zero is let be. */
void sc_timer_fini(struct sc_timer *timer);

/* Rings at that time, milliseconds, instead of when it was set for; INT64_MAX: never. */
void sc_timer_set(struct sc_timer *timer, int64_t at);
void sc_timer_stop(struct sc_timer *timer);

/* When it rings; INT64_MAX: it is not set. */
int64_t sc_timer_due(const struct sc_timer *timer);

#endif
