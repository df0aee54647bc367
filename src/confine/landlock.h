/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFINE_LANDLOCK_H
#define SC_CONFINE_LANDLOCK_H

/*
 * Gives up files by Landlock, as far as the kernel has it: nothing can be
 * executed, made, written to, or removed by name any more, TCP sockets neither
 * bound nor connected, and no process outside be signalled. Descriptors that
 * are open, and those that are received later, are not concerned, nor are
 * connections to local sockets.
 *
 * It holds for the calling thread and for threads and children made later, so
 * it is to be called while there is one thread.
 */

#include <stdbool.h>

#include "base/util.h"

/*
 * removable: files in this directory may be removed; null: none.
 * reads: whether files may be read by name. Needs no_new_privs. Returns 0,
 * also where the kernel has no Landlock, or a container hides it; or -errno.
 */
SC_MUST_CHECK int sc_landlock_enter(const char *removable, bool reads);

#endif
