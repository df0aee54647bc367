/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_MASTER_H
#define SC_BENCH_MASTER_H

/*
 * A stand-in for master(8) at the other end of a server's status channel: a process that sleeps
 * until a status record comes and reads it, one record at a time, as master does. A server that
 * reports twice a request pays for waking somebody up each time, here as there; one that does
 * not report pays nothing.
 */

#include <sys/types.h>

/* Start one for our end of a channel. It ends at the channel's end of file. The process id, or
   -errno. */
pid_t sc_master_start(int status_fd);

#endif
