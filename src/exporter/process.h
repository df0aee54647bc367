/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_EXPORTER_PROCESS_H
#define SC_EXPORTER_PROCESS_H

/*
 * What the kernel tells anybody of a server's process. The number of a process
 * is that of the server's own name space, and is good only while it is known
 * that the server lives; so one whose name is not the server's is another.
 */

#include <sys/types.h>

#include "exposition.h"

/*
 * Adds processor time, resident memory, open descriptors and their limit, as
 * far as they may be read: what cannot be is left out. @proc: where proc(5)
 * is mounted. Returns 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int sc_process_add(const char *proc, pid_t process,
                                                       struct sc_exposition *exposition);

#endif
