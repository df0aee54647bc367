/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXAMPLES_SMTP_H
#define EXAMPLES_SMTP_H

/*
 * As much SMTP as smtp-submit needs: the library at hand, as libcurl and
 * hiredis are for the other examples. It knows nothing of caches.
 *
 * A session owns its socket, a stream to write on, and what was read but not
 * looked at yet. That is why it reads without stdio: a stream does not tell
 * what it has read ahead, and a session may be passed on only if that is
 * nothing. When the receiver offers PIPELINING, commands go out together, as
 * RFC 2920 says. There is no TLS and no log-in here.
 */

#include <stdbool.h>
#include <stdio.h>

struct smtp {
    int fd;             /* -1: there is no session. */
    FILE *out;          /* On a descriptor of its own. */
    bool pipelining;    /* The receiver offered it. */
    bool lost;          /* It has ended, or says that it will (421). */
    int due;            /* Replies that were not read yet. */
    int good;           /* Replies that were as hoped. */
    char said[600];     /* The last line of the last reply, or why there is none. */
    char buffer[4096];  /* What was read: the next byte is at `next`. */
    size_t next, count; /* All of it has been looked at when they are equal. */
};

/* Makes a session of a connected socket, which is consumed. False: no memory. */
bool smtp_on(struct smtp *s, int fd, bool pipelining);

/* Connects, hears the greeting, says EHLO. False: said tells why. */
bool smtp_open(struct smtp *s, const char *host, const char *port, const char *self);
void smtp_close(struct smtp *s);

/* Whether no reply is due and nothing was read ahead: another process can go on with the socket. */
bool smtp_is_idle(const struct smtp *s);

/* MAIL with the first address, RCPT with the others, DATA. False when one was refused. */
bool smtp_envelope(struct smtp *s, char *const *addresses);

/* Sends a message from a file, and after it RSET or QUIT. True: it was accepted. */
bool smtp_message(struct smtp *s, FILE *message, const char *then);

#endif
