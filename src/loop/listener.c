/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accepting on the loop. Who may come in is not known here.
 */
#include "loop/listener.h"

#include <errno.h>

#include "io/accept.h"

enum { ACCEPTS_A_TURN = 64, PAUSE_MS = 100 };

static void listener_pause(struct sc_listener *listener, int error)
{
    sc_watch_want(&listener->watch, SC_WATCH_NONE);
    sc_timer_set(&listener->timer, sc_loop_now(listener->watch.loop) + PAUSE_MS);
    listener->calls->failed(listener, error);
}

static void listener_on_timer(struct sc_timer *timer)
{
    struct sc_listener *listener = SC_CONTAINER_OF(timer, struct sc_listener, timer);

    if (listener->accepting)
        sc_watch_want(&listener->watch, SC_WATCH_READ);
}

static void listener_on_ready(struct sc_watch *watch, int events)
{
    struct sc_listener *listener = SC_CONTAINER_OF(watch, struct sc_listener, watch);

    if (events == SC_WATCH_REFUSED) {
        listener_pause(listener, -ENOMEM);
        return;
    }
    for (int i = 0; i < ACCEPTS_A_TURN && listener->accepting; i++) {
        int fd = sc_accept_client(sc_watch_fd(watch));
        if (fd == -EAGAIN)
            return;
        if (fd >= 0) {
            listener->calls->came(listener, fd);
        } else if (fd != -ECONNABORTED && fd != -EINTR) {
            listener_pause(listener, fd);
            return;
        }
    }
}

int sc_listener_init(struct sc_listener *listener, struct sc_loop *loop, int fd,
                     const struct sc_listener_calls *calls, void *owner)
{
    *listener = (struct sc_listener){.calls = calls, .owner = owner, .accepting = true};
    int error = sc_timer_init(&listener->timer, loop, listener_on_timer);
    if (error < 0)
        return error;
    sc_watch_init(&listener->watch, loop, fd, listener_on_ready);
    sc_watch_want(&listener->watch, SC_WATCH_READ);
    return 0;
}

void sc_listener_stop(struct sc_listener *listener)
{
    listener->accepting = false;
    sc_watch_want(&listener->watch, SC_WATCH_NONE);
    sc_timer_stop(&listener->timer);
}

void sc_listener_fini(struct sc_listener *listener)
{
    sc_listener_stop(listener);
    sc_timer_fini(&listener->timer);
}
