/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_WORKER_H
#define SC_RELAY_WORKER_H

/*
 * The process that serves one user: a relay, and the link to the process that
 * lets people in. Nobody else's secrets, sessions or sockets are ever here,
 * so that a hole in what parses a far end's words exposes one user, and
 * whoever holds the lock of a socket holds up nobody but himself.
 *
 * It ends when it has nothing to do and the other side agrees; when the other
 * side has gone, as if that had told it to stop.
 */

#include "session/engine.h"

struct sc_worker_options {
    struct sc_engines *engines;
    void (*confine)(void *context); /* called when all is set up; null: nothing is given up */
    void *context;
};

/* Serves, and ends the process. The link is its own. */
_Noreturn void sc_worker_run(const struct sc_worker_options *options, int link);

#endif
