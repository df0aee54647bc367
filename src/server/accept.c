/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/accept.h"
#include "server/internal.h"

enum { ACCEPTS_A_TURN = 64, ACCEPT_PAUSE_MS = 100 };

/* Whether one more may come; an idle one makes room, if there is one. */
static bool make_room_for_client(struct sc_server *server)
{
    if (server->clients < server->budget.clients)
        return true;
    struct sc_client *oldest = TAILQ_FIRST(&server->idle);
    if (!oldest) {
        sc_log_limited(server->log, &server->crowded, server->now, SC_WARNING,
                       "all %zu clients are busy: new ones wait", server->clients);
        return false;
    }
    sc_trace_client(oldest, "makes room for another client");
    sc_client_free(oldest);
    return true;
}

static void pause_accepting(struct sc_server *server, int64_t until)
{
    sc_server_accept_none(server);
    server->resume_accept = until;
}

/* The kernel has no descriptor or memory for another client just now. */
static void accept_failed(struct sc_server *server, int error)
{
    if (error == -ECONNABORTED || error == -EINTR)
        return;
    sc_log_limited(server->log, &server->refused, server->now, SC_WARNING,
                   "cannot accept a client: %s; trying again", strerror(-error));
    if (error == -ENFILE || error == -EMFILE || error == -ENOMEM || error == -ENOBUFS)
        sc_store_evict(server->store);
    pause_accepting(server, server->now + ACCEPT_PAUSE_MS);
}

static void welcome(struct sc_server *server, int fd)
{
    int64_t id = server->host.admit ? server->host.admit(server->host.context, fd) : 0;
    struct sc_user *user = id < 0 ? NULL : sc_user_get(server, id);

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

static void on_listener(struct ev_loop *loop, struct ev_io *watch, int events)
{
    struct sc_server *server = ((struct sc_listener *)watch->data)->server;

    (void)loop;
    (void)events;
    for (int i = 0; i < ACCEPTS_A_TURN && server->accepting; i++) {
        if (!make_room_for_client(server)) {
            pause_accepting(server, INT64_MAX);
            return;
        }
        int fd = sc_io_accept(watch->fd);
        if (fd == -EAGAIN)
            return;
        if (fd < 0)
            accept_failed(server, fd);
        else
            welcome(server, fd);
    }
}

int sc_server_watch_listener(struct sc_server *server, int fd)
{
    struct sc_listener *listener = calloc(1, sizeof(*listener));

    if (!listener)
        return -ENOMEM;
    listener->server = server;
    ev_io_init(&listener->watch, on_listener, fd, EV_READ);
    listener->watch.data = listener;
    SLIST_INSERT_HEAD(&server->listeners, listener, link);
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
    server->accepting = true;
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
