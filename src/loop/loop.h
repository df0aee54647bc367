/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOOP_LOOP_H
#define SC_LOOP_LOOP_H

/*
 * The event loop: libev, wrapped once, so that no other room sees it. In a
 * turn the loop waits, reads the clock, calls whoever is ready, and lets the
 * turn's hooks finish what was begun; then it waits again.
 *
 * Time is CLOCK_BOOTTIME in milliseconds: it never goes back and goes on
 * while the machine sleeps. It is read once a turn, so everything in a turn
 * happens at one time. A machine that wakes up, or whose wall clock was set,
 * begins a new turn at once.
 *
 * Nothing here blocks but sc_loop_run(). What is embedded in others (watch,
 * timer, signal, turn) belongs to them, and must be stopped before it goes.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <ev.h>

#include "base/heap.h"
#include "base/log.h"
#include "base/util.h"

/* Something to be done at the beginning or the end of every turn. Either may be null. */
struct sc_turn {
    TAILQ_ENTRY(sc_turn) link;
    void (*begin)(struct sc_turn *turn); /* the clock was read, nobody was called yet */
    void (*end)(struct sc_turn *turn);   /* all were called; the loop is about to wait */
};

TAILQ_HEAD(sc_turn_list, sc_turn);

/* Something that is to happen at a time of this clock: see loop/timer.h. */
struct sc_timer {
    struct sc_heap_key key; /* when it rings */
    struct sc_loop *loop;
    void (*ring)(struct sc_timer *timer);
    bool is_set;
};

struct sc_loop {
    struct ev_loop *ev;
    struct ev_prepare prepare;
    struct ev_check check;
    struct ev_timer alarm; /* one for all timers */
    struct ev_io wake;     /* the wall clock was set, or the machine slept */
    struct sc_heap timers;
    size_t timer_count; /* timers that exist, set or not: room for all is in the heap */
    uint64_t serial;
    struct sc_turn_list turns;
    int64_t now; /* ms */
    int64_t now_ns;
    int64_t alarm_set;    /* for when; INT64_MAX: not at all */
    bool has_new_watches; /* that the kernel may have refused */
    bool again;           /* the next turn is not to wait */
};

/* Returns 0, or -ENOMEM. Descriptors of its own are close-on-exec. */
SC_MUST_CHECK int sc_loop_new(struct sc_loop **loop);
void sc_loop_free(struct sc_loop *loop);

/* Returns when sc_loop_stop() was called. */
void sc_loop_run(struct sc_loop *loop);
void sc_loop_stop(struct sc_loop *loop);

/* One turn that does not wait: who has no loop of his own calls it. */
void sc_loop_turn(struct sc_loop *loop);

/* The time of this turn. */
static inline int64_t sc_loop_now(const struct sc_loop *loop)
{
    return loop->now;
}

/* The same in nanoseconds: when the turn began. */
static inline int64_t sc_loop_now_ns(const struct sc_loop *loop)
{
    return loop->now_ns;
}

/* The clock itself, for who must know how long a turn has lasted. */
int64_t sc_loop_clock_ms(void);
int64_t sc_loop_clock_ns(void);

/* The next turn begins without waiting: something was left to do. */
void sc_loop_again(struct sc_loop *loop);

/* How many are ready and were not called yet in this turn. */
unsigned sc_loop_pending(struct sc_loop *loop);

/* Hooks are called in the order in which they were added, at the end in the reverse one. */
void sc_turn_add(struct sc_turn *turn, struct sc_loop *loop);
void sc_turn_remove(struct sc_turn *turn, struct sc_loop *loop);

#endif
