/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_RUNTIME_H
#define SC_HOST_RUNTIME_H

/*
 * What a service runs in, made by its host: the loop, the log, the closer, the
 * limit of descriptors, the parameters; and whom it tells what happens. All of
 * it outlives the service. A watchdog sees to it that the loop goes round, and
 * log records that could not be sent are tried again by the clock.
 */

#include <sys/types.h>

#include "base/log.h"
#include "close/closer.h"
#include "config/params.h"
#include "confine/descriptors.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "loop/watch.h"

struct sc_watchdog;

struct sc_runtime {
    struct sc_log *log;             /* borrowed */
    const struct sc_params *params; /* those in force, borrowed */
    bool under_master;
    bool standard_io;   /* one client there is, and no socket */
    const char *socket; /* where a server on its own listens; null: not by a path */
    uid_t owner;        /* whom the process is going to be, or is */
    gid_t group;

    /* From start on. */
    struct sc_loop *loop;
    struct sc_closer *closer;
    struct sc_descriptors descriptors; /* who takes some for good adds them to those in use */

    /*
     * Which space the labels of a client live in, @user being whom the kernel
     * says it is, or negative; the result is negative when it may not connect.
     * Null: all clients share one.
     */
    int64_t (*admit)(struct sc_runtime *runtime, int client, int64_t user);
    /* The same, asked out of interest: nobody is refused by it. */
    int64_t (*space_of)(struct sc_runtime *runtime, int client, int64_t user);
    void (*used)(struct sc_runtime *runtime);    /* there was a request; more may be told */
    void (*changed)(struct sc_runtime *runtime); /* the number of clients has changed */
    void (*drained)(struct sc_runtime *runtime); /* a service has nobody left */

    /* Its own. */
    struct sc_watchdog *watchdog;
    struct sc_turn turn;
    struct sc_timer flush;
    int64_t flush_pause; /* how long the last one was, milliseconds */
};

/*
 * Makes loop, closer and watchdog. @exit_pause: seconds to wait before a
 * process that hangs exits. Returns 0, or -errno with the reason logged; the
 * runtime is then to be stopped.
 */
SC_MUST_CHECK int sc_runtime_start(struct sc_runtime *runtime, int exit_pause);

/* After the services. Frees all there is; descriptors that hang are left to the kernel. */
void sc_runtime_stop(struct sc_runtime *runtime);

/* Says with -v that the program has started, or ends. */
void sc_runtime_say(const struct sc_runtime *runtime, const char *name, const char *what);

#endif
