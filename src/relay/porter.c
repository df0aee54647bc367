/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who comes in, and to which worker he is sent. What is said there is never
 * heard here.
 */
#include "relay/porter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/accept.h"
#include "io/peer.h"
#include "loop/listener.h"
#include "relay/cradle.h"
#include "relay/servant.h"

enum { LISTENERS_MAX = 64, CLOSING_MS = 10 };

struct sc_porter {
    struct sc_porter_options options;
    struct sc_listener listeners[LISTENERS_MAX];
    size_t listener_count;
    struct sc_servant_list servants;
    size_t servant_count;
    struct sc_watch cradle;
    struct sc_turn turn;
    struct sc_timer closing; /* goes on with it */
    struct sc_tally tally;   /* of those that have gone, and our own */
    uint64_t instance;       /* of the last worker */
    bool draining;
    struct sc_log_limit refused, failed, crowded;
};

static int64_t porter_now(const struct sc_porter *porter)
{
    return sc_loop_now(porter->options.loop);
}

/* --- limits --------------------------------------------------------------- */

static struct sc_relay_counts porter_sum(const struct sc_porter *porter, size_t *shaking)
{
    struct sc_relay_counts sum = {0};
    const struct sc_servant *servant;

    *shaking = 0;
    LIST_FOREACH (servant, &porter->servants, link) {
        sum.askers += sc_servant_askers(servant);
        sum.sessions += sc_servant_sessions(servant);
        sum.handshakes += servant->counts.handshakes;
        *shaking += servant->counts.handshakes > 0;
    }
    return sum;
}

/* One resource that users share: how much of it each has, and how one is made to give some up. */
struct porter_kind {
    size_t (*of)(const struct sc_servant *servant);
    void (*yield)(struct sc_servant *servant);
};

static const struct porter_kind porter_sessions = {sc_servant_sessions, sc_servant_yield_session};
static const struct porter_kind porter_askers = {sc_servant_askers, sc_servant_yield_asker};

static bool porter_has_most(const struct sc_porter *porter, const struct sc_servant *wanted,
                            const struct porter_kind *kind)
{
    const struct sc_servant *servant;

    LIST_FOREACH (servant, &porter->servants, link)
        if (kind->of(servant) > kind->of(wanted))
            return false;
    return true;
}

/* Asks the first of those who have most for one, when there are too many. */
static void porter_make_room(struct sc_porter *porter, size_t number, size_t limit,
                             const struct porter_kind *kind)
{
    struct sc_servant *servant;

    if (limit == 0 || number <= limit)
        return;
    LIST_FOREACH (servant, &porter->servants, link)
        if (porter_has_most(porter, servant, kind)) {
            kind->yield(servant);
            return;
        }
}

/* What each may have now: who has most, when all is taken, has to give one up for another. */
static void porter_share(struct sc_porter *porter)
{
    const struct sc_relay_settings *settings = &porter->options.settings;
    size_t shaking;
    struct sc_relay_counts sum = porter_sum(porter, &shaking);
    size_t handshakes = settings->handshake_limit / (shaking > 0 ? shaking : 1);
    struct sc_servant *servant;

    LIST_FOREACH (servant, &porter->servants, link) {
        struct sc_relay_allowance allowance;
        memset(&allowance, 0, sizeof(allowance)); /* It is compared with its gaps. */
        allowance.handshakes = handshakes > 0 ? handshakes : 1;
        allowance.sessions = settings->session_limit == 0 ||
                             sum.sessions < settings->session_limit ||
                             !porter_has_most(porter, servant, &porter_sessions);
        allowance.askers = sum.askers < settings->client_limit ||
                           !porter_has_most(porter, servant, &porter_askers);
        sc_servant_allow(servant, &allowance);
    }
    porter_make_room(porter, sum.sessions, settings->session_limit, &porter_sessions);
    porter_make_room(porter, sum.askers, settings->client_limit, &porter_askers);
}

/* --- servants ------------------------------------------------------------- */

static void porter_on_counted(struct sc_servant *servant)
{
    porter_share(servant->owner);
}

static void porter_on_list(struct sc_servant *wants, int fd)
{
    struct sc_porter *porter = wants->owner;
    struct sc_servant *servant;

    LIST_FOREACH (servant, &porter->servants, link)
        if (servant != wants)
            sc_servant_list(servant, fd);
    close(fd);
}

