/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOOP_LISTENER_H
#define SC_LOOP_LISTENER_H

/*
 * A listening socket on the loop: whoever connects is accepted, a bounded
 * number in a turn, and handed to the owner. What goes wrong (no descriptor is
 * free, say) is told, and tried again a little later. The listening socket
 * stays its owner's, as does what becomes of who came.
 */

#include "loop/timer.h"
#include "loop/watch.h"

struct sc_listener;

struct sc_listener_calls {
    void (*came)(struct sc_listener *listener, int fd);      /* the socket is theirs */
    void (*failed)(struct sc_listener *listener, int error); /* -errno */
};

struct sc_listener {
    struct sc_watch watch;
    struct sc_timer timer;
    const struct sc_listener_calls *calls; /* borrowed */
    void *owner;
    bool accepting;
};

/* Accepts from now on. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_listener_init(struct sc_listener *listener, struct sc_loop *loop, int fd,
                                   const struct sc_listener_calls *calls, void *owner);
void sc_listener_fini(struct sc_listener *listener);

/* Nobody is accepted any more; whoever comes waits for somebody else to accept him. */
void sc_listener_stop(struct sc_listener *listener);

#endif
