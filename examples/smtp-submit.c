/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Submits a message, read from standard input, in the manner of sendmail. The
 * SMTP session outlives the process, and the next one goes on with it:
 *
 *     smtp-submit [-n] [-f SENDER] HOST PORT RECIPIENT... <MESSAGE
 *
 * A session is passivated in the state that follows RSET: no transaction, no
 * reply due. Whoever takes it starts with MAIL and sends no EHLO, RSET or NOOP
 * first: scache has just looked whether the far end closed it or spoke ("421
 * timeout"); what happens after that look, MAIL will show, and then another
 * session is used. With -n there is no cache: the session ends with QUIT.
 *
 * WHAT BELONGS INTO THE LABEL. The host as the user named it, and the port;
 * and all else that makes two sessions unequal: the name given with EHLO, and
 * that there is no TLS and no log-in. Who logs in adds the user's name, never
 * the password. A session inside TLS cannot be handed over by its descriptor:
 * the keys stay in the process. The PROPERTY is what EHLO has taught.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <scache.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { TTL = 60 }; /* Seconds. Receivers wait for five minutes (RFC 5321). */

struct session {
    FILE *in, *out; /* One socket; null: there is none. */
    int pipelining; /* Replies may be read later. */
    int due;        /* Replies not yet read. */
    int good;       /* Replies that were as hoped, so far. */
    char said[600]; /* The last line of the last reply. */
};

static struct session session_on(int fd)
{
    return (struct session){.in = fd < 0 ? NULL : fdopen(fd, "r"),
                            .out = fd < 0 ? NULL : fdopen(dup(fd), "w"),
                            .said = "no connection\n"};
}

static void session_close(struct session *s)
{
    fclose(s->in);
    fclose(s->out);
    s->in = NULL;
}

/* Reads the replies that are due: 2xx all but the last, which is as hoped. */
static int hear(struct session *s, char hoped)
{
    fflush(s->out);
    for (; s->due > 0; s->due--, s->good++) {
        do {
            if (!fgets(s->said, sizeof(s->said), s->in) || strlen(s->said) < 4)
                return 0;
            if (strncasecmp(s->said + 4, "PIPELINING", 10) == 0)
                s->pipelining = 1;
        } while (s->said[3] == '-');
        if (s->said[0] != (s->due == 1 ? hoped : '2'))
            return 0;
    }
    return 1;
}

/* Says a line or more of three parts; hears the reply unless that may be read later. */
static int say(struct session *s, char hoped, const char *a, const char *b, const char *c)
{
    fprintf(s->out, "%s%s%s", a, b, c);
    s->due++;
    return s->pipelining || hear(s, hoped);
}

static struct session session_open(const char *host, const char *port, const char *self)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int fd = -1;

    getaddrinfo(host, port, &hints, &list);
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    struct session s = session_on(fd);
    s.due = 1; /* The greeting. */
    if (s.in && hear(&s, '2') && say(&s, '2', "EHLO ", self, "\r\n") && hear(&s, '2'))
        return s;
    fprintf(stderr, "smtp-submit: %s port %s: %s", host, port, s.said);
    exit(EX_TEMPFAIL);
}

/* The message as it goes over the wire: CRLF, a dot doubled at the start of a line, a last dot. */
static char *read_message(void)
{
    char *line = NULL, *text = NULL;
    size_t room = 0, size = 0;
    FILE *out = open_memstream(&text, &size);

    while (getline(&line, &room, stdin) > 0)
        fprintf(out, "%s%.*s\r\n", line[0] == '.' ? "." : "", (int)strcspn(line, "\r\n"), line);
    fputs(".\r\n", out);
    fclose(out);
    free(line);
    return text;
}

static int say_envelope(struct session *s, char *const *addresses)
{
    int ok = say(s, '2', "MAIL FROM:<", *addresses++, ">\r\n");

    while (ok && *addresses)
        ok = say(s, '2', "RCPT TO:<", *addresses++, ">\r\n");
    return ok && say(s, '3', "DATA\r\n", "", "") && hear(s, '3');
}

static struct session session_take(struct scache *cache, const char *label)
{
    struct scache_result found;

    scache_take(cache, NULL, (const char *[]){label, NULL}, &found);
    struct session s = session_on(found.fd);
    s.pipelining = strcmp(found.endpoint_property, "PIPELINING") == 0;
    return s;
}

static const char *describe(const char *host, const char *port, const char *self)
{
    struct scache_label *label = scache_label_new();

    scache_label_add(label, "service", "smtp-submit");
    scache_label_add(label, "host", host);
    scache_label_add(label, "port", port);
    scache_label_add(label, "ehlo", self);
    scache_label_add(label, "tls", "none");
    return scache_label_text(label);
}

int main(int argc, char **argv)
{
    int use_cache = argc < 2 || strcmp(argv[1], "-n") != 0, taken, ready, idle = 0;
    char **words = use_cache ? argv : argv + 1, self[256] = "localhost";

    if (argc - (words - argv) < 5 || strpbrk(words[3], "\r\n"))
        return EX_USAGE;
}
