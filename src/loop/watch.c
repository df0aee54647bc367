/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors and signals that the loop waits for. What is to be done when
 * one is ready is its owner's affair.
 */
#include "loop/watch.h"

static void watch_on_io(struct ev_loop *ev, struct ev_io *io, int events)
{
    struct sc_watch *watch = SC_CONTAINER_OF(io, struct sc_watch, io);

    (void)ev;
    /* libev has stopped what the kernel refused, and marks it as readable and writable too. */
    watch->ready(watch, (events & EV_ERROR) != 0 ? SC_WATCH_REFUSED : events);
}

void sc_watch_init(struct sc_watch *watch, struct sc_loop *loop, int fd,
                   void (*ready)(struct sc_watch *watch, int events))
{
    *watch = (struct sc_watch){.loop = loop, .ready = ready};
    ev_io_init(&watch->io, watch_on_io, fd, EV_READ);
}

void sc_watch_want(struct sc_watch *watch, int events)
{
    struct ev_loop *ev = watch->loop->ev;

    if (ev_is_active(&watch->io) && (watch->io.events & (EV_READ | EV_WRITE)) == events)
        return;
    ev_io_stop(ev, &watch->io);
    if (events == SC_WATCH_NONE)
        return;
    ev_io_modify(&watch->io, events);
    ev_io_start(ev, &watch->io);
    watch->loop->has_new_watches = true;
}

static void watch_on_signal(struct ev_loop *ev, struct ev_signal *raised, int events)
{
    struct sc_signal *signal = SC_CONTAINER_OF(raised, struct sc_signal, signal);

    (void)ev;
    (void)events;
    signal->raised(signal);
}

void sc_signal_start(struct sc_signal *signal, struct sc_loop *loop, int number,
                     void (*raised)(struct sc_signal *signal))
{
    *signal = (struct sc_signal){.loop = loop, .raised = raised};
    ev_signal_init(&signal->signal, watch_on_signal, number);
    ev_signal_start(loop->ev, &signal->signal);
}

void sc_signal_stop(struct sc_signal *signal)
{
    if (signal->loop)
        ev_signal_stop(signal->loop->ev, &signal->signal);
    signal->loop = NULL;
}
