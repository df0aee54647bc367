/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOOP_WATCH_H
#define SC_LOOP_WATCH_H

/*
 * A descriptor that is waited for. The watch is embedded in what it belongs
 * to and never owns the descriptor. What is wanted may change at any time; a
 * descriptor must not be closed while anything is wanted of it.
 *
 * Readiness is told as long as it lasts, in every turn (level-triggered), so
 * who does not take everything is called again.
 */

#include "loop/loop.h"

enum {
    SC_WATCH_NONE = 0,
    SC_WATCH_READ = EV_READ,
    SC_WATCH_WRITE = EV_WRITE,
    SC_WATCH_REFUSED = EV_ERROR, /* told only: the kernel cannot watch it, nothing will be seen */
};

struct sc_watch {
    struct ev_io io;
    struct sc_loop *loop;
    void (*ready)(struct sc_watch *watch, int events);
};

void sc_watch_init(struct sc_watch *watch, struct sc_loop *loop, int fd,
                   void (*ready)(struct sc_watch *watch, int events));

/* From now on these events are told; none: it is not watched any more. */
void sc_watch_want(struct sc_watch *watch, int events);

static inline int sc_watch_fd(const struct sc_watch *watch)
{
    return watch->io.fd;
}

/* A signal, told in the loop. Embedded likewise. */
struct sc_signal {
    struct ev_signal signal;
    struct sc_loop *loop;
    void (*raised)(struct sc_signal *signal);
};

void sc_signal_start(struct sc_signal *signal, struct sc_loop *loop, int number,
                     void (*raised)(struct sc_signal *signal));

/* One that was never started is let be. */
void sc_signal_stop(struct sc_signal *signal);

#endif
