/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_MASTER_H
#define SC_HOST_MASTER_H

/*
 * Runs the services of a program as a service of Postfix's master(8): its arguments, its
 * descriptors, its configuration, its ways to log, to start and to stop. This
 * is the only place that knows master's descriptor numbers.
 */

#include "host/service.h"

/* Runs to the end. Returns the exit status of the process. */
int sc_master_run(const struct sc_program *program, int argc, char *argv[]);

#endif
