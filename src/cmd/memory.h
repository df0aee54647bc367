/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CMD_MEMORY_H
#define SC_CMD_MEMORY_H

/*
 * How a server deals with memory: what is freed goes back to the system, and
 * the event loop, which would end the process, always gets some.
 */

/* Before anything else that allocates. */
void sc_memory_prepare(void);

#endif
