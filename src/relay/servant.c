/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Workers from outside. How many there are, and what each may have, is the
 * porter's affair.
 */
#include "relay/servant.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/cradle.h"

enum {
    PING_MS = 10 * 1000,
    PATIENCE_MS = 60 * 1000,
    WORDS_A_TURN = 32,
    RECORDS_MAX = 200, /* of its log between two pings */
};

static void servant_on_timer(struct sc_timer *timer)
{
    struct sc_servant *servant = SC_CONTAINER_OF(timer, struct sc_servant, timer);
    int64_t now = sc_loop_now(servant->loop);

    servant->records = 0;
    if (now - servant->heard_at >= PATIENCE_MS) {
        sc_log(servant->log, SC_WARNING, "user %" PRId64 ": its process does not answer: let go",
               servant->user);
        servant->hangs = true;
        servant->calls->over(servant);
        return;
    }
    (void)sc_servant_tell(servant, SC_LINK_PING);
    sc_timer_set(&servant->timer, now + PING_MS);
}

static void servant_note_log(struct sc_servant *servant, const struct sc_link_log *log)
{
    if (++servant->records <= RECORDS_MAX)
        sc_log(servant->log, log->severity > SC_WARNING ? SC_WARNING : log->severity, "%s",
               log->text);
    else if (servant->records == RECORDS_MAX + 1)
        sc_log(servant->log, SC_WARNING, "user %" PRId64 ": its process says too much",
               servant->user);
}

/* It ends when it hears that nobody is here; unless somebody is on the way to it. */
static bool servant_may_end(const struct sc_servant *servant)
{
    return servant->arrived == servant->callers;
}

/* Returns whether it is over. */
static bool servant_heed(struct sc_servant *servant, const struct sc_link_message *message,
                         int carried)
{
    servant->heard_at = sc_loop_now(servant->loop);
    servant->arrived = message->callers;
    /* It cannot have heard of more than it was asked. */
    if (message->heeded_sessions <= servant->asked_sessions)
        servant->heeded_sessions = message->heeded_sessions;
    if (message->heeded_askers <= servant->asked_askers)
        servant->heeded_askers = message->heeded_askers;
    switch (message->word) {
    case SC_LINK_COUNTS:
        servant->counts = message->counts;
        servant->calls->counted(servant);
        break;
    case SC_LINK_TALLY:
        servant->tally = message->tally;
        break;
    case SC_LINK_LOG:
        servant_note_log(servant, &message->log);
        break;
    case SC_LINK_IDLE:
        return servant_may_end(servant);
    case SC_LINK_LIST_OTHERS:
        if (carried >= 0 && servant->user == 0) {
            servant->calls->wants_list(servant, carried);
            return false;
        }
        break;
    default:
        break;
    }
    if (carried >= 0)
        close(carried);
    return false;
}

static void servant_on_link(struct sc_watch *watch, int events)
{
    struct sc_servant *servant = SC_CONTAINER_OF(watch, struct sc_servant, watch);
    struct sc_link_message message;
    int carried;
    bool over = events == SC_WATCH_REFUSED;

    for (int i = 0; i < WORDS_A_TURN && !over; i++) {
        int error = sc_link_hear(servant->fd, &message, &carried);
        if (error == -EAGAIN)
            return;
        over = error < 0 || servant_heed(servant, &message, carried);
    }
    if (over)
        servant->calls->over(servant);
}

/* A fresh worker with the settings before it on its link. */
static int servant_bear(struct sc_servant *servant, const struct sc_servant_options *options)
{
    struct sc_link_message message = {.word = SC_LINK_SETTINGS, .settings = options->settings};
    int ends[2];
    int error = sc_link_open(ends);

    if (error < 0)
        return error;
    servant->fd = ends[0];
    error = sc_link_say(servant->fd, &message, -1);
    if (error == 0)
        error = sc_cradle_ask(options->cradle, servant->user, ends[1]);
    close(ends[1]);
    return error;
}

