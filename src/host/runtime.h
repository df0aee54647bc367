/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_RUNTIME_H
#define SC_HOST_RUNTIME_H

/*
 * What every host runs: the loop, the closer, the server and the watchdog,
 * made from the parameters, in an order that suits the sandbox: all processes
 * and descriptors of our own exist before anything of a client's comes in.
 */

#include <ev.h>

#include "base/log.h"
#include "config/params.h"
#include "server/server.h"

struct sc_watchdog;

struct sc_runtime {
    struct sc_loop *events;
    struct ev_loop *loop; /* the same, as libev knows it */
    struct sc_log *log;   /* borrowed */
    struct ev_prepare before_waiting;
    struct ev_timer flush;
    struct sc_closer *closer;
    struct sc_server *server;
    struct sc_watchdog *watchdog;
};

/*
 * key: random bytes for the store. exit_pause: seconds to wait before a failed process exits.
 * Returns 0, or -errno with the reason logged; the runtime is then to be stopped.
 */
SC_MUST_CHECK int sc_runtime_start(struct sc_runtime *runtime, struct sc_log *log,
                                   const struct sc_params *params,
                                   const struct sc_server_host *host,
                                   const unsigned char key[SC_STORE_KEY_LENGTH], int exit_pause);

/* Frees all there is; descriptors that hang are left to the kernel. */
void sc_runtime_stop(struct sc_runtime *runtime);

#endif
