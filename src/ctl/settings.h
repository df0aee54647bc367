/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_SETTINGS_H
#define SC_CTL_SETTINGS_H

/*
 * What a program can set on a connection, and what the next one would meet:
 * flags of the open file, and options of the socket. As new is what a socket
 * of the same kind has that was just made.
 *
 * Some cannot be undone: a filter that is locked, TLS in the kernel, sizes of
 * buffers. Of these, sizes do no harm, and are left.
 */

#include <stdbool.h>

/*
 * Puts everything back that can be. False: something is left that changes
 * what the next program would read or write. What is no socket has flags only.
 */
bool sc_ctl_settings_reset(int fd);

#endif
