/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_ENTRY_H
#define SC_HOST_ENTRY_H

/*
 * The way into every program that consists of services: what its command line
 * asks for decides who starts them, or that nothing is started at all.
 */

#include "host/service.h"

/* Returns the exit status of the process. */
int sc_entry_run(const struct sc_program *program, int argc, char *argv[]);

#endif
