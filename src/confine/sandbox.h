/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFINE_SANDBOX_H
#define SC_CONFINE_SANDBOX_H

/*
 * Gives up what a server does not need any more, as connection_cache_sandbox
 * says, in three steps:
 *
 *  1. drop_bounds, while the process is still root: the bounding set of
 *     capabilities, which no one else can make smaller;
 *  2. give_up, as the user who is to serve, when all files are open and while
 *     there is one thread and no child: core dumps, being looked into,
 *     privileges and capabilities for ever, and files by Landlock;
 *  3. enter, when everything is set up: all other system calls, by seccomp.
 *
 * In mode no each does nothing. In mode log files are left as they are,
 * because Landlock could only forbid them. What cannot be given up is a
 * warning, or in mode kill a fatal error.
 */

#include <stdbool.h>

#include "base/log.h"
#include "base/util.h"
#include "confine/mode.h"

struct sc_sandbox {
    enum sc_sandbox_mode mode;
    struct sc_log *log; /* borrowed, like the paths */
    bool alone;         /* it reads its configuration again, and looks up users */
    const char *config; /* the file of it; null: none */
    const char *socket; /* a path removed at the end, and what begins like it; null: none */
};

/* What cannot be dropped was never had, or does not matter after give_up. */
void sc_sandbox_drop_bounds(enum sc_sandbox_mode mode);

/* Both return 0; or in mode kill -errno, when the reason has been logged. */
SC_MUST_CHECK int sc_sandbox_give_up(const struct sc_sandbox *sandbox);
SC_MUST_CHECK int sc_sandbox_enter(const struct sc_sandbox *sandbox);

/*
 * Each confines one of the processes that work beside the server, after
 * give_up, and is called in it: the one that writes to standard error, the one
 * that forks others (close/nursery), and the one that closes sockets
 * (close/dropper); of scache-tls, the one that forks workers (relay/cradle)
 * and each of those. In mode kill it ends if it cannot be confined.
 */
void sc_sandbox_confine_writer(enum sc_sandbox_mode mode);
void sc_sandbox_confine_nursery(enum sc_sandbox_mode mode);
void sc_sandbox_confine_dropper(enum sc_sandbox_mode mode);
void sc_sandbox_confine_cradle(enum sc_sandbox_mode mode);
void sc_sandbox_confine_worker(enum sc_sandbox_mode mode);

#endif
