/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a process that serves one user. Whom it serves, and how many
 * others there are, it is told.
 */
#include "relay/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "loop/timer.h"
#include "loop/watch.h"
#include "relay/link.h"
#include "relay/relay.h"
#include "relay/roll.h"
#include "relay/room.h"

enum {
    DESCRIPTORS_KEPT = 64, /* for ourselves, and for what is on its way in or out */
    TALLY_MS = 1000,       /* how often counters are told, when they have changed */
    RETRY_MS = 20,         /* until something is said again that could not be */
    MOST_SESSIONS = 1 << 20,
};

struct worker {
    struct sc_log_sink sink; /* the log is written by the other side */
    struct sc_log log;
    struct sc_loop *loop;
    struct sc_relay relay;
    struct sc_roll roll;
    int link; /* -1: the other side has gone */
    struct sc_watch watch;
    struct sc_timer timer;
    struct sc_turn turn;
    struct sc_tally told;
    int64_t told_at;
    uint64_t callers;
    uint64_t heeded_sessions, heeded_askers;
    uint64_t records_lost;
    bool changed;   /* the counts have, and that was not told yet */
    bool says_idle; /* it has said so, and nothing has come since */
    bool has_relay;
};

/* --- what is said ----------------------------------------------------------- */

static int worker_say(struct worker *worker, struct sc_link_message *message, int carried)
{
    message->callers = worker->callers;
    message->heeded_sessions = worker->heeded_sessions;
    message->heeded_askers = worker->heeded_askers;
    return worker->link >= 0 ? sc_link_say(worker->link, message, carried) : -EPIPE;
}

static void worker_write_log(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                             size_t length)
{
    struct worker *worker = SC_CONTAINER_OF(sink, struct worker, sink);
    struct sc_link_message message = {.word = SC_LINK_LOG, .log.severity = severity};

    if (length > SC_LOG_TEXT_MAX)
        length = SC_LOG_TEXT_MAX;
    memcpy(message.log.text, text, length);
    if (worker_say(worker, &message, -1) < 0)
        worker->records_lost++;
}

static void worker_tell_tally(struct worker *worker)
{
    struct sc_link_message message = {.word = SC_LINK_TALLY, .tally = worker->relay.tally};

    if (memcmp(&worker->told, &worker->relay.tally, sizeof(worker->told)) != 0 &&
        worker_say(worker, &message, -1) == 0)
        worker->told = worker->relay.tally;
}

/* What is said at the end of a turn, if there is anything to say. */
static void worker_tell(struct worker *worker)
{
    struct sc_link_message message = {.word = SC_LINK_COUNTS, .counts = worker->relay.counts};
    int64_t now = sc_loop_now(worker->loop);

    if (worker->changed && worker_say(worker, &message, -1) == 0)
        worker->changed = false;
    if (now < worker->told_at + TALLY_MS)
        return;
    worker_tell_tally(worker);
    if (worker->records_lost > 0) {
        uint64_t lost = worker->records_lost;
        worker->records_lost = 0;
        sc_log(&worker->log, SC_WARNING, "%" PRIu64 " log records were lost", lost);
    }
    worker->told_at = now;
}

static bool worker_has_more_to_tell(const struct worker *worker)
{
    return worker->link >= 0 &&
           (worker->changed || worker->records_lost > 0 ||
            memcmp(&worker->told, &worker->relay.tally, sizeof(worker->told)) != 0);
}

/* Nothing to do, and nothing that anybody could ask for. */
static void worker_offer_to_end(struct worker *worker)
{
    struct sc_link_message message = {.word = SC_LINK_IDLE};

    if (sc_relay_is_over(&worker->relay)) {
        worker_tell_tally(worker);
        sc_loop_stop(worker->loop);
    } else if (!worker->says_idle && sc_relay_is_idle(&worker->relay) &&
               !worker_has_more_to_tell(worker)) {
        worker->says_idle = worker_say(worker, &message, -1) == 0;
    }
}

static void worker_set_timer(struct worker *worker)
{
    int64_t now = sc_loop_now(worker->loop);
    int64_t at = INT64_MAX;

    if (worker->changed)
        at = now + RETRY_MS;
    else if (worker_has_more_to_tell(worker))
        at = worker->told_at + TALLY_MS;
    else if (worker->relay.counts.askers == 0 && worker->relay.total == 0 && !worker->says_idle)
        at = sc_past_until(&worker->relay.past) > now ? sc_past_until(&worker->relay.past)
                                                      : now + RETRY_MS;
    sc_timer_set(&worker->timer, at > now ? at : now + 1);
}

static void worker_on_turn_end(struct sc_turn *turn)
{
    struct worker *worker = SC_CONTAINER_OF(turn, struct worker, turn);

    if (!worker->has_relay)
        return;
    worker_tell(worker);
    worker_offer_to_end(worker);
    worker_set_timer(worker);
}

/* That there is a turn is all that it is for. */
static void worker_on_timer(struct sc_timer *timer)
{
    (void)timer;
}

static void worker_on_change(void *context)
{
    ((struct worker *)context)->changed = true;
}

static void worker_on_left(void *context, const struct sc_asker *asker)
{
    sc_roll_forget(&((struct worker *)context)->roll, asker);
}

/* --- what is heard ---------------------------------------------------------- */

static void worker_list_others(void *context, struct sc_asker *asker)
{
    struct worker *worker = context;
    struct sc_link_message message = {.word = SC_LINK_LIST_OTHERS};
    int theirs = -1;
    int error = sc_roll_call(&worker->roll, asker, &theirs);

    if (error == 0) {
        error = worker_say(worker, &message, theirs);
        close(theirs);
    }
    if (error < 0)
        sc_roll_finish(&worker->roll, asker);
}

