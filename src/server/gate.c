/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accepting clients, and making room for them. What they want is not known
 * here, nor who may come: the host says that.
 */
#include "server/gate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/accept.h"
#include "io/pass.h"

enum {
    ACCEPTS_A_TURN = 64,
    ASKED_MOST = 16, /* idle clients that are asked to go, for one who comes */
    PAUSE_MS = 100,
    /*
     * A client that was just greeted or answered is about to speak, and one
     * that has begun a request mostly ends it at once. If they had to go before
     * that, many of one user's that come together would throw each other out.
     */
    GRACE_MS = 100
};

struct sc_gate_listener {
    SLIST_ENTRY(sc_gate_listener) link;
    struct sc_watch watch;
    struct sc_gate *gate;
};

static int64_t gate_now(const struct sc_gate *gate)
{
    return sc_loop_now(gate->common->loop);
}

static bool gate_is_full(const struct sc_gate *gate)
{
    return gate->common->crowd.guests >= gate->common->budget.clients;
}

/* --- pauses ------------------------------------------------------------- */

static void gate_watch(struct sc_gate *gate, bool accepting)
{
    struct sc_gate_listener *listener;

    SLIST_FOREACH (listener, &gate->listeners, link)
        sc_watch_want(&listener->watch, accepting ? SC_WATCH_READ : SC_WATCH_NONE);
    if (!accepting && gate->accepting)
        gate->paused_since = gate_now(gate);
    if (accepting && !gate->accepting)
        sc_stats_add(&gate->common->stats, SC_ACCEPT_PAUSED_MS,
                     (uint64_t)(gate_now(gate) - gate->paused_since));
    gate->accepting = accepting;
    if (accepting)
        gate->full = false;
}

/* @until: when to go on; INT64_MAX: when somebody leaves or becomes idle. */
static void gate_pause(struct sc_gate *gate, int64_t until, bool full)
{
    gate_watch(gate, false);
    gate->full = full;
    sc_timer_set(&gate->resume, until);
}

static void gate_on_resume(struct sc_timer *timer)
{
    struct sc_gate *gate = SC_CONTAINER_OF(timer, struct sc_gate, resume);

    if (!gate->closed)
        gate_watch(gate, true);
}

/* When the first of all will have been idle, or at its request, for long enough to go. */
static int64_t gate_next_to_go(const struct sc_gate *gate)
{
    const struct sc_guest *idle = sc_crowd_longest_idle(&gate->common->crowd);
    const struct sc_guest *busy = sc_crowd_longest_busy(&gate->common->crowd);
    int64_t next = idle ? idle->since : INT64_MAX - GRACE_MS;

    if (busy && busy->since < next)
        next = busy->since;
    return next + GRACE_MS;
}

void sc_gate_note_room(struct sc_gate *gate)
{
    if (gate->accepting || !gate->full || gate->closed)
        return;
    if (!gate_is_full(gate))
        sc_timer_set(&gate->resume, gate_now(gate));
    else if (gate_next_to_go(gate) < sc_timer_due(&gate->resume))
        sc_timer_set(&gate->resume, gate_next_to_go(gate));
}

/* --- room --------------------------------------------------------------- */

/* Asks idle clients of a user to go, who has been idle longest first. */
static bool gate_dismiss_idle(struct sc_user *user, int64_t idle_before)
{
    struct sc_guest *guest = TAILQ_FIRST(&user->idle);

    for (int i = 0; i < ASKED_MOST && guest && guest->since <= idle_before; i++) {
        struct sc_guest *next = TAILQ_NEXT(guest, user_line);
        if (sc_client_dismiss(sc_client_of(guest), SC_CLIENTS_DISPLACED))
            return true;
        guest = next;
    }
    return false;
}

/* Ends a request of a user's, the one that has lasted longest. */
static bool gate_end_busy(struct sc_user *user, int64_t busy_before)
{
    struct sc_client *client = sc_client_of(TAILQ_FIRST(&user->busy));

    if (!client || client->served || client->guest.since > busy_before)
        return false;
    sc_client_free(client, SC_CLIENTS_DISPLACED);
    return true;
}

