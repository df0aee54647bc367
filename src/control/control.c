/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control service put together: who is let in, whose slice is next, what
 * happens by the clock.
 */
#include "control/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/visitor.h"
#include "io/accept.h"
#include "io/pass.h"
#include "io/peer.h"

enum {
    ACCEPTS_A_TURN = 8,
    PAUSE_MS = 100,
    SLICE_MS = 1,    /* between slices, while others are served */
    KEPT_PLACES = 4, /* for those who may do all */
    PLACES_OF_USER = 2,
    IDLE_MS = 60 * 1000, /* who has said nothing for so long makes room */
    STUCK_MS = 30 * 1000,
    TEND_MS = 1000
};

struct sc_control_listener {
    SLIST_ENTRY(sc_control_listener) link;
    struct sc_watch watch;
    struct sc_control *control;
};

struct sc_control {
    struct sc_desk desk;
    struct sc_overrides overrides;
    struct sc_watchers watchers;
    struct sc_visitor_list waiting;
    SLIST_HEAD(, sc_control_listener) listeners;
    struct sc_turn turn;
    struct sc_timer slice;
    struct sc_timer resume;
    struct sc_timer tend;
    int64_t last_slice;
    size_t client_limit;
    struct sc_who (*identify)(void *context, int client, int64_t user);
    void (*changed)(void *context);
    void *context;
    bool held; /* as was told last */
};

/* --- room ------------------------------------------------------------------------ */

/* One that nobody would miss, of a user's or of all. */
static struct sc_visitor *control_find_idle(struct sc_control *control, struct sc_user *user)
{
    struct sc_guest *guest =
        user ? TAILQ_FIRST(&user->idle) : sc_crowd_longest_idle(&control->desk.crowd);

    if (!guest || sc_desk_now(&control->desk) - guest->since < IDLE_MS)
        return NULL;
    return sc_visitor_of(guest);
}

/* Whether there is a place for one more of this user's. */
static bool control_has_room(struct sc_control *control, const struct sc_who *who,
                             struct sc_user *user)
{
    bool first_class = who->access == SC_ACCESS_ALL;
    size_t kept = first_class ? 0 : KEPT_PLACES;
    struct sc_visitor *idle;

    while (!first_class && user->guests >= PLACES_OF_USER) {
        idle = control_find_idle(control, user);
        if (!idle)
            return false;
        sc_visitor_free(idle);
    }
    while (control->desk.crowd.guests + kept >= control->client_limit) {
        idle = control_find_idle(control, NULL);
        if (!idle)
            return false;
        sc_visitor_free(idle);
    }
    return true;
}

static void control_forget_users(struct sc_control *control)
{
    struct sc_user *user = LIST_FIRST(&control->desk.crowd.users);

    while (user) {
        struct sc_user *next = LIST_NEXT(user, link);
        if (user->guests == 0)
            sc_crowd_forget_user(&control->desk.crowd, user);
        user = next;
    }
}

static void control_refuse(struct sc_control *control, int fd, int64_t user)
{
    struct sc_buf reply;

    sc_buf_init(&reply);
    ssize_t told = sc_record_status(&reply, SC_CONTROL_IMPOSSIBLE, 0,
                                    "all places are taken: see "
                                    "connection_cache_control_client_limit");
    if (told == 0)
        told = sc_pass_send(fd, sc_buf_bytes(&reply), -1);
    (void)told; /* Who has gone already need not be told. */
    sc_buf_fini(&reply);
    sc_closer_take(control->desk.closer, fd, SC_PEER_SOCKET, user);
}