static size_t worker_most_sessions(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur > 2 * (rlim_t)MOST_SESSIONS)
        return MOST_SESSIONS;
    size_t limit = (size_t)files.rlim_cur;
    return limit > 2 * DESCRIPTORS_KEPT ? (limit - DESCRIPTORS_KEPT) / 2 : DESCRIPTORS_KEPT / 2;
}

static int worker_start(struct worker *worker, const struct sc_worker_options *options,
                        const struct sc_link_settings *settings)
{
    const struct sc_relay_options relay = {
        .loop = worker->loop,
        .log = &worker->log,
        .engines = options->engines,
        .user = settings->user,
        .instance = settings->instance,
        .most_sessions = worker_most_sessions(),
        .settings = settings->relay,
        .list_others = settings->user == 0 ? worker_list_others : NULL,
        .changed = worker_on_change,
        .left = worker_on_left,
        .context = worker,
    };
    int error = sc_relay_init(&worker->relay, &relay);

    worker->has_relay = error == 0;
    worker->log.verbosity = settings->verbosity;
    options->engines->verbs->limit(options->engines, settings->relay.context_limit);
    return error;
}

static void worker_configure(struct worker *worker, const struct sc_link_settings *settings)
{
    struct sc_engines *engines = worker->relay.options.engines;

    worker->log.verbosity = settings->verbosity;
    engines->verbs->limit(engines, settings->relay.context_limit);
    sc_relay_configure(&worker->relay, &settings->relay);
}

/* The other side has gone: what it would have said last is done without. */
static void worker_lose_link(struct worker *worker)
{
    sc_watch_want(&worker->watch, SC_WATCH_NONE);
    close(worker->link);
    worker->link = -1;
    sc_relay_stop(&worker->relay);
}

static void worker_heed(struct worker *worker, const struct sc_link_message *message, int carried)
{
    switch (message->word) {
    case SC_LINK_SETTINGS:
        worker_configure(worker, &message->settings);
        break;
    case SC_LINK_CALLER:
        worker->callers++;
        worker->says_idle = false;
        worker->changed = true;
        if (carried >= 0)
            sc_relay_welcome(&worker->relay, carried);
        return;
    case SC_LINK_ALLOWANCE:
        sc_relay_allow(&worker->relay, &message->allowance);
        break;
    case SC_LINK_YIELD_SESSION:
        worker->heeded_sessions++;
        worker->changed = sc_room_yield_session(&worker->relay) || worker->changed;
        break;
    case SC_LINK_YIELD_ASKER:
        worker->heeded_askers++;
        worker->changed = sc_room_yield_asker(&worker->relay) || worker->changed;
        break;
    case SC_LINK_STOP:
        sc_relay_stop(&worker->relay);
        break;
    case SC_LINK_PING:
        worker->changed = true;
        break;
    case SC_LINK_LIST:
        if (carried >= 0)
            sc_roll_answer(&worker->roll, &worker->relay, carried);
        return;
    default:
        break;
    }
    if (carried >= 0)
        close(carried);
}

static void worker_on_link(struct sc_watch *watch, int events)
{
    struct worker *worker = SC_CONTAINER_OF(watch, struct worker, watch);
    struct sc_link_message message;
    int carried;

    (void)events;
    int error = sc_link_hear(worker->link, &message, &carried);
    if (error == 0)
        worker_heed(worker, &message, carried);
    else if (error != -EAGAIN)
        worker_lose_link(worker);
}

/* --- the process ------------------------------------------------------------ */

/* Without settings there is nothing that could be done. */
static int worker_await_settings(struct worker *worker, const struct sc_worker_options *options)
{
    struct sc_link_message message;
    int carried;
    int error = sc_link_wait(worker->link);

    if (error == 0)
        error = sc_link_hear(worker->link, &message, &carried);
    if (error < 0)
        return error;
    if (carried >= 0)
        close(carried);
    return message.word == SC_LINK_SETTINGS ? worker_start(worker, options, &message.settings)
                                            : -EPROTO;
}

static int worker_serve(struct worker *worker, const struct sc_worker_options *options)
{
    int error = sc_loop_new(&worker->loop);

    if (error == 0)
        error = sc_timer_init(&worker->timer, worker->loop, worker_on_timer);
    if (error == 0)
        error = sc_roll_init(&worker->roll, worker->loop);
    if (error == 0)
        error = worker_await_settings(worker, options);
    if (error < 0)
        return error;
    sc_watch_init(&worker->watch, worker->loop, worker->link, worker_on_link);
    sc_watch_want(&worker->watch, SC_WATCH_READ);
    worker->turn.end = worker_on_turn_end;
    sc_turn_add(&worker->turn, worker->loop);
    if (options->confine)
        options->confine(options->context);
    sc_loop_run(worker->loop);
    /* Keys are wiped; the rest the kernel takes back. */
    sc_relay_fini(&worker->relay);
    return 0;
}

void sc_worker_run(const struct sc_worker_options *options, int link)
{
    struct worker worker = {.sink = {.write = worker_write_log}, .link = link};

    worker.log.sink = &worker.sink;
    int error = worker_serve(&worker, options);
    if (error < 0)
        sc_log(&worker.log, SC_WARNING, "a process for a user cannot start: %s", strerror(-error));
    _exit(error < 0);
}