/* Whether there is a place for one more of this user's. */
static bool gate_make_room(struct sc_gate *gate, struct sc_user *newcomer)
{
    while (gate_is_full(gate)) {
        struct sc_user *user = sc_crowd_user_with_most(&gate->common->crowd, newcomer);
        if (!user || (!gate_dismiss_idle(user, INT64_MAX) && !gate_end_busy(user, INT64_MAX)))
            return false;
    }
    return true;
}

/*
 * Where all are of one user, whether one of them can go who has had time to
 * get on. If not, who comes waits until one has: in the listener's queue,
 * where nobody is lost.
 */
static bool gate_has_room_for_one(struct sc_gate *gate)
{
    struct sc_user *user = LIST_FIRST(&gate->common->crowd.users);
    int64_t since = gate_now(gate) - GRACE_MS;

    if (gate_dismiss_idle(user, since) || gate_end_busy(user, since))
        return true;
    sc_common_warn(gate->common, SC_NOTICE_CROWDED, "all %zu clients are busy: new ones wait",
                   gate->common->crowd.guests);
    gate_pause(gate, gate_next_to_go(gate), true);
    return false;
}

/* --- users -------------------------------------------------------------- */

static bool gate_user_is_gone(const struct sc_user *user)
{
    return user->guests == 0 && user->unread == 0 &&
           (!user->space || sc_space_is_empty(user->space));
}

void sc_gate_sweep_users(struct sc_gate *gate, bool all)
{
    struct sc_user *user = LIST_FIRST(&gate->common->crowd.users);

    while (user) {
        struct sc_user *next = LIST_NEXT(user, link);
        if (all || gate_user_is_gone(user)) {
            sc_space_free(user->space);
            sc_crowd_forget_user(&gate->common->crowd, user);
        }
        user = next;
    }
}

static struct sc_user *gate_get_user(struct sc_gate *gate, int64_t id)
{
    struct sc_user *user = sc_crowd_find_user(&gate->common->crowd, id);
    struct sc_space *space;

    if (user)
        return user;
    sc_gate_sweep_users(gate, false);
    user = sc_crowd_get_user(&gate->common->crowd, id);
    if (!user)
        return NULL;
    if (sc_space_new(&space, gate->common->store, id) < 0) {
        sc_crowd_forget_user(&gate->common->crowd, user);
        return NULL;
    }
    user->space = space;
    return user;
}

/* --- coming in ---------------------------------------------------------- */

/* Says that, and why, so that it is not taken for a server that is broken. */
static void gate_refuse(struct sc_gate *gate, int fd)
{
    struct sc_buf reply;

    sc_buf_init(&reply);
    sc_stats_count(&gate->common->stats, SC_CLIENTS_REFUSED);
    /* Who has gone already need not be told. */
    ssize_t told = sc_reply_refusal(&reply);
    if (told == 0)
        told = sc_pass_send(fd, sc_buf_bytes(&reply), -1);
    (void)told;
    sc_buf_fini(&reply);
}

static int gate_admit(struct sc_gate *gate, const struct sc_caller *caller, int fd,
                      struct sc_user **user)
{
    int64_t id = gate->admit ? gate->admit(gate->admit_context, caller, fd) : 0;

    if (id < 0)
        return -EACCES;
    *user = gate_get_user(gate, id);
    if (!*user)
        return -ENOMEM;
    return gate->admit && !gate_make_room(gate, *user) ? -EUSERS : 0;
}

static void gate_welcome(struct sc_gate *gate, int fd)
{
    struct sc_common *common = gate->common;
    struct sc_caller caller;
    struct sc_client *client;
    struct sc_user *user;

    sc_accept_peer(fd, &caller.user, &caller.process);
    int error = gate_admit(gate, &caller, fd, &user);
    if (error == 0)
        error = sc_client_new(&client, common, user, &caller, fd, fd);
    if (error == 0) {
        gate->welcome(gate->welcome_context, client);
        return;
    }
    if (error == -EACCES)
        gate_refuse(gate, fd);
    else
        sc_common_warn(common, SC_NOTICE_NO_MEMORY_FOR_CLIENT, "no %s for another client: refused",
                       error == -ENOMEM ? "memory" : "place");
    /* What it has sent already may hold anything: it is not ours to close. */
    sc_common_close_unknown(common, fd, caller.user);
}

