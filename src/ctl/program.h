/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_PROGRAM_H
#define SC_CTL_PROGRAM_H

/*
 * Runs a program that speaks on descriptors 6 and 7, by the UCSPI convention:
 * PROTO and the variables of TCP or UNIX say what they are. Variables with the
 * prefix SCACHE_ say what the cache knows. Nothing here asks a name server.
 *
 * From start to wait the signals CHLD, HUP, INT, QUIT and TERM are blocked:
 * those that a user sends to this process alone are passed on to the program,
 * so that the connection never outlives it unnoticed.
 */

#include <signal.h>
#include <sys/types.h>

#include "ctl.h"

enum { SC_CTL_PEER_SIZE = 160 };

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

/*
 * The far end of a connection, as `run --to` takes it: tcp:HOST:PORT or
 * unix:PATH. False: it has no address that could be named.
 */
SC_CTL_MUST_CHECK bool sc_ctl_peer_name(int fd, char *text, size_t size);

/* The same in parts, numeric; of TCP only. */
struct sc_ctl_address {
    char host[64]; /* room for a zone behind an address of IPv6 */
    char port[8];
};

SC_CTL_MUST_CHECK bool sc_ctl_peer_address(int fd, struct sc_ctl_address *address);

#endif
