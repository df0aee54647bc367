/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client's side of SMTP, as far as a submission goes. Every reply that was
 * asked for is read; what is read is never thrown away unseen.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smtp.h"

bool smtp_on(struct smtp *s, int fd, bool pipelining)
{
    int copy = fd < 0 ? -1 : dup(fd);

    *s = (struct smtp){.fd = fd, .pipelining = pipelining, .said = "no connection\n"};
    s->out = copy < 0 ? NULL : fdopen(copy, "w");
    if (s->out)
        return true;
    if (copy >= 0)
        close(copy);
    smtp_close(s);
    return false;
}

void smtp_close(struct smtp *s)
{
    if (s->out)
        fclose(s->out);
    if (s->fd >= 0)
        close(s->fd);
    s->out = NULL;
    s->fd = -1;
}

bool smtp_is_idle(const struct smtp *s)
{
    return s->fd >= 0 && !s->lost && s->due == 0 && s->next == s->count;
}

/* Returns the next byte, or -1: there will be none. */
static int read_byte(struct smtp *s)
{
    if (s->next == s->count) {
        ssize_t length;
        do
            length = read(s->fd, s->buffer, sizeof(s->buffer));
        while (length < 0 && errno == EINTR);
        s->next = 0;
        s->count = length > 0 ? (size_t)length : 0;
    }
    return s->next < s->count ? (unsigned char)s->buffer[s->next++] : -1;
}

/* Reads one line, however long; keeps as much of it as said has room for. */
static bool read_line(struct smtp *s)
{
    size_t length = 0;
    int byte;

    do {
        byte = read_byte(s);
        if (byte >= 0 && length < sizeof(s->said) - 2)
            s->said[length++] = (char)byte;
    } while (byte >= 0 && byte != '\n');
    if (length > 0 && s->said[length - 1] != '\n')
        s->said[length++] = '\n';
    s->said[length] = '\0';
    return byte >= 0 && length >= 4;
}

/* Reads one reply, of one line or more; returns its first digit, 0 when the session is lost. */
static char read_reply(struct smtp *s)
{
    do {
        if (!read_line(s)) {
            strcpy(s->said, "the connection was lost\n");
            s->lost = true;
            return 0;
        }
        if (strncasecmp(s->said + 4, "PIPELINING", 10) == 0)
            s->pipelining = true;
    } while (s->said[3] == '-');
    /* "Closing": whatever the command was, the next one would find nobody. */
    s->lost = s->lost || strncmp(s->said, "421", 3) == 0;
    return s->said[0];
}

/* Reads the replies that are due: each is to begin with 2, the last one as hoped. */
static bool hear(struct smtp *s, char hoped)
{
    fflush(s->out);
    for (; s->due > 0; s->due--, s->good++)
        if (read_reply(s) != (s->due == 1 ? hoped : '2'))
            return false;
    return true;
}

/* Says what is made of three parts; hears the reply at once unless it may be read later. */
static bool say(struct smtp *s, char hoped, const char *a, const char *b, const char *c)
{
    fprintf(s->out, "%s%s%s", a, b, c);
    s->due++;
    return s->pipelining || hear(s, hoped);
}

static int dial(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int fd = -1;

    if (getaddrinfo(host, port, &hints, &list) != 0)
        return -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    /* Without this the end of a message would wait until its beginning is acknowledged. */
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return fd;
}

bool smtp_open(struct smtp *s, const char *host, const char *port, const char *self)
{
    if (!smtp_on(s, dial(host, port), false))
        return false;
    s->due = 1; /* The greeting. */
    return hear(s, '2') && say(s, '2', "EHLO ", self, "\r\n") && hear(s, '2');
}

bool smtp_envelope(struct smtp *s, char *const *addresses)
{
    bool ok = say(s, '2', "MAIL FROM:<", *addresses++, ">\r\n");

    while (ok && *addresses)
        ok = say(s, '2', "RCPT TO:<", *addresses++, ">\r\n");
    return ok && say(s, '3', "DATA\r\n", "", "") && hear(s, '3');
}

/*
 * Each line ends with CRLF, a dot at its start is doubled; a CR by itself, that
 * some take for the end of a line, is left out. False: not all of the message
 * could be read, and then it must not be ended like a whole one.
 */
static bool send_lines(FILE *out, FILE *message)
{
    int before = '\n', byte;

    for (; (byte = getc(message)) != EOF; before = byte) {
        if (byte == '\r')
            continue;
        if (before == '\n' && byte == '.')
            putc('.', out);
        if (byte == '\n')
            putc('\r', out);
        putc(byte, out);
    }
    if (before != '\n')
        fputs("\r\n", out);
    return !ferror(message);
}

bool smtp_message(struct smtp *s, FILE *message, const char *then)
{
    int before = s->good;

    if (!send_lines(s->out, message)) {
        strcpy(s->said, "the message could not be read\n");
        return false;
    }
    if (say(s, '2', ".\r\n", "", "") && strcmp(then, "QUIT") != 0) {
        if (say(s, '2', then, "\r\n", ""))
            (void)hear(s, '2');
    } else {
        /* Nobody has to wait for the answer to QUIT. */
        fputs("QUIT\r\n", s->out);
        (void)hear(s, '2');
    }
    return s->good > before;
}
