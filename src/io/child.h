/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_CHILD_H
#define SC_IO_CHILD_H

/*
 * A process of our own that was just forked to work beside the server: it is
 * rid of all that it has of its parent and does not need. A listener, a lock
 * or a client that such a process keeps open would outlive a server that is
 * killed, and stop the next one.
 *
 * To be called in the child, and before its parent goes on: a parent that is
 * killed in between would leave a child that still holds everything.
 */

#include <stddef.h>

/*
 * Closes all descriptors but the @count in @keep, which it sorts; takes a
 * name, for ps(1) to show; and blocks all signals that can be, since those of
 * a terminal or a service manager go to the parent as well. @name has at most
 * 15 bytes.
 */
void sc_child_settle(const char *name, int *keep, size_t count);

/* Takes a name only. */
void sc_child_name(const char *name);

#endif
