/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXAMPLES_SMTP_H
#define EXAMPLES_SMTP_H

/*
 * As much SMTP as smtp-submit needs: the library at hand, as libcurl and
 * hiredis are for the other examples. It knows nothing of caches.
 *
 * A session owns its socket and two streams on it. After smtp_reset() nothing
 * is buffered in either and no reply is due, so that another process can go
 * on with the socket. When the receiver offers PIPELINING, commands go out
 * together, as RFC 2920 says. There is no TLS and no log-in here.
 */

#include <stdbool.h>
#include <stdio.h>

struct smtp {
    FILE *in, *out;
    bool pipelining; /* The receiver offered it. */
    int due;         /* Replies that were not read yet. */
    int good;        /* Replies that were as hoped. */
    char said[600];  /* The last line of the last reply, or why there is none. */
};

/* A session on a connected socket, which is consumed. */
struct smtp smtp_on(int fd, bool pipelining);

/* Connects, hears the greeting, says EHLO. False: said tells why. */
bool smtp_open(struct smtp *s, const char *host, const char *port, const char *self);
void smtp_close(struct smtp *s);
int smtp_fd(const struct smtp *s);

/* MAIL with the first address, RCPT with the others, DATA. False when one was refused. */
bool smtp_envelope(struct smtp *s, char *const *addresses);

/* Sends a message from a file, and after it RSET or QUIT. True: it was accepted. */
bool smtp_message(struct smtp *s, FILE *message, const char *then);

#endif