static void control_welcome(struct sc_control *control, int fd)
{
    const struct sc_visit visit = {
        .desk = &control->desk,
        .overrides = &control->overrides,
        .watchers = &control->watchers,
        .waiting = &control->waiting,
    };
    int64_t uid, process;

    sc_accept_peer(fd, &uid, &process);
    struct sc_who who = control->identify(control->context, fd, uid);
    control_forget_users(control);
    struct sc_user *user = sc_crowd_get_user(&control->desk.crowd, uid);
    if (!user || !control_has_room(control, &who, user)) {
        control_refuse(control, fd, uid);
        return;
    }
    if (sc_visitor_new(&visit, user, &who, fd, control->desk.mode) < 0)
        sc_log(control->desk.log, SC_WARNING, "control: no memory for another client");
}

static void control_watch(struct sc_control *control, int events)
{
    struct sc_control_listener *listener;

    SLIST_FOREACH (listener, &control->listeners, link)
        sc_watch_want(&listener->watch, events);
}

static void control_pause(struct sc_control *control)
{
    control_watch(control, SC_WATCH_NONE);
    sc_timer_set(&control->resume, sc_desk_now(&control->desk) + PAUSE_MS);
}

static void control_on_resume(struct sc_timer *timer)
{
    control_watch(SC_CONTAINER_OF(timer, struct sc_control, resume), SC_WATCH_READ);
}

static void control_on_listener(struct sc_watch *watch, int events)
{
    struct sc_control *control = SC_CONTAINER_OF(watch, struct sc_control_listener, watch)->control;

    for (int i = 0; i < ACCEPTS_A_TURN && events != SC_WATCH_REFUSED; i++) {
        int fd = sc_accept_client(sc_watch_fd(watch));
        if (fd == -EAGAIN)
            return;
        if (fd < 0 && fd != -EINTR && fd != -ECONNABORTED)
            break;
        if (fd >= 0)
            control_welcome(control, fd);
    }
    control_pause(control);
}

/* --- slices ------------------------------------------------------------------------ */

/*
 * At most one slice a millisecond while others are served, and one after the
 * other when nobody is.
 */
static void control_make_slice(struct sc_control *control)
{
    struct sc_visitor *visitor = TAILQ_FIRST(&control->waiting);
    int64_t now = sc_desk_now(&control->desk);
    bool others = sc_crowd_longest_busy(control->desk.source.crowd) != NULL;

    if (!visitor)
        return;
    if (others && now - control->last_slice < SLICE_MS) {
        sc_timer_set(&control->slice, control->last_slice + SLICE_MS);
        return;
    }
    int64_t begun = sc_loop_clock_ns();
    sc_visitor_work(visitor);
    sc_stats_add(control->desk.stats, SC_CONTROL_WORK_NS, (uint64_t)(sc_loop_clock_ns() - begun));
    control->last_slice = now;
    if (!TAILQ_EMPTY(&control->waiting))
        sc_loop_again(control->desk.loop);
}

static void control_end_turn(struct sc_turn *turn)
{
    struct sc_control *control = SC_CONTAINER_OF(turn, struct sc_control, turn);

    control_make_slice(control);
    if (control->held == sc_control_holds(control))
        return;
    control->held = !control->held;
    control->changed(control->context);
}

/* That there is a new turn is all that it is for. */
static void control_on_slice(struct sc_timer *timer)
{
    (void)timer;
}

/* Closes those who have not read for long. */
static void control_on_tend(struct sc_timer *timer)
{
    struct sc_control *control = SC_CONTAINER_OF(timer, struct sc_control, tend);
    int64_t before = sc_desk_now(&control->desk) - STUCK_MS;
    struct sc_guest *guest = TAILQ_FIRST(&control->desk.crowd.all);

    while (guest) {
        struct sc_guest *next = TAILQ_NEXT(guest, all);
        if (sc_stream_stuck_since(&sc_visitor_of(guest)->stream) <= before)
            sc_visitor_free(sc_visitor_of(guest));
        guest = next;
    }
    if (control->desk.crowd.guests > 0)
        sc_timer_set(timer, sc_desk_now(&control->desk) + TEND_MS);
}

