/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_TARGET_H
#define SC_BENCH_TARGET_H

/*
 * A server under test: started with the descriptors, arguments, environment and files that
 * Postfix's master(8) would give it, in a queue directory of its own. A process stands in for
 * master and reads the status channel; we stand in for postlogd and have to drain the log.
 *
 * The target owns both processes and the log socket; stop ends them and waits for them. The
 * files below `home` stay until the whole directory goes. An attached target is somebody else's
 * process and is only looked at.
 */

#include <stdbool.h>
#include <stdint.h>

#include "launch.h"

enum sc_target_kind { SC_TARGET_FLOOR, SC_TARGET_POSTFIX, SC_TARGET_SCACHE, SC_TARGET_KINDS };

struct sc_target_setup {
    struct sc_launch_setup launch; /* name and is_floor are filled in from the kind */
    bool verbose;                  /* show what the server logs */
};

struct sc_target {
    enum sc_target_kind kind;
    bool attached;
    bool verbose;
    struct sc_launch launch;
};

const char *sc_target_name(enum sc_target_kind kind);
int sc_target_parse(const char *name, enum sc_target_kind *kind)
    __attribute__((warn_unused_result));

/* Start and wait until it greets: 0 or -errno, after a message on standard error. */
int sc_target_start(struct sc_target *target, enum sc_target_kind kind,
                    const struct sc_target_setup *setup) __attribute__((warn_unused_result));

/* Take a server that listens at `path` already; its process id is learnt from the socket. */
int sc_target_attach(struct sc_target *target, const char *path)
    __attribute__((warn_unused_result));

/* Ends as master ends a server, by end of file on the status channel, with KILL after two seconds.
 * Safe on a zeroed or stopped target. */
void sc_target_stop(struct sc_target *target);

/* Read away what came on the log. Never blocks. */
void sc_target_drain(struct sc_target *target);

/* A blocking connection whose greeting has been read, with time limits of 5 s; or -errno. */
int sc_target_connect(const struct sc_target *target) __attribute__((warn_unused_result));

/* CPU time of all its threads so far, user and system, in nanoseconds; 0 when it is gone. */
uint64_t sc_target_cpu(const struct sc_target *target);

/* The same of the process that stands in for master; 0 when there is none. */
uint64_t sc_target_master_cpu(const struct sc_target *target);

/* Resident size in bytes; 0 when it is gone. */
uint64_t sc_target_rss(const struct sc_target *target);

#endif
