/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_PROGRAM_H
#define SC_CTL_PROGRAM_H

/*
 * Runs a program that speaks on descriptors 6 and 7, by the UCSPI convention:
 * PROTO and the variables of TCP or UNIX say what they are. Variables with the
 * prefix SCACHE_ say what the cache knows. Nothing here asks a name server.
 *
 * The connection is as the caller has made it; by the convention it blocks.
 *
 * From start to wait the signals CHLD, HUP, INT, QUIT and TERM are blocked:
 * those that a user sends to this process alone are passed on to the program,
 * so that the connection never outlives it unnoticed.
 */

#include <signal.h>
#include <sys/types.h>

#include "ctl.h"

/* What the program is told. Texts may be null: then the variable is unset. */
struct sc_ctl_handed {
    int fd; /* stays the caller's */
    bool is_reused;
    const char *remote_host; /* a name, when the caller has used one */
    const char *endpoint;
    const char *endpoint_property;
    const char *destination_property;
};

struct sc_ctl_program {
    pid_t pid;
    sigset_t waits_for;
    sigset_t before;
};

/* Starts args.program; returns SC_CTL_DONE, or has said why not. */
SC_CTL_MUST_CHECK int sc_ctl_program_start(const struct sc_ctl *ctl, struct sc_ctl_program *program,
                                           const struct sc_ctl_handed *handed);

/* Returns the program's exit code; for one that a signal has ended as a shell does. */
SC_CTL_MUST_CHECK int sc_ctl_program_wait(struct sc_ctl_program *program);

#endif
