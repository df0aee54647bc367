/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_CONTROL_H
#define SC_CONTROL_CONTROL_H

/*
 * The control service: looks at the cache, and steers it, over a socket of its
 * own, with places of its own, so that it can be reached just when the cache's
 * own socket is full. Looking never slows serving: what is long is made in
 * slices, one a millisecond while others are served.
 *
 * Nothing blocks. It owns its clients; listening sockets are the host's.
 */

#include "control/source.h"
#include "control/who.h"
#include "loop/loop.h"

struct sc_control;

struct sc_control_options {
    struct sc_loop *loop; /* borrowed, like log and closer */
    struct sc_log *log;
    struct sc_closer *closer;
    struct sc_stats *stats; /* what is counted here is added to these */
    struct sc_control_source source;
    const struct sc_params *params; /* those that are configured; borrowed until others come */
    uint64_t instance;
    const char *mode; /* master or standalone; of static storage */

    /* Who is at the other end of a socket, by what the kernel says. */
    struct sc_who (*identify)(void *context, int client, int64_t user);
    /* What sc_control_holds() says has changed. */
    void (*changed)(void *context);
    void *context;
};

/* Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_control_new(struct sc_control **control,
                                 const struct sc_control_options *options);

/* Ends all conversations, and what was set for a time. Null is allowed. */
void sc_control_free(struct sc_control *control);

/* Accepts on a listening, non-blocking socket. 0 or -ENOMEM. */
SC_MUST_CHECK int sc_control_listen(struct sc_control *control, int listener);

/* The configuration was read again. */
void sc_control_configure(struct sc_control *control, const struct sc_params *params);

/* What the store tells goes to those who watch; nothing happens while nobody does. */
struct sc_store_observer sc_control_observer(struct sc_control *control);

/* How many are connected, and whether something is set for a time: then a server does not end. */
size_t sc_control_clients(const struct sc_control *control);
bool sc_control_holds(const struct sc_control *control);

#endif
