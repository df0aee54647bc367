/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/pass.h"
#include "io/peer.h"
#include "server/internal.h"

/* So much output of one client waits for it before its next request is read. */
enum { OUTPUT_MAX = 64 * 1024 };

/* For what a client says there is at least so much room, at an address that suits the cache. */
enum { SCRATCH_LEAST = 16 * 1024, SCRATCH_ALIGN = 64 };

static bool client_serves_standard_io(const struct sc_client *client)
{
    return client->input.fd != client->output.fd;
}

int sc_client_take_received(struct sc_client *client)
{
    int fd = client->received;

    client->received = -1;
    return fd;
}

static void client_close_received(struct sc_client *client)
{
    int fd = sc_client_take_received(client);

    if (fd >= 0)
        sc_server_close_foreign(client->server, fd);
}

static bool client_is_idle(const struct sc_client *client)
{
    return sc_session_is_idle(&client->session) && sc_buf_length(&client->out) == 0 &&
           !client->giving && !client->end_of_input;
}

static struct sc_client_list *client_list_of(struct sc_client *client)
{
    return client->busy ? &client->server->busy : &client->server->idle;
}

static void client_enlist(struct sc_client *client, bool busy)
{
    TAILQ_REMOVE(client_list_of(client), client, link);
    client->busy = busy;
    client->since = client->server->now;
    TAILQ_INSERT_TAIL(client_list_of(client), client, link);
    if (!busy)
        sc_server_note_idling(client->server);
}

static void client_wait_for(struct sc_client *client, enum sc_client_wait wait)
{
    struct sc_server *server = client->server;

    if (client->wait == wait && !client->end_of_input)
        return;
    if (client->wait == SC_WAIT_RETRY && wait != SC_WAIT_RETRY)
        TAILQ_REMOVE(&server->retrying, client, retry);
    if (client->wait != SC_WAIT_RETRY && wait == SC_WAIT_RETRY)
        TAILQ_INSERT_TAIL(&server->retrying, client, retry);
    if (client->wait != wait)
        server->has_new_watches = true;
    client->wait = wait;
    if (wait == SC_WAIT_INPUT && !client->end_of_input)
        ev_io_start(server->loop, &client->input);
    else
        ev_io_stop(server->loop, &client->input);
    if (wait == SC_WAIT_OUTPUT)
        ev_io_start(server->loop, &client->output);
    else
        ev_io_stop(server->loop, &client->output);
}

static int client_answer(struct sc_client *client, enum sc_event event, struct sc_request *request,
                         bool has_descriptor)
{
    switch (event) {
    case SC_EVENT_REQUEST:
        return sc_client_request(client, request, has_descriptor);
    case SC_EVENT_SAVE:
        return sc_client_save(client, request, has_descriptor);
    case SC_EVENT_READY:
        client->give_at = sc_buf_length(&client->out);
        client->giving = true;
        return sc_buf_append(&client->out, SC_BYTES("\0"));
    case SC_EVENT_VIOLATION:
        sc_log_limited(client->server->log, &client->server->violations, client->server->now,
                       SC_WARNING, "a client broke the protocol: closing its connection");
        return -EPROTO;
    case SC_EVENT_MORE:
        break;
    }
    return 0;
}

/*
 * Answers what has come in, until all of it is read (0), or something has to
 * be sent first (1). A negative result means that the client is to be closed.
 */
static int client_answer_all(struct sc_client *client, bool *answered)
{
    while (!client->giving && !client->unseen && sc_buf_length(&client->out) < OUTPUT_MAX) {
        struct sc_request request;
        bool has_descriptor = false;

        if (sc_session_is_exhausted(&client->session))
            return 0;
        enum sc_event event = sc_session_next(&client->session, &request, &has_descriptor);
        if (event == SC_EVENT_MORE)
            return 0;
        *answered = true;
        int error = client_answer(client, event, &request, has_descriptor);
        if (error == -ENOMEM)
            sc_log_limited(client->server->log, &client->server->lost_memory, client->server->now,
                           SC_WARNING, "no memory to answer a client: closing its connection");
        if (error < 0)
            return error;
    }
    return 1;
}

