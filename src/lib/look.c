/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a connection is at rest, so that its next user finds nothing that
 * was meant for the last one. It is looked at, and nothing is done to it.
 *
 * A kernel that dates words by its tick cannot tell what was said last within
 * one, as on a fast network all is. Then there are three signs more. What is
 * on its way comes within a moment, on such a network. An acknowledgement that
 * came later than the far end's last word was for something that we have said
 * after it. And whoever has spoken more often than the far end is owed an
 * answer, or may be, which is enough to do without the connection.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <time.h>

#include "base/util.h"
#include "io/talk.h"
#include "scache.h"

/*
 * How long to wait for what may be coming, how often to look meanwhile, and
 * how long the far end is silent when it has come to the end of its words.
 */
enum { PATIENCE_MS = 50, STEP_MS = 5, SILENCE_MS = 10 };

static const char *const names[] = {
    [SCACHE_LOOK_IDLE] = "idle",       [SCACHE_LOOK_CLOSED] = "closed",
    [SCACHE_LOOK_UNREAD] = "unread",   [SCACHE_LOOK_UNSENT] = "unsent",
    [SCACHE_LOOK_AWAITED] = "awaited", [SCACHE_LOOK_UNKNOWN] = "unknown",
};

const char *scache_look_name(enum scache_look look)
{
    size_t index = (size_t)look;

    return names[index < SC_COUNT_OF(names) ? index : SCACHE_LOOK_UNKNOWN];
}

static long long look_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* What can be heard of it within this time; IDLE: nothing. */
static enum scache_look look_listen(int fd, int milliseconds)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN | POLLRDHUP};

    if (poll(&ready, 1, milliseconds) <= 0)
        return SCACHE_LOOK_IDLE;
    if ((ready.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
        return SCACHE_LOOK_CLOSED;
    return SCACHE_LOOK_UNREAD;
}

/* Who spoke last, as far as the clock tells; UNKNOWN: both within a tick, or it may go on. */
static enum scache_look look_who_spoke_last(const struct sc_talk *talk, uint32_t tick)
{
    if (talk->heard == 0)
        return SCACHE_LOOK_AWAITED;
    if (talk->said_ago > talk->heard_ago + tick && talk->heard_ago >= SILENCE_MS)
        return SCACHE_LOOK_IDLE;
    return talk->heard_ago > talk->said_ago + tick ? SCACHE_LOOK_AWAITED : SCACHE_LOOK_UNKNOWN;
}

/* The same by other signs, once nothing has come for a while. */
static enum scache_look look_who_seems_to_have(const struct sc_talk *talk, uint32_t tick)
{
    bool was_acked_later = talk->heard_ago > talk->acked_ago + tick;

    return was_acked_later || talk->said_times > talk->heard_times ? SCACHE_LOOK_AWAITED
                                                                   : SCACHE_LOOK_IDLE;
}

static enum scache_look look_at_once(const struct sc_talk *talk, int flags, uint32_t tick)
{
    if (talk->kind == SC_TALK_NONE)
        return SCACHE_LOOK_UNKNOWN;
    if (!talk->is_open)
        return SCACHE_LOOK_CLOSED;
    if (talk->waiting > 0)
        return SCACHE_LOOK_UNSENT;
    if (talk->kind == SC_TALK_TCP)
        return look_who_spoke_last(talk, tick);
    return (flags & SCACHE_LOOK_QUIET) != 0 ? SCACHE_LOOK_IDLE : SCACHE_LOOK_UNKNOWN;
}

/* Whether time can change it: an acknowledgement may come, or an answer. */
static bool look_may_change(enum scache_look look, const struct sc_talk *talk)
{
    return look == SCACHE_LOOK_UNSENT || (look == SCACHE_LOOK_UNKNOWN && talk->kind == SC_TALK_TCP);
}

int scache_look(int fd, int flags)
{
    long long patience = (flags & SCACHE_LOOK_NO_WAIT) != 0 ? 0 : PATIENCE_MS;
    long long start = look_now_ms();
    uint32_t tick = sc_talk_tick();
    struct sc_talk talk;

    for (long long left = patience;; left = start + patience - look_now_ms()) {
        int error = sc_talk_read(fd, &talk);
        if (error < 0)
            return error == -EBADF ? error : (int)SCACHE_LOOK_UNKNOWN;
        enum scache_look heard = talk.kind == SC_TALK_NONE ? SCACHE_LOOK_IDLE : look_listen(fd, 0);
        if (heard != SCACHE_LOOK_IDLE)
            return (int)heard;
        enum scache_look look = look_at_once(&talk, flags, tick);
        if (!look_may_change(look, &talk) || patience == 0)
            return (int)look;
        if (left <= 0)
            return (int)(look == SCACHE_LOOK_UNKNOWN ? look_who_seems_to_have(&talk, tick) : look);
        /* What it hears is found out above. */
        (void)look_listen(fd, left < STEP_MS ? (int)left : STEP_MS);
    }
}
