/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_PASS_H
#define SC_IO_PASS_H

/*
 * Sending and receiving on a stream UNIX-domain socket, descriptors included.
 * This is the one file that touches control messages. Nothing here blocks,
 * and nothing changes a flag of any descriptor: the sockets may be shared
 * with other processes.
 *
 * Every receive has room for descriptors, because a plain read() across the
 * byte that carries one would lose it without a word; and for as many as can
 * come, because the kernel itself closes what does not fit, then and there,
 * however long that takes. What is received is close-on-exec from birth and
 * belongs to the caller.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/util.h"

/* So many descriptors can one message carry (unix(7), SCM_RIGHTS). */
enum { SC_PASS_MAX = 253 };

struct sc_received {
    size_t length; /* 0: end of file */
    int fd;        /* the one descriptor that came, or -1 */
    bool bad;      /* more than one came, or some were lost */
    size_t surplus_count;
    int surplus[SC_PASS_MAX]; /* all that came, if that was bad: to be closed */
};

/*
 * Receives at most so many bytes. Returns 0, or -errno: -EAGAIN when nothing
 * is there yet. Input that is not a socket is read, when poll(2) says that
 * this does not block.
 */
SC_MUST_CHECK int sc_pass_receive(int socket, void *bytes, size_t size,
                                  struct sc_received *received);

/* Whether bytes are there to be received. */
bool sc_pass_has_input(int socket);

/*
 * Whether something that was sent has not been received by the other side yet,
 * bytes or what they carry. Where the kernel does not tell: no.
 */
bool sc_pass_has_unread(int socket);

/* Lets nothing more come in: to whoever sends, nobody is there any longer. */
void sc_pass_end_input(int socket);

/*
 * Sends bytes, the descriptor (-1: none) on the first of them. The caller
 * keeps its copy of the descriptor. Returns how many bytes were accepted, at
 * least one, or -errno: -EAGAIN when there is no room now; -ETOOMANYREFS when
 * too many descriptors are on their way, which passes without any event.
 * Output that is not a socket is written, and may block.
 */
SC_MUST_CHECK ssize_t sc_pass_send(int socket, struct sc_bytes bytes, int fd);

/*
 * Sends @count descriptors, at most SC_PASS_MAX, with a short message, on a
 * socket that keeps messages apart. The caller keeps its copies. 0 or -errno.
 */
SC_MUST_CHECK int sc_pass_send_all(int socket, struct sc_bytes message, const int *fds,
                                   size_t count);

#endif
