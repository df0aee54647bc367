/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_INSPECT_H
#define SC_HOST_INSPECT_H

/*
 * Looking at a configuration instead of serving: --check and --print-config.
 * The rest of the command line is that of a server on its own, or that of
 * nobody in particular for the configuration of Postfix.
 */

#include <stdbool.h>

#include "host/service.h"

/* Whether a command line asks for it. */
bool sc_inspect_is_wanted(int argc, char *argv[]);

/* Does it, on standard output and error. Returns an exit status. */
int sc_inspect_run(const struct sc_program *program, int argc, char *argv[]);

#endif
