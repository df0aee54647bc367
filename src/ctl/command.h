/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_COMMAND_H
#define SC_CTL_COMMAND_H

/*
 * The table of commands: which options and words each takes, and what runs it.
 */

#include "ctl.h"

struct sc_ctl_command {
    const char *name;
    uint64_t takes; /* options */
    int words_min;
    int words_max;     /* -1: any number */
    const char *words; /* what they are, for who gave too few */
    bool takes_program;
    bool uses_cache; /* it talks to the socket of the cache, and has a handle for it */
    int (*run)(struct sc_ctl *ctl);
};

/* Null: there is no such command. */
const struct sc_ctl_command *sc_ctl_command_find(const char *name);

/* Whether the words of a command line are such as the command takes; what to exit with if not. */
SC_CTL_MUST_CHECK int sc_ctl_command_check(const struct sc_ctl_command *command,
                                           const struct sc_ctl *ctl);

#endif
