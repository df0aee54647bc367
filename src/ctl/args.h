/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_ARGS_H
#define SC_CTL_ARGS_H

/*
 * Command lines of scachectl: options before the command's name, which every
 * command knows; then the command's own, in any order with its words; then
 * "--" and a program. One table has all options, and a command names those it
 * takes by their letters, so that the same word means the same everywhere.
 *
 * What is wrong is said on standard error, once.
 */

#include "ctl.h"

/* Letters of the options that every command takes. */
#define SC_CTL_COMMON "sjmcghV"

/* Returns 0 or -ENOMEM. */
SC_CTL_MUST_CHECK int sc_ctl_args_init(struct sc_ctl_args *args, int argc);
void sc_ctl_args_fini(struct sc_ctl_args *args);

/*
 * Parses what stands before the command. Returns the place of the command in
 * argv (argc: there is none), or -EINVAL.
 */
SC_CTL_MUST_CHECK int sc_ctl_args_parse_common(struct sc_ctl *ctl, int argc, char *argv[]);

/* Parses what follows; argv[0] is the command. Returns 0 or -EINVAL. */
SC_CTL_MUST_CHECK int sc_ctl_args_parse(struct sc_ctl *ctl, const char *accepts, int argc,
                                        char *argv[]);

/* A decimal number of at least so much. What is too large for an int becomes INT_MAX. */
SC_CTL_MUST_CHECK int sc_ctl_parse_number(const char *text, int least, int *number);

#endif
