/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_FLOOR_H
#define SC_BENCH_FLOOR_H

/*
 * The yardstick: the least that any server of this protocol can do. One thread, one epoll set,
 * canned replies, one stack of descriptors for everybody. Of a request only its name is looked
 * at; a client is trusted to send whole requests and nothing out of turn. It never checks,
 * stores, expires or logs anything, so the time it takes is the kernel's.
 *
 * The system calls are those that the exchanges need: epoll_wait, recvmsg with room for a
 * descriptor, send or sendmsg, and close of a descriptor that has been handed on.
 */

/* Serve on an open listening socket until a TERM signal, or end of file on `status_fd` (-1: there
   is none). Returns an exit status. */
int sc_floor_run(int listen_fd, int status_fd);

#endif
