/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_LOOKUP_H
#define SC_CTL_LOOKUP_H

/*
 * What is taken out of the cache, for commands and for the shell: a request,
 * the line that it prints, and the exit code.
 */

#include "ctl.h"

/*
 * What a look-up has found. The texts are the handle's, until its next
 * request; the descriptor is whoever's who has asked for it.
 */
struct sc_ctl_found {
    int fd; /* -1: nothing */
    const char *endpoint;
    const char *endpoint_property;
    const char *destination_property;
};

/* With @found null what was found is closed. */
SC_CTL_MUST_CHECK int sc_ctl_lookup_endpoint(struct sc_ctl *ctl, const char *command,
                                             const char *endpoint, struct sc_ctl_found *found);
SC_CTL_MUST_CHECK int sc_ctl_lookup_destination(struct sc_ctl *ctl, const char *command,
                                                const char *destination,
                                                struct sc_ctl_found *found);

#endif