/* The descriptor has left: the connection is the receiver's, whatever follows. */
static void client_delivered(struct sc_client *client)
{
    bool acknowledged = client->session.state == SC_SESSION_GIVING;
    int fd = sc_connection_steal(client->held, client->server->now);

    sc_stats_count(&client->server->stats, client->hit);
    if (client->held_is_socket)
        sc_closer_take(client->server->closer, fd, SC_PEER_SOCKET, client->user->id);
    else
        sc_server_close_foreign(client->server, fd);
    client->held = NULL;
    client->giving = false;
    if (acknowledged)
        sc_session_delivered(&client->session);
}

/* Sends once, if there is anything. Returns the number of bytes, or -errno. */
static ssize_t client_send_some(const struct sc_client *client)
{
    struct sc_bytes bytes = sc_buf_bytes(&client->out);

    if (bytes.length == 0)
        return 0;
    if (client->giving && client->give_at == 0)
        return sc_pass_send(client->input.fd, bytes, sc_connection_descriptor(client->held));
    if (client->giving)
        bytes.length = client->give_at;
    return sc_pass_send(client->output.fd, bytes, -1);
}

static void client_was_sent(struct sc_client *client, size_t length)
{
    if (client->giving && client->give_at == 0)
        client_delivered(client);
    else if (client->giving)
        client->give_at -= length;
    sc_buf_consume(&client->out, length);
}

/* Sends the rest of what was begun. Returns 0, or -errno: -EAGAIN when the client waits. */
static int client_send_rest(struct sc_client *client, ssize_t sent)
{
    while (sc_buf_length(&client->out) > 0) {
        if (sent == -EAGAIN || sent == -ETOOMANYREFS || sent == -ENOBUFS || sent == -ENOMEM) {
            bool silent = sent != -EAGAIN || (client->giving && client_serves_standard_io(client));
            client_wait_for(client, silent ? SC_WAIT_RETRY : SC_WAIT_OUTPUT);
            return -EAGAIN;
        }
        if (sent > 0)
            client_was_sent(client, (size_t)sent);
        else if (sent < 0 && sent != -EINTR)
            return (int)sent;
        if (sc_buf_length(&client->out) > 0)
            sent = client_send_some(client);
    }
    client_wait_for(client, SC_WAIT_INPUT);
    return 0;
}

/* What was received and not answered yet outlasts the buffer. False if there is no memory. */
static bool client_keep_input(struct sc_client *client)
{
    return sc_session_is_exhausted(&client->session) || sc_session_keep(&client->session) == 0;
}

/*
 * Only who has something to be sent needs a buffer for it, mostly not for
 * long; so it is lent.
 */
static void client_lend_buffer(struct sc_client *client)
{
    struct sc_server *server = client->server;

    if (client->out.capacity == 0 && server->spares > 0) {
        client->out = server->spare[--server->spares];
        sc_buf_init(&server->spare[server->spares]);
    }
}

static void client_return_buffer(struct sc_client *client)
{
    struct sc_server *server = client->server;

    if (sc_buf_length(&client->out) > 0)
        return;
    if (server->spares < SC_HEARD_MAX) {
        sc_buf_clear(&client->out, OUTPUT_MAX);
        server->spare[server->spares++] = client->out;
        sc_buf_init(&client->out);
    } else {
        sc_buf_fini(&client->out);
    }
}

/*
 * A client that writes into a socket that is closed under its words is told
 * of a reset connection, which Postfix's clients warn of; one that writes
 * later just knows that nobody listens any more, and connects again. So first
 * nothing more can come, and only then, if nothing has come, it is closed.
 */
void sc_client_dismiss(struct sc_client *client)
{
    if (client->heard || sc_pass_has_input(client->input.fd))
        return; /* It has just spoken, and is to be answered. */
    if (!client_serves_standard_io(client))
        sc_pass_end_input(client->input.fd);
    if (!sc_pass_has_input(client->input.fd))
        sc_client_free(client);
}

