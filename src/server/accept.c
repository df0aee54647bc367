/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/accept.h"
#include "server/internal.h"

enum { ACCEPTS_A_TURN = 64, ACCEPT_PAUSE_MS = 100, REALLY_IDLE_MS = 100 };

static bool accept_is_full(const struct sc_server *server)
{
    return server->clients >= server->budget.clients;
}

/*
 * A client that was just greeted or answered is about to speak. If it were
 * dismissed for the next one, many that come at once would only throw each
 * other out; so it counts as idle only after a while.
 */
static bool accept_is_really_idle(const struct sc_client *client)
{
    return client->server->now - client->since >= REALLY_IDLE_MS;
}

static void pause_accepting(struct sc_server *server, int64_t until)
{
    sc_server_accept_none(server);
    server->resume_accept = until;
}

/*
 * Whether a client is idle that may be dismissed. If not, whoever comes waits
 * until one is: in the queue of the listener nobody is lost.
 */
static bool accept_somebody_can_go(struct sc_server *server, bool somebody_waits)
{
    const struct sc_client *first = TAILQ_FIRST(&server->idle);

    if (first && accept_is_really_idle(first))
        return true;
    if (somebody_waits && !first)
        sc_log_limited(server->log, &server->crowded, server->now, SC_WARNING,
                       "all %zu clients are busy: new ones wait", server->clients);
    pause_accepting(server, first ? first->since + REALLY_IDLE_MS : INT64_MAX);
    return false;
}

static void accept_try_again_later(struct sc_server *server)
{
    server->accept_failed = true;
    pause_accepting(server, server->now + ACCEPT_PAUSE_MS);
}

/* The kernel has no descriptor or memory for another client just now. */
static void accept_failed(struct sc_server *server, int error)
{
    if (error == -ECONNABORTED || error == -EINTR)
        return;
    sc_log_limited(server->log, &server->refused, server->now, SC_WARNING,
                   "cannot accept a client: %s; trying again", strerror(-error));
    if (error == -ENFILE || error == -EMFILE || error == -ENOMEM || error == -ENOBUFS)
        (void)sc_store_evict(server->store, NULL, SC_END_DESCRIPTORS);
    sc_server_reap(server);
    accept_try_again_later(server);
}

/* The kernel could not watch a listener: nobody who comes would be seen. */
static void accept_watching_failed(struct sc_server *server)
{
    sc_log_limited(server->log, &server->refused, server->now, SC_WARNING,
                   "cannot wait for clients: trying again");
    accept_try_again_later(server);
}

/*
 * The client that has been idle longest makes room for one that has come. It
 * is not the one that has come, which is not a client yet.
 */
static void accept_make_room_for_client(struct sc_server *server)
{
    struct sc_client *client = TAILQ_FIRST(&server->idle);

    while (accept_is_full(server) && client && accept_is_really_idle(client)) {
        struct sc_client *next = TAILQ_NEXT(client, link);
        sc_trace_client(client, "is asked to make room for another");
        sc_client_dismiss(client);
        client = next;
    }
}

static void accept_welcome(struct sc_server *server, int fd)
{
    int64_t id = server->host.admit ? server->host.admit(server->host.context, fd) : 0;
    struct sc_user *user = id < 0 ? NULL : sc_user_get(server, id);

    if (user)
        accept_make_room_for_client(server);
    if (user && sc_client_new(server, fd, fd, user) == 0)
        return;
    if (user)
        sc_user_release(user);
    if (id >= 0)
        sc_log_limited(server->log, &server->lost_memory, server->now, SC_WARNING,
                       "no memory for another client: refused");
    /* What it has sent already may hold anything: it is not ours to close. */
    sc_server_close_foreign(server, fd);
}

static void accept_on_listener(struct ev_loop *loop, struct ev_io *watch, int events)
{
    struct sc_server *server = ((struct sc_listener *)watch->data)->server;

    (void)loop;
    if ((events & EV_ERROR) != 0) {
        accept_watching_failed(server);
        return;
    }
    for (int i = 0; i < ACCEPTS_A_TURN && server->accepting; i++) {
        if (accept_is_full(server) && !accept_somebody_can_go(server, i == 0))
            return;
        int fd = sc_accept_client(watch->fd);
        if (fd == -EAGAIN)
            return;
        if (fd < 0)
            accept_failed(server, fd);
        else
            accept_welcome(server, fd);
    }
}

int sc_server_watch_listener(struct sc_server *server, int fd)
{
    struct sc_listener *listener = calloc(1, sizeof(*listener));

    if (!listener)
        return -ENOMEM;
    listener->server = server;
    ev_io_init(&listener->watch, accept_on_listener, fd, EV_READ);
    listener->watch.data = listener;
    SLIST_INSERT_HEAD(&server->listeners, listener, link);
    server->has_new_watches = true;
    if (server->accepting)
        ev_io_start(server->loop, &listener->watch);
    return 0;
}

void sc_server_accept_none(struct sc_server *server)
{
    struct sc_listener *listener;

    SLIST_FOREACH (listener, &server->listeners, link)
        ev_io_stop(server->loop, &listener->watch);
    server->accepting = false;
}

void sc_server_accept_more(struct sc_server *server)
{
    struct sc_listener *listener;

    if (server->draining)
        return;
    SLIST_FOREACH (listener, &server->listeners, link)
        ev_io_start(server->loop, &listener->watch);
    server->has_new_watches = true;
    server->accepting = true;
    server->accept_failed = false;
}

void sc_server_note_leaving(struct sc_server *server)
{
    if (!server->accepting && !server->accept_failed)
        server->resume_accept = server->now;
}

void sc_server_note_idling(struct sc_server *server)
{
    if (!server->accepting && server->resume_accept == INT64_MAX)
        server->resume_accept = server->now + REALLY_IDLE_MS;
}

void sc_server_forget_listeners(struct sc_server *server)
{
    struct sc_listener *listener;

    sc_server_accept_none(server);
    while ((listener = SLIST_FIRST(&server->listeners))) {
        SLIST_REMOVE_HEAD(&server->listeners, link);
        free(listener);
    }
}
