/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_TARGET_H
#define SC_CTL_TARGET_H

/*
 * Where `run --to` leads: tcp:HOST:PORT (a name or an address, IPv6 in
 * brackets; a number or the name of a service) or unix:PATH.
 */

#include <stdbool.h>
#include <sys/socket.h>

#include "util.h"

struct sc_ctl_target {
    char *text;       /* all of it, a path being absolute; owned */
    char *host;       /* of TCP, else null; owned */
    const char *port; /* of TCP; within what host points to */
    const char *path; /* of a UNIX-domain socket, else null; within text */
};

/*
 * Returns 0, -EINVAL: not of either form; -ENOMEM; what realpath(3) has said
 * of a path. In each case sc_ctl_target_fini() is due.
 */
SC_CTL_MUST_CHECK int sc_ctl_target_init(struct sc_ctl_target *target, const char *text);
void sc_ctl_target_fini(struct sc_ctl_target *target);

/*
 * The address that a target without a name is. Returns the length, or 0: it
 * has a name, or is none that a socket could have.
 */
SC_CTL_MUST_CHECK socklen_t sc_ctl_target_address(const struct sc_ctl_target *target,
                                                  struct sockaddr_storage *address);

/* Whether the host is a name and no address. */
SC_CTL_MUST_CHECK bool sc_ctl_target_has_name(const struct sc_ctl_target *target);

#endif