/* Answers what has come in, as far as can be said without a look at what was found. */
static void client_think(struct sc_client *client)
{
    client_lend_buffer(client);
    client->answers = client_answer_all(client, &client->answered);
}

/* Looks, and is done with what has come in. */
static void client_look(struct sc_client *client)
{
    if (client->unseen) {
        int error = sc_client_look(client);
        if (error < 0)
            client->answers = error;
    }
    if (client->answers >= 0 && !client_keep_input(client))
        client->answers = -ENOMEM;
}

/* Sends, and answers more, as far as possible. False if the client is to be closed. */
static bool client_speak(struct sc_client *client, ssize_t sent)
{
    for (;; sent = client_send_some(client)) {
        int sending = client_send_rest(client, sent);

        if (client->answers < 0 || (sending < 0 && sending != -EAGAIN))
            return false;
        if (sending == -EAGAIN)
            return true;
        if (client->answers == 0)
            return !client->end_of_input;
        client_think(client);
        client_look(client);
    }
}

static void client_go_on(struct sc_client *client, ssize_t sent)
{
    bool alive = client_speak(client, sent);

    client->heard = false;
    client_return_buffer(client);
    if (!alive) {
        sc_client_free(client);
        return;
    }
    bool idle = client_is_idle(client);
    if (client->answered || client->busy == idle)
        client_enlist(client, !idle);
    client->answered = false;
    if (idle && client->server->draining)
        sc_client_dismiss(client);
}

void sc_server_answer(struct sc_server *server)
{
    size_t count = server->heard_count;
    ssize_t sent[SC_HEARD_MAX];

    for (size_t i = 0; i < count; i++)
        client_think(server->heard[i]);
    for (size_t i = 0; i < count; i++)
        client_look(server->heard[i]);
    for (size_t i = 0; i < count; i++)
        sent[i] = client_send_some(server->heard[i]);
    for (size_t i = 0; i < count; i++)
        client_go_on(server->heard[i], sent[i]);
    server->heard_count = server->scratch_used = 0;
}