static void porter_on_over(struct sc_servant *servant)
{
    struct sc_porter *porter = servant->owner;

    if (servant->hangs && servant->process > 0 &&
        sc_cradle_kill(porter->options.cradle, servant->process) < 0)
        sc_log(porter->options.log, SC_WARNING, "cannot end the process %ld",
               (long)servant->process);
    sc_tally_merge(&porter->tally, &servant->tally);
    LIST_REMOVE(servant, link);
    porter->servant_count--;
    sc_servant_free(servant);
    porter_share(porter);
    if (porter->draining && porter->servant_count == 0)
        porter->options.drained(porter->options.context);
}

static const struct sc_servant_calls servant_calls = {
    .counted = porter_on_counted,
    .wants_list = porter_on_list,
    .over = porter_on_over,
};

static struct sc_link_settings porter_settings(const struct sc_porter *porter, int64_t user)
{
    struct sc_link_settings settings;

    memset(&settings, 0, sizeof(settings));
    settings.relay = porter->options.settings;
    settings.user = user;
    settings.instance = porter->instance;
    settings.verbosity = porter->options.log->verbosity;
    return settings;
}

static struct sc_servant *porter_hire(struct sc_porter *porter, int64_t user, int *error)
{
    porter->instance++;
    struct sc_servant_options options = {
        .calls = &servant_calls,
        .owner = porter,
        .loop = porter->options.loop,
        .log = porter->options.log,
        .settings = porter_settings(porter, user),
        .cradle = porter->options.cradle,
    };
    struct sc_servant *servant = sc_servant_new(&options, error);

    if (!servant)
        return NULL;
    LIST_INSERT_HEAD(&porter->servants, servant, link);
    porter->servant_count++;
    return servant;
}

static struct sc_servant *porter_find(struct sc_porter *porter, int64_t user, int *error)
{
    struct sc_servant *servant;

    *error = 0;
    LIST_FOREACH (servant, &porter->servants, link)
        if (servant->user == user)
            return servant;
    return porter_hire(porter, user, error);
}

/* --- the cradle ------------------------------------------------------------ */

static void porter_note_end(struct sc_porter *porter, const struct sc_birth *birth)
{
    if (WIFSIGNALED(birth->status))
        sc_log(porter->options.log, SC_WARNING,
               "user %" PRId64 ": its process %ld was ended by signal %d: its sessions are lost",
               birth->user, (long)birth->process, WTERMSIG(birth->status));
}

static void porter_note_birth(struct sc_porter *porter, const struct sc_birth *birth)
{
    struct sc_servant *servant;

    LIST_FOREACH (servant, &porter->servants, link)
        if (servant->user == birth->user && servant->process == 0) {
            if (birth->process > 0)
                servant->process = birth->process;
            break;
        }
    if (birth->process < 0)
        sc_log_limited(porter->options.log, &porter->failed, porter_now(porter), SC_WARNING,
                       "no process for user %" PRId64 ": %s", birth->user,
                       strerror(-birth->process));
}

static void porter_on_cradle(struct sc_watch *watch, int events)
{
    struct sc_porter *porter = SC_CONTAINER_OF(watch, struct sc_porter, cradle);
    struct sc_birth birth;

    (void)events;
    int error = sc_cradle_hear(porter->options.cradle, &birth);
    if (error == 0 && birth.ended)
        porter_note_end(porter, &birth);
    else if (error == 0)
        porter_note_birth(porter, &birth);
    if (error != -EPIPE)
        return;
    sc_watch_want(watch, SC_WATCH_NONE);
    sc_log(porter->options.log, SC_WARNING,
           "the process has gone that others are made from: new users are not served");
}

/* --- coming in ---------------------------------------------------------------- */

/* What he has sent already may hold anything. */
static void porter_close(struct sc_porter *porter, int fd, int64_t user)
{
    sc_closer_take(porter->options.closer, fd, SC_PEER_SOCKET, user);
}

static void porter_on_turn_end(struct sc_turn *turn)
{
    struct sc_porter *porter = SC_CONTAINER_OF(turn, struct sc_porter, turn);

    sc_closer_flush(porter->options.closer, porter_now(porter));
    if (sc_closer_pending(porter->options.closer) > 0)
        sc_timer_set(&porter->closing, porter_now(porter) + CLOSING_MS);
}

/* That there is a turn is all that it is for. */
static void porter_on_closing(struct sc_timer *timer)
{
    (void)timer;
}

/*
 * Our copy is never the last one when it is passed on: the worker has, or the
 * link, another.
 */
static int porter_pass_on(struct sc_porter *porter, int fd, int64_t user)
{
    int error;
    struct sc_servant *servant = porter_find(porter, user, &error);

    if (!servant)
        return error;
    error = sc_servant_send(servant, fd);
    if (error != -EPIPE && error != -ECONNRESET)
        return error;
    /* It has just ended, and that was not heard of yet. */
    porter_on_over(servant);
    servant = porter_find(porter, user, &error);
    return servant ? sc_servant_send(servant, fd) : error;
}

