/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_REQUEST_H
#define SC_CTL_REQUEST_H

/*
 * One request and the one line it prints, for commands and for the shell. Each
 * returns the exit code. A found connection is the caller's when `found` is
 * given, which then is valid until the next request; otherwise it is closed.
 */

#include "ctl.h"

/* What a look-up has found; the texts are the cache's. */
struct sc_ctl_found {
    int fd; /* -1: nothing */
    const char *endpoint;
    const char *endpoint_property;
    const char *destination_property;
};

/* Takes a copy of the descriptor; it stays the caller's. */
SC_CTL_MUST_CHECK int sc_ctl_save_endpoint(struct sc_ctl *ctl, const char *command, int ttl,
                                           const char *endpoint, const char *property, int fd);
SC_CTL_MUST_CHECK int sc_ctl_save_destination(struct sc_ctl *ctl, const char *command, int ttl,
                                              const char *destination, const char *property,
                                              const char *endpoint);
SC_CTL_MUST_CHECK int sc_ctl_find_endpoint(struct sc_ctl *ctl, const char *command,
                                           const char *endpoint, struct sc_ctl_found *found);
SC_CTL_MUST_CHECK int sc_ctl_find_destination(struct sc_ctl *ctl, const char *command,
                                              const char *destination, struct sc_ctl_found *found);

#endif