static void client_hear(struct sc_client *client, size_t length)
{
    struct sc_server *server = client->server;

    client->heard = true;
    server->heard[server->heard_count++] = client;
    server->scratch_used += (length + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN;
    if (server->heard_count >= server->heard_together ||
        server->scratch_used > SC_SCRATCH_SIZE - SCRATCH_LEAST)
        sc_server_answer(server);
}

/* Takes in what was received. Returns 0 or -ENOMEM. */
static int client_feed(struct sc_client *client, const char *bytes,
                       const struct sc_received *received)
{
    enum sc_passed passed = SC_PASSED_NONE;

    if (received->bad)
        passed = SC_PASSED_BAD;
    else if (received->fd >= 0)
        passed = SC_PASSED_ONE;
    if (passed == SC_PASSED_ONE && client->received < 0)
        client->received = received->fd;
    else if (passed == SC_PASSED_ONE)
        sc_server_close_foreign(client->server, received->fd);
    for (size_t i = 0; i < received->surplus_count; i++)
        sc_server_close_foreign(client->server, received->surplus[i]);
    return sc_session_feed(&client->session, (struct sc_bytes){bytes, received->length}, passed);
}

/* The kernel cannot watch the socket: nothing that the client does would be seen. */
static void client_is_unwatched(struct sc_client *client)
{
    sc_log_limited(client->server->log, &client->server->lost_memory, client->server->now,
                   SC_WARNING, "cannot wait for a client's words: closing its connection");
    sc_client_free(client);
}

static void client_on_input(struct ev_loop *loop, struct ev_io *watch, int events)
{
    struct sc_client *client = watch->data;
    struct sc_server *server = client->server;
    struct sc_received received;
    bool one = sc_session_wants_one_byte(&client->session);

    (void)loop;
    if ((events & EV_ERROR) != 0) {
        client_is_unwatched(client);
        return;
    }
    if (sc_server_must_wait_for_closer(server)) {
        client_wait_for(client, SC_WAIT_RETRY);
        return;
    }
    char *scratch = server->scratch + server->scratch_used;
    size_t size = one ? 1 : SC_SCRATCH_SIZE - server->scratch_used;
    int error = sc_pass_receive(watch->fd, scratch, size, &received);
    if (error == -EAGAIN || error == -EINTR)
        return;
    if (error == 0 && received.length > 0)
        error = client_feed(client, scratch, &received);
    else if (error == 0)
        client->end_of_input = true;
    if (error < 0)
        sc_client_free(client);
    else
        client_hear(client, received.length);
}

static void client_on_output(struct ev_loop *loop, struct ev_io *watch, int events)
{
    (void)loop;
    if ((events & EV_ERROR) != 0)
        client_is_unwatched(watch->data);
    else
        client_go_on(watch->data, client_send_some(watch->data));
}

void sc_client_retry(struct sc_client *client)
{
    client_wait_for(client, SC_WAIT_INPUT);
    if (sc_buf_length(&client->out) > 0)
        client_go_on(client, client_send_some(client));
}

void sc_client_greet(struct sc_client *client)
{
    client_lend_buffer(client);
    int error = sc_reply_greeting(&client->out);
    if (error == 0)
        error = client_send_rest(client, client_send_some(client));
    client_return_buffer(client);
    if (error < 0 && error != -EAGAIN)
        sc_client_free(client);
}

int sc_client_new(struct sc_server *server, int input, int output, struct sc_user *user)
{
    struct sc_client *client = calloc(1, sizeof(*client));

    if (!client)
        return -ENOMEM;
    client->server = server;
    client->user = user;
    client->received = -1;
    client->since = server->now;
    ev_io_init(&client->input, client_on_input, input, EV_READ);
    ev_io_init(&client->output, client_on_output, output, EV_WRITE);
    client->input.data = client->output.data = client;
    sc_session_init(&client->session, server->settings.message_limit);
    sc_buf_init(&client->out);
    TAILQ_INSERT_TAIL(&server->idle, client, link);
    server->clients++;
    server->has_new_watches = true;
    ev_io_start(server->loop, &client->input);
    sc_trace_client(client, "connected");
    if (server->host.clients_changed)
        server->host.clients_changed(server->host.context, server->clients);
    if (server->settings.greeting != SC_GREETING_NO && !client_serves_standard_io(client))
        sc_client_greet(client);
    return 0;
}

/* A client that leaves before its connection was given loses nothing. */
static void client_put_back(struct sc_client *client)
{
    if (!client->held)
        return;
    sc_connection_put_back(client->held, client->server->now);
    client->held = NULL;
    sc_server_reap(client->server);
    sc_server_note_sizes(client->server);
}

static void client_close_socket(struct sc_client *client)
{
    if (client_serves_standard_io(client))
        return;
    /* After its end of file nothing can be left in its queue, nor come. */
    if (client->end_of_input)
        close(client->input.fd);
    else
        sc_server_close_foreign(client->server, client->input.fd);
}

void sc_client_free(struct sc_client *client)
{
    struct sc_server *server = client->server;

    assert(!client->heard);
    sc_trace_client(client, "closed");
    client_put_back(client);
    client_close_received(client);
    client_wait_for(client, SC_WAIT_INPUT);
    ev_io_stop(server->loop, &client->input);
    TAILQ_REMOVE(client_list_of(client), client, link);
    client_close_socket(client);
    sc_session_fini(&client->session);
    sc_buf_fini(&client->out);
    sc_user_release(client->user);
    free(client);
    server->clients--;
    sc_server_note_leaving(server);
    if (server->host.clients_changed)
        server->host.clients_changed(server->host.context, server->clients);
    if (server->draining && server->clients == 0 && server->host.drained)
        server->host.drained(server->host.context);
}
