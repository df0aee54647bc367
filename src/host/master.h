/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_MASTER_H
#define SC_HOST_MASTER_H

/*
 * Runs the server as a service of Postfix's master(8): its arguments, its
 * descriptors, its configuration, its ways to log, to start and to stop. This
 * is the only place that knows master's descriptor numbers.
 */

/* Runs to the end. Returns the exit status of the process. */
int sc_master_run(int argc, char *argv[]);

#endif