struct sc_servant *sc_servant_new(const struct sc_servant_options *options, int *error)
{
    struct sc_servant *servant = calloc(1, sizeof(*servant));

    *error = servant ? sc_timer_init(&servant->timer, options->loop, servant_on_timer) : -ENOMEM;
    if (*error < 0) {
        free(servant);
        return NULL;
    }
    servant->calls = options->calls;
    servant->owner = options->owner;
    servant->loop = options->loop;
    servant->log = options->log;
    servant->user = options->settings.user;
    servant->fd = -1;
    servant->allowance = (struct sc_relay_allowance){
        .handshakes = options->settings.relay.handshake_limit, .sessions = true, .askers = true};
    servant->heard_at = sc_loop_now(options->loop);
    *error = servant_bear(servant, options);
    if (*error < 0) {
        sc_servant_free(servant);
        return NULL;
    }
    sc_watch_init(&servant->watch, options->loop, servant->fd, servant_on_link);
    sc_watch_want(&servant->watch, SC_WATCH_READ);
    sc_timer_set(&servant->timer, servant->heard_at + PING_MS);
    return servant;
}

void sc_servant_free(struct sc_servant *servant)
{
    if (servant->watch.loop)
        sc_watch_want(&servant->watch, SC_WATCH_NONE);
    sc_timer_fini(&servant->timer);
    if (servant->fd >= 0)
        close(servant->fd);
    free(servant);
}

int sc_servant_send(struct sc_servant *servant, int fd)
{
    const struct sc_link_message message = {.word = SC_LINK_CALLER};
    int error = sc_link_say(servant->fd, &message, fd);

    if (error == 0)
        servant->callers++;
    return error;
}

/* One that does not listen is found out by its silence. */
bool sc_servant_tell(struct sc_servant *servant, enum sc_link_word word)
{
    const struct sc_link_message message = {.word = word};

    return sc_link_say(servant->fd, &message, -1) == 0;
}

static size_t servant_without(size_t count, uint64_t asked, uint64_t heeded)
{
    uint64_t going = asked - heeded;

    return going < count ? count - (size_t)going : 0;
}

size_t sc_servant_sessions(const struct sc_servant *servant)
{
    return servant_without(servant->counts.sessions, servant->asked_sessions,
                           servant->heeded_sessions);
}

size_t sc_servant_askers(const struct sc_servant *servant)
{
    return servant_without(servant->counts.askers, servant->asked_askers, servant->heeded_askers);
}

void sc_servant_yield_session(struct sc_servant *servant)
{
    servant->asked_sessions += sc_servant_tell(servant, SC_LINK_YIELD_SESSION);
}

void sc_servant_yield_asker(struct sc_servant *servant)
{
    servant->asked_askers += sc_servant_tell(servant, SC_LINK_YIELD_ASKER);
}

void sc_servant_list(struct sc_servant *servant, int fd)
{
    const struct sc_link_message message = {.word = SC_LINK_LIST};
    int error = sc_link_say(servant->fd, &message, fd);

    (void)error;
}

void sc_servant_configure(struct sc_servant *servant, const struct sc_link_settings *settings)
{
    struct sc_link_message message = {.word = SC_LINK_SETTINGS, .settings = *settings};
    int error = sc_link_say(servant->fd, &message, -1);

    if (error < 0)
        sc_log(servant->log, SC_WARNING, "user %" PRId64 ": its process keeps its settings",
               servant->user);
}

void sc_servant_allow(struct sc_servant *servant, const struct sc_relay_allowance *allowance)
{
    const struct sc_link_message message = {.word = SC_LINK_ALLOWANCE, .allowance = *allowance};

    if (memcmp(&servant->allowance, allowance, sizeof(*allowance)) != 0 &&
        sc_link_say(servant->fd, &message, -1) == 0)
        servant->allowance = *allowance;
}
