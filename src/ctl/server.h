/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_SERVER_H
#define SC_CTL_SERVER_H

/*
 * Which server is meant, and whether it is there. To a program the library
 * says only that it missed, which is all that a program needs; whoever sits at
 * a terminal wants to know why. So after a miss this looks whether the socket
 * can be connected to and the server greets, which asks for nothing and is in
 * no statistics. It decides about a message and an exit code, nothing else.
 */

#include "ctl.h"

enum { SC_CTL_PLACE_SIZE = 256 };

/* Opens a handle as the options say; null and errno when that fails. */
SC_CTL_MUST_CHECK struct scache *sc_ctl_server_open(const struct sc_ctl_args *args);

/* Where the server is looked for, by the rules of scache_open(). */
void sc_ctl_server_place(const struct sc_ctl_args *args, char *text, size_t size);

/* Why nobody answers, or null: somebody does. */
SC_CTL_MUST_CHECK const char *sc_ctl_server_why_away(const struct sc_ctl_args *args);

#endif
