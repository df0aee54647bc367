/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_DIAL_H
#define SC_CTL_DIAL_H

/*
 * Where `run --to` leads, and how one gets there: tcp:HOST:PORT (a name or an
 * address, IPv6 in brackets; a number or the name of a service) or unix:PATH.
 */

#include "ctl.h"

struct sc_ctl_target {
    char *text;       /* all of it, a path being absolute; owned */
    char *host;       /* of TCP, else null; owned */
    const char *port; /* of TCP; within what host points to */
    const char *path; /* of a UNIX-domain socket, else null; within text */
};

/* Returns 0, -EINVAL: not of either form; -ENOMEM; what realpath(3) has said of a path. */
SC_CTL_MUST_CHECK int sc_ctl_target_init(struct sc_ctl_target *target, const char *text);
void sc_ctl_target_fini(struct sc_ctl_target *target);

/* Whether the host is a name and no address. */
SC_CTL_MUST_CHECK bool sc_ctl_target_has_name(const struct sc_ctl_target *target);

/*
 * Opens a blocking connection to a UNIX-domain socket. Returns the descriptor,
 * or -1 and why.
 */
SC_CTL_MUST_CHECK int sc_ctl_dial_path(const char *path, int seconds, const char **reason);

/*
 * Opens a blocking connection: to each of a name's addresses in turn, until
 * one answers in so many seconds. Returns the descriptor, or -1 and why.
 */
SC_CTL_MUST_CHECK int sc_ctl_target_dial(const struct sc_ctl_target *target, int seconds,
                                         const char **reason);

#endif
