/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_SAVE_H
#define SC_CTL_SAVE_H

/*
 * What is put into the cache, for commands and for the shell: a request, the
 * line that it prints, and the exit code.
 */

#include "ctl.h"

/* Saves a copy of @fd, which stays the caller's, by the request of Postfix. */
SC_CTL_MUST_CHECK int sc_ctl_save_endpoint(struct sc_ctl *ctl, const char *command, int ttl,
                                           const char *endpoint, const char *property, int fd);
SC_CTL_MUST_CHECK int sc_ctl_save_destination(struct sc_ctl *ctl, const char *command, int ttl,
                                              const char *destination, const char *property,
                                              const char *endpoint);

#endif