/* The kernel has no descriptor or memory for another client just now. */
static void gate_note_failure(struct sc_gate *gate, int error)
{
    struct sc_common *common = gate->common;

    if (error == -ECONNABORTED || error == -EINTR)
        return;
    sc_stats_count(&common->stats, SC_ACCEPT_FAILURES);
    sc_common_warn(common, SC_NOTICE_CANNOT_ACCEPT, "cannot accept a client: %s; trying again",
                   strerror(-error));
    if (error == -ENFILE || error == -EMFILE || error == -ENOMEM || error == -ENOBUFS)
        (void)sc_store_evict(common->store, NULL, SC_END_DESCRIPTORS);
    sc_common_reap(common);
    gate_pause(gate, gate_now(gate) + PAUSE_MS, false);
}

static void gate_accept(struct sc_gate *gate, int listener)
{
    for (int i = 0; i < ACCEPTS_A_TURN && gate->accepting; i++) {
        /* Only of the first is it known that somebody waits; for more there is the next turn. */
        if (!gate->admit && gate_is_full(gate) && (i > 0 || !gate_has_room_for_one(gate)))
            return;
        int fd = sc_accept_client(listener);
        if (fd == -EAGAIN)
            return;
        if (fd < 0)
            gate_note_failure(gate, fd);
        else
            gate_welcome(gate, fd);
    }
}

static void gate_on_listener(struct sc_watch *watch, int events)
{
    struct sc_gate_listener *listener = SC_CONTAINER_OF(watch, struct sc_gate_listener, watch);
    struct sc_gate *gate = listener->gate;

    if (events != SC_WATCH_REFUSED) {
        gate_accept(gate, sc_watch_fd(watch));
        return;
    }
    /* The kernel could not watch the listener: nobody who comes would be seen. */
    sc_common_warn(gate->common, SC_NOTICE_CANNOT_WATCH_LISTENER,
                   "cannot wait for clients: trying again");
    gate_pause(gate, gate_now(gate) + PAUSE_MS, false);
}

int sc_gate_listen(struct sc_gate *gate, int fd)
{
    struct sc_gate_listener *listener = calloc(1, sizeof(*listener));

    if (!listener)
        return -ENOMEM;
    listener->gate = gate;
    sc_watch_init(&listener->watch, gate->common->loop, fd, gate_on_listener);
    SLIST_INSERT_HEAD(&gate->listeners, listener, link);
    if (gate->accepting)
        sc_watch_want(&listener->watch, SC_WATCH_READ);
    return 0;
}

int sc_gate_let_in(struct sc_gate *gate, int input, int output)
{
    const struct sc_caller caller = {.user = -1};
    struct sc_user *user = gate_get_user(gate, 0);
    struct sc_client *client;

    if (!user)
        return -ENOMEM;
    return sc_client_new(&client, gate->common, user, &caller, input, output);
}

void sc_gate_close(struct sc_gate *gate)
{
    gate_watch(gate, false);
    gate->closed = true;
    sc_timer_stop(&gate->resume);
}

int sc_gate_init(struct sc_gate *gate, struct sc_common *common)
{
    gate->common = common;
    gate->accepting = true;
    SLIST_INIT(&gate->listeners);
    return sc_timer_init(&gate->resume, common->loop, gate_on_resume);
}

void sc_gate_fini(struct sc_gate *gate)
{
    struct sc_gate_listener *listener;

    if (!gate->common)
        return;
    sc_gate_close(gate);
    while ((listener = SLIST_FIRST(&gate->listeners))) {
        SLIST_REMOVE_HEAD(&gate->listeners, link);
        free(listener);
    }
    sc_timer_fini(&gate->resume);
}
