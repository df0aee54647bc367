/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decides about a connection that comes back from a program. The look at it is
 * the library's; what the user has promised is added here.
 */
#include "verdict.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "scache.h"

/* How long the library waits for an answer, too. */
enum { GREETING_MS = 50 };

static const struct {
    const char *name;
    const char *sentence;
} verdicts[] = {
    [SC_CTL_KEEP] = {"none", ""},
    [SC_CTL_FAILED] = {"failed", "the program has failed"},
    [SC_CTL_CLOSED] = {"closed", "one end or the other has closed it"},
    [SC_CTL_UNREAD] = {"unread", "something came that the program has not read"},
    [SC_CTL_UNSENT] = {"unsent", "the far end has not got all that the program has said"},
    [SC_CTL_AWAITED] = {"awaited", "the program spoke last, so an answer may be on its way"},
    [SC_CTL_UNKNOWN] = {"unknown", "nobody knows who spoke last; --quiet-protocol if it does "
                                   "not matter"},
    [SC_CTL_CHANGED] = {"changed", "the program has set an option that cannot be undone"},
    [SC_CTL_OLD] = {"old", "it has reached --max-age"},
    [SC_CTL_USED_UP] = {"used up", "it has reached --max-uses"},
    [SC_CTL_UNNAMED] = {"unnamed", "what it is cannot be told from others"},
};

const char *sc_ctl_verdict_name(enum sc_ctl_verdict verdict)
{
    return verdicts[verdict].name;
}

const char *sc_ctl_verdict_explain(enum sc_ctl_verdict verdict)
{
    return verdicts[verdict].sentence;
}

struct sc_ctl_talk sc_ctl_talk_of(int fd)
{
    struct tcp_info info;
    socklen_t size = sizeof(info);

    memset(&info, 0, sizeof(info));
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
        return (struct sc_ctl_talk){0};
    /* An older kernel does not count what was said (before Linux 4.19). */
    return (struct sc_ctl_talk){
        .is_known = size >= offsetof(struct tcp_info, tcpi_bytes_sent) + sizeof(uint64_t),
        .said = info.tcpi_bytes_sent,
        .heard = info.tcpi_bytes_received,
    };
}

/* A connection on which nothing was said is what it was before. */
static bool verdict_is_untouched(int fd, const struct sc_ctl_talk *before)
{
    struct sc_ctl_talk now = sc_ctl_talk_of(fd);

    return before->is_known && now.is_known && now.said == before->said &&
           now.heard == before->heard;
}

/* One that was just opened may be greeted; what comes then is for whoever is next. */
static bool verdict_will_be_greeted(int fd, const struct sc_ctl_talk *before)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    return before->heard == 0 && poll(&ready, 1, GREETING_MS) > 0;
}

/* The program spoke last, or nobody has ever spoken. */
static enum sc_ctl_verdict verdict_of_awaited(int fd, const struct sc_ctl_talk *before,
                                              bool is_quiet)
{
    if (is_quiet)
        return SC_CTL_KEEP;
    if (!verdict_is_untouched(fd, before))
        return SC_CTL_AWAITED;
    return verdict_will_be_greeted(fd, before) ? SC_CTL_UNREAD : SC_CTL_KEEP;
}

enum sc_ctl_verdict sc_ctl_verdict_of(int fd, const struct sc_ctl_talk *before, bool is_quiet)
{
    int look = scache_look(fd, is_quiet ? SCACHE_LOOK_QUIET : 0);

    switch (look) {
    case SCACHE_LOOK_IDLE:
        return SC_CTL_KEEP;
    case SCACHE_LOOK_CLOSED:
        return SC_CTL_CLOSED;
    case SCACHE_LOOK_UNREAD:
        return SC_CTL_UNREAD;
    case SCACHE_LOOK_UNSENT:
        return SC_CTL_UNSENT;
    case SCACHE_LOOK_AWAITED:
        return verdict_of_awaited(fd, before, is_quiet);
    default:
        return SC_CTL_UNKNOWN;
    }
}