static void control_begin_turn(struct sc_turn *turn)
{
    struct sc_control *control = SC_CONTAINER_OF(turn, struct sc_control, turn);

    if (control->desk.crowd.guests > 0 && sc_timer_due(&control->tend) == INT64_MAX)
        sc_timer_set(&control->tend, sc_desk_now(&control->desk) + TEND_MS);
}

/* --- from beginning to end ----------------------------------------------------------- */

static int control_init(struct sc_control *control, const struct sc_control_options *options)
{
    struct sc_desk *desk = &control->desk;
    int error = sc_overrides_init(&control->overrides, desk, options->params);

    if (error == 0)
        error = sc_timer_init(&control->slice, desk->loop, control_on_slice);
    if (error == 0)
        error = sc_timer_init(&control->resume, desk->loop, control_on_resume);
    if (error == 0)
        error = sc_timer_init(&control->tend, desk->loop, control_on_tend);
    return error;
}

static void control_fini(struct sc_control *control)
{
    sc_timer_fini(&control->slice);
    sc_timer_fini(&control->resume);
    sc_timer_fini(&control->tend);
    sc_overrides_fini(&control->overrides);
    sc_crowd_fini(&control->desk.crowd);
    free(control);
}

int sc_control_new(struct sc_control **control, const struct sc_control_options *options)
{
    struct sc_control *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    fresh->desk = (struct sc_desk){
        .loop = options->loop,
        .log = options->log,
        .closer = options->closer,
        .source = options->source,
        .stats = options->stats,
        .instance = options->instance,
    };
    sc_crowd_init(&fresh->desk.crowd);
    sc_watchers_init(&fresh->watchers, &fresh->desk);
    TAILQ_INIT(&fresh->waiting);
    SLIST_INIT(&fresh->listeners);
    fresh->client_limit = options->params->control.control_client_limit;
    fresh->desk.mode = options->mode;
    fresh->identify = options->identify;
    fresh->changed = options->changed;
    fresh->context = options->context;
    int error = control_init(fresh, options);
    if (error < 0) {
        control_fini(fresh);
        return error;
    }
    fresh->turn = (struct sc_turn){.begin = control_begin_turn, .end = control_end_turn};
    sc_turn_add(&fresh->turn, options->loop);
    *control = fresh;
    return 0;
}

void sc_control_free(struct sc_control *control)
{
    struct sc_control_listener *listener;
    struct sc_guest *guest;

    if (!control)
        return;
    sc_turn_remove(&control->turn, control->desk.loop);
    while ((guest = TAILQ_FIRST(&control->desk.crowd.all)))
        sc_visitor_free(sc_visitor_of(guest));
    while ((listener = SLIST_FIRST(&control->listeners))) {
        sc_watch_want(&listener->watch, SC_WATCH_NONE);
        SLIST_REMOVE_HEAD(&control->listeners, link);
        free(listener);
    }
    control_fini(control);
}

int sc_control_listen(struct sc_control *control, int fd)
{
    struct sc_control_listener *listener = calloc(1, sizeof(*listener));

    if (!listener)
        return -ENOMEM;
    listener->control = control;
    sc_watch_init(&listener->watch, control->desk.loop, fd, control_on_listener);
    SLIST_INSERT_HEAD(&control->listeners, listener, link);
    sc_watch_want(&listener->watch, SC_WATCH_READ);
    return 0;
}

void sc_control_configure(struct sc_control *control, const struct sc_params *params)
{
    control->client_limit = params->control.control_client_limit;
    sc_overrides_rebase(&control->overrides, params);
}

struct sc_store_observer sc_control_observer(struct sc_control *control)
{
    return sc_watchers_observer(&control->watchers);
}

size_t sc_control_clients(const struct sc_control *control)
{
    return control->desk.crowd.guests;
}

bool sc_control_holds(const struct sc_control *control)
{
    return control->desk.crowd.guests > 0 || control->desk.overrides > 0;
}
