/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_CRADLE_H
#define SC_RELAY_CRADLE_H

/*
 * A small process, forked at the start, from which those are forked later that
 * serve users: the one that lets people in could not, since a child of its
 * would begin with its listeners and with other users' sockets. What all of
 * them need and nobody changes, the operator's authorities above all, they
 * share with the cradle, in which nothing foreign ever is.
 *
 * It ends when the one that asks it does, however that ends.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "relay/worker.h"

struct sc_cradle_options {
    struct sc_worker_options worker;
    void (*confine)(void *context); /* called in the cradle; null: nothing is given up */
    void *context;
};

struct sc_birth {
    int64_t user;
    pid_t process; /* of the worker; or -errno: there is none */
    bool ended;    /* it is told of its end, not of its beginning */
    int status;    /* then, as of wait(2) */
};

/*
 * Forks. To be called while the process has one thread and nobody else's
 * descriptors. Returns the descriptor by which it is asked, or -errno.
 */
SC_MUST_CHECK int sc_cradle_start(const struct sc_cradle_options *options);

/* Asks for a worker at the other end of a link, which is not consumed. 0 or -errno. */
SC_MUST_CHECK int sc_cradle_ask(int cradle, int64_t user, int link);

/* Has a worker killed that hangs. 0 or -errno. */
SC_MUST_CHECK int sc_cradle_kill(int cradle, pid_t process);

/* What it has to tell. Returns 0; -EAGAIN; or -EPIPE: it has gone. */
SC_MUST_CHECK int sc_cradle_hear(int cradle, struct sc_birth *birth);

#endif
