/* SPDX-License-Identifier: BSD-2-Clause */
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smtp.h"

struct smtp smtp_on(int fd, bool pipelining)
{
    int copy = fd < 0 ? -1 : dup(fd);

    return (struct smtp){.in = fd < 0 ? NULL : fdopen(fd, "r"),
                         .out = copy < 0 ? NULL : fdopen(copy, "w"),
                         .pipelining = pipelining,
                         .said = "no connection\n"};
}

void smtp_close(struct smtp *s)
{
    if (s->in)
        fclose(s->in);
    if (s->out)
        fclose(s->out);
    s->in = s->out = NULL;
}

int smtp_fd(const struct smtp *s)
{
    return fileno(s->in);
}

/* Reads one reply, of one line or more; returns its first digit, 0 when the session is lost. */
static char read_reply(struct smtp *s)
{
    do {
        if (!fgets(s->said, sizeof(s->said), s->in) || strlen(s->said) < 4) {
            strcpy(s->said, "the connection was lost\n");
            return 0;
        }
        if (strncasecmp(s->said + 4, "PIPELINING", 10) == 0)
            s->pipelining = true;
    } while (s->said[3] == '-');
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
    *s = smtp_on(dial(host, port), false);
    s->due = 1; /* The greeting. */
    return s->in && s->out && hear(s, '2') && say(s, '2', "EHLO ", self, "\r\n") && hear(s, '2');
}

bool smtp_envelope(struct smtp *s, char *const *addresses)
{
    bool ok = say(s, '2', "MAIL FROM:<", *addresses++, ">\r\n");

    while (ok && *addresses)
        ok = say(s, '2', "RCPT TO:<", *addresses++, ">\r\n");
    return ok && say(s, '3', "DATA\r\n", "", "") && hear(s, '3');
}

/* Each line ends with CRLF, a dot at its start is doubled, a dot alone ends the message. */
static void send_lines(FILE *out, FILE *message)
{
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, message) > 0)
        fprintf(out, "%s%.*s\r\n", line[0] == '.' ? "." : "", (int)strcspn(line, "\r\n"), line);
    free(line);
}

bool smtp_message(struct smtp *s, FILE *message, const char *then)
{
    int before = s->good;

    send_lines(s->out, message);
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