static void porter_on_caller(struct sc_listener *listener, int fd)
{
    struct sc_porter *porter = listener->owner;
    int64_t user, process;

    sc_accept_peer(fd, &user, &process);
    bool admitted = user >= 0 && porter->options.admit(porter->options.context, fd, user);
    int error = admitted ? porter_pass_on(porter, fd, user) : -EACCES;
    if (error < 0)
        sc_tally_add(&porter->tally, SC_TALLY_CLIENTS_REFUSED, 1);
    if (error < 0 && admitted)
        sc_log_limited(porter->options.log, &porter->refused, porter_now(porter), SC_WARNING,
                       "user %" PRId64 ": cannot be served: %s", user, strerror(-error));
    porter_close(porter, fd, user);
}

static void porter_on_failure(struct sc_listener *listener, int error)
{
    struct sc_porter *porter = listener->owner;

    sc_log_limited(porter->options.log, &porter->crowded, porter_now(porter), SC_WARNING,
                   "cannot accept a client: %s; trying again", strerror(-error));
}

static const struct sc_listener_calls listener_calls = {
    .came = porter_on_caller,
    .failed = porter_on_failure,
};

int sc_porter_new(struct sc_porter **porter, const struct sc_porter_options *options)
{
    struct sc_porter *fresh = calloc(1, sizeof(*fresh));

    if (!fresh || sc_timer_init(&fresh->closing, options->loop, porter_on_closing) < 0) {
        free(fresh);
        close(options->cradle);
        return -ENOMEM;
    }
    fresh->options = *options;
    fresh->instance = options->instance;
    LIST_INIT(&fresh->servants);
    sc_watch_init(&fresh->cradle, options->loop, options->cradle, porter_on_cradle);
    sc_watch_want(&fresh->cradle, SC_WATCH_READ);
    fresh->turn.end = porter_on_turn_end;
    sc_turn_add(&fresh->turn, options->loop);
    *porter = fresh;
    return 0;
}

static void porter_stop_listening(struct sc_porter *porter)
{
    for (size_t i = 0; i < porter->listener_count; i++)
        sc_listener_stop(&porter->listeners[i]);
}

void sc_porter_free(struct sc_porter *porter)
{
    struct sc_servant *servant;

    if (!porter)
        return;
    for (size_t i = 0; i < porter->listener_count; i++)
        sc_listener_fini(&porter->listeners[i]);
    while ((servant = LIST_FIRST(&porter->servants))) {
        LIST_REMOVE(servant, link);
        sc_servant_free(servant);
    }
    sc_turn_remove(&porter->turn, porter->options.loop);
    sc_timer_fini(&porter->closing);
    sc_watch_want(&porter->cradle, SC_WATCH_NONE);
    close(porter->options.cradle);
    free(porter);
}

int sc_porter_listen(struct sc_porter *porter, int fd)
{
    if (porter->listener_count == LISTENERS_MAX)
        return -EMFILE;
    int error = sc_listener_init(&porter->listeners[porter->listener_count], porter->options.loop,
                                 fd, &listener_calls, porter);
    if (error == 0)
        porter->listener_count++;
    return error;
}

void sc_porter_configure(struct sc_porter *porter, const struct sc_relay_settings *settings)
{
    struct sc_servant *servant;

    porter->options.settings = *settings;
    LIST_FOREACH (servant, &porter->servants, link) {
        struct sc_link_settings told = porter_settings(porter, servant->user);
        sc_servant_configure(servant, &told);
    }
    porter_share(porter);
}

void sc_porter_drain(struct sc_porter *porter)
{
    struct sc_servant *servant;

    if (porter->draining)
        return;
    porter->draining = true;
    porter_stop_listening(porter);
    LIST_FOREACH (servant, &porter->servants, link)
        (void)sc_servant_tell(servant, SC_LINK_STOP);
    if (porter->servant_count == 0)
        porter->options.drained(porter->options.context);
}

bool sc_porter_is_drained(const struct sc_porter *porter)
{
    return porter->draining && porter->servant_count == 0;
}

void sc_porter_count(const struct sc_porter *porter, struct sc_tally *tally,
                     struct sc_relay_counts *counts, size_t *users)
{
    const struct sc_servant *servant;
    size_t shaking;

    *tally = porter->tally;
    LIST_FOREACH (servant, &porter->servants, link)
        sc_tally_merge(tally, &servant->tally);
    *counts = porter_sum(porter, &shaking);
    *users = porter->servant_count;
}
