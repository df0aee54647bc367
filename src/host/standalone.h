/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_STANDALONE_H
#define SC_HOST_STANDALONE_H

/*
 * Runs the services of a program on their own: with a socket that it makes
 * itself, or with the sockets of a service manager that follows systemd's
 * documented protocol (LISTEN_FDS, NOTIFY_SOCKET). It stays in the foreground
 * and logs to standard error.
 */

#include <stdbool.h>

#include "host/service.h"

/* Whether these arguments, or the environment, ask for this way of running. */
bool sc_standalone_is_wanted(int argc, char *argv[]);

/* Runs to the end. Returns the exit status of the process. */
int sc_standalone_run(const struct sc_program *program, int argc, char *argv[]);

#endif
