/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Submits a message, read from standard input, in the manner of sendmail. The
 * SMTP session outlives the process, and the next one goes on with it:
 *
 *     smtp-submit [-n] HOST PORT SENDER RECIPIENT... <MESSAGE
 *
 * A session is passivated in the state that follows RSET: no transaction, no
 * reply due. Whoever takes it starts with MAIL and sends no EHLO, RSET or NOOP
 * first: scache has just looked whether the far end closed it or spoke ("421
 * timeout"); what happens after that look, MAIL will show, and then another
 * session is used. A session in which anything was read beyond the reply to
 * RSET is in another state, and ends. With -n there is no cache: the session
 * ends with QUIT.
 *
 * WHAT BELONGS INTO THE LABEL. The host as the user named it, and the port, in
 * this network: localhost is another place in each container. And all else
 * that makes two sessions unequal: the name given with EHLO, and that there is
 * no TLS and nobody is logged in. Who logs in adds the user's name, never the
 * password. A session inside TLS cannot be handed over by its descriptor: the
 * keys stay in the process. The PROPERTY is what the next one must know to go
 * on: what EHLO has taught.
 */
#include <scache.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "smtp.h"
#include "standard.h"

enum { TTL = 60 }; /* Seconds. A receiver's patience is 300 (RFC 5321, 4.5.3.2.7). */

/* Without memory there is no label, and then all calls of the cache miss. */
static void describe(struct scache_label *label, const char *host, const char *port,
                     const char *self)
{
    scache_label_add(label, "service", "smtp-submit");
    scache_label_add_host(label, host, port);
    scache_label_add(label, "ehlo", self);
    scache_label_add(label, "tls", "none");
    scache_label_add(label, "user", "");
}

/* Re-activates a session that an earlier process has left. */
static bool take_session(struct smtp *s, struct scache *cache, const char *label)
{
    int fd;

    if (scache_take(cache, &fd, label) != SCACHE_DONE)
        return false;
    return smtp_on(s, fd, strcmp(scache_found_property(cache), "PIPELINING") == 0);
}

/* Passivates it. The cache gets a descriptor of its own, and closes that when nobody comes. */
static void put_session(struct smtp *s, struct scache *cache, const char *label)
{
    scache_put(cache, dup(s->fd), label, s->pipelining ? "PIPELINING" : "", TTL);
}

/* Finds a session, or opens one, that takes sender and recipients. */
static bool begin(struct smtp *s, struct scache *cache, const char *label, char *const *words,
                  const char *self)
{
    while (take_session(s, cache, label)) {
        if (smtp_envelope(s, words + 2))
            return true;
        if (!s->lost)
            return false; /* It is alive: what was refused is a sender or a recipient. */
        smtp_close(s);    /* No message was on its way yet, so another one may begin anew. */
    }
    return smtp_open(s, words[0], words[1], self) && smtp_envelope(s, words + 2);
}

static int submit(struct scache *cache, const char *label, char *const *words, const char *self)
{
    struct smtp session = {.fd = -1};
    bool sent = begin(&session, cache, label, words, self) &&
                smtp_message(&session, stdin, cache ? "RSET" : "QUIT");

    if (!sent)
        fprintf(stderr, "smtp-submit: %s port %s: %s", words[0], words[1], session.said);
    else if (cache && smtp_is_idle(&session))
        put_session(&session, cache, label);
    smtp_close(&session);
    return sent ? EX_OK : session.said[0] == '5' ? EX_UNAVAILABLE : EX_TEMPFAIL;
}

int main(int argc, char **argv)
{
    open_standard();
    bool use_cache = argc < 2 || strcmp(argv[1], "-n") != 0;
    char **words = argv + (use_cache ? 1 : 2), self[256] = "localhost";
    int status = argv + argc - words < 4 ? EX_USAGE : EX_OK;

    /* An address with a line's end in it would be a command of its own. */
    for (char **word = words; status == EX_OK && *word; word++)
        status = strpbrk(*word, "\r\n") ? EX_USAGE : EX_OK;
    if (status != EX_OK) {
        fputs("usage: smtp-submit [-n] HOST PORT SENDER RECIPIENT... <MESSAGE\n", stderr);
        return status;
    }
    signal(SIGPIPE, SIG_IGN);
    alarm(300);
    gethostname(self, sizeof(self) - 1);

    struct scache_label *label = scache_label_new();
    struct scache *cache = use_cache ? scache_open(NULL) : NULL;
    describe(label, words[0], words[1], self);
    status = submit(cache, scache_label_text(label), words, self);
    scache_close(cache);
    scache_label_free(label);
    return status;
}
