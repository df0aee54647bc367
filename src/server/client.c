/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One client: what it says is heard and answered, what it is to have is sent,
 * what it waits for is watched. When it is its turn, others decide.
 */
#include "server/client.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cache/cache.h"
#include "io/pass.h"
#include "server/chronicle.h"

/* So much output of one client waits for it before its next request is read. */
enum { OUTPUT_MOST = 64 * 1024 };

static bool client_serves_standard_io(const struct sc_client *client)
{
    return sc_watch_fd(&client->input) != sc_watch_fd(&client->output);
}

static struct sc_answer client_answer(struct sc_client *client)
{
    return (struct sc_answer){
        .common = client->common,
        .space = client->guest.user->space,
        .caller = &client->caller,
        .out = &client->out,
    };
}

static int64_t client_now(const struct sc_client *client)
{
    return sc_loop_now(client->common->loop);
}

/* --- waiting ------------------------------------------------------------ */

static void client_wait_for(struct sc_client *client, enum sc_client_wait wait)
{
    if (client->wait == wait && !client->end_of_input)
        return;
    if (client->wait == SC_WAIT_RETRY && wait != SC_WAIT_RETRY)
        TAILQ_REMOVE(&client->common->retrying, client, retry);
    if (client->wait != SC_WAIT_RETRY && wait == SC_WAIT_RETRY)
        TAILQ_INSERT_TAIL(&client->common->retrying, client, retry);
    client->wait = wait;
    bool hears = wait == SC_WAIT_INPUT && !client->end_of_input;
    if (client_serves_standard_io(client)) {
        sc_watch_want(&client->input, hears ? SC_WATCH_READ : SC_WATCH_NONE);
        sc_watch_want(&client->output, wait == SC_WAIT_OUTPUT ? SC_WATCH_WRITE : SC_WATCH_NONE);
        return;
    }
    int events = hears ? SC_WATCH_READ : SC_WATCH_NONE;
    sc_watch_want(&client->input, wait == SC_WAIT_OUTPUT ? SC_WATCH_WRITE : events);
}

/* It is to be served; and closed, if the kernel cannot watch it: what it does would not be seen. */
static void client_on_ready(struct sc_client *client, int events)
{
    if (events == SC_WATCH_REFUSED) {
        sc_common_warn(client->common, SC_NOTICE_CANNOT_WATCH_CLIENT,
                       "cannot wait for a client's words: closing its connection");
        client->error = -ENOBUFS;
    }
    sc_queue_add(&client->common->queue, &client->guest);
}

static void client_on_input(struct sc_watch *watch, int events)
{
    client_on_ready(SC_CONTAINER_OF(watch, struct sc_client, input), events);
}

static void client_on_output(struct sc_watch *watch, int events)
{
    client_on_ready(SC_CONTAINER_OF(watch, struct sc_client, output), events);
}

static bool client_is_idle(const struct sc_client *client)
{
    return sc_session_is_idle(&client->session) && sc_buf_length(&client->out) == 0 &&
           client->delivery.state == SC_DELIVERY_NONE && !client->end_of_input && !client->wants;
}

static void client_end_silence(struct sc_client *client)
{
    if (client->silent)
        TAILQ_REMOVE(&client->common->silent, client, silence);
    client->silent = false;
}

/* --- hearing ------------------------------------------------------------ */

static void client_close_surplus(struct sc_client *client, const struct sc_received *received)
{
    for (size_t i = 0; i < received->surplus_count; i++)
        sc_common_close_unknown(client->common, received->surplus[i], client->guest.user->id);
}

static int client_feed(struct sc_client *client, const char *bytes,
                       const struct sc_received *received)
{
    enum sc_passed passed = SC_PASSED_NONE;

    if (received->bad)
        passed = SC_PASSED_BAD;
    else if (received->fd >= 0)
        passed = SC_PASSED_ONE;
    client_close_surplus(client, received);
    int error = sc_session_feed(&client->session, (struct sc_bytes){bytes, received->length},
                                passed, received->fd);
    if (error < 0 && received->fd >= 0)
        sc_common_close_unknown(client->common, received->fd, client->guest.user->id);
    if (error == -ENOMEM)
        sc_common_warn(client->common, SC_NOTICE_NO_MEMORY_FOR_INPUT,
                       "no memory for what a client says: closing its connection");
    return error;
}

size_t sc_client_hear(struct sc_client *client, char *bytes, size_t size)
{
    struct sc_received received;

    if (sc_session_wants_one_byte(&client->session))
        size = 1;
    int error = sc_pass_receive(sc_watch_fd(&client->input), bytes, size, &received);
    if (error == -EAGAIN || error == -EINTR)
        return 0;
    if (error == 0 && received.length > 0)
        error = client_feed(client, bytes, &received);
    else if (error == 0)
        client->end_of_input = true;
    client->more = true;
    if (client->silent && received.length > 0)
        client->common->spoke_first++;
    client_end_silence(client);
    if (error < 0)
        client->error = error;
    return error < 0 ? 0 : received.length;
}

/* --- thinking ----------------------------------------------------------- */

static int client_answer_request(struct sc_client *client, const struct sc_request *request,
                                 int cargo)
{
    const struct sc_answer answer = client_answer(client);

    if (request->malformed || request->kind == SC_REQUEST_UNKNOWN)
        return sc_answer_malformed(&answer, request, cargo);
    if (sc_cache_is_probe(request))
        return sc_answer_probe(&answer, request);
    sc_chronicle_asked(client->common, &client->acquisition, request);
    if (sc_cache_finds(request->kind)) {
        client->wants = true;
        return 0;
    }
    if (request->kind != SC_REQUEST_SAVE_ENDP)
        return sc_answer_save(&answer, request, cargo);
    int error = sc_session_expect(&client->session);
    return error < 0 ? error : sc_reply_dummy(&client->out);
}

static void client_tell_first_request(struct sc_common *common)
{
    void (*tell)(void *context) = common->first_request;

    common->first_request = NULL;
    if (tell)
        tell(common->first_request_context);
}

static int client_take_event(struct sc_client *client, enum sc_event event,
                             const struct sc_request *request, int cargo)
{
    const struct sc_answer answer = client_answer(client);

    switch (event) {
    case SC_EVENT_REQUEST:
        client_tell_first_request(client->common);
        return client_answer_request(client, request, cargo);
    case SC_EVENT_SAVE:
        return sc_answer_save(&answer, request, cargo);
    case SC_EVENT_READY:
        sc_delivery_ride(&client->delivery, sc_buf_length(&client->out));
        return sc_buf_append(&client->out, SC_BYTES("\0"));
    case SC_EVENT_VIOLATION:
        sc_common_warn(client->common, SC_NOTICE_VIOLATION,
                       "a client broke the protocol: closing its connection");
        return -EPROTO;
    case SC_EVENT_MORE:
        break;
    }
    return 0;
}

/* Whether the next request may be read, or something must be sent first. */
static bool client_may_think(const struct sc_client *client)
{
    return client->more && client->error == 0 && !client->wants &&
           !sc_delivery_is_riding(&client->delivery) && sc_buf_length(&client->out) < OUTPUT_MOST;
}

/* Once it speaks about something else it has received what it was sent before that. */
static void client_note_acknowledgement(struct sc_client *client)
{
    if (!client->acknowledges || client->session.state == SC_SESSION_DELIVERED)
        return;
    client->acknowledges = false;
    sc_unread_note_received(&client->unread, client->common);
}

void sc_client_think(struct sc_client *client, unsigned *quota, struct sc_request *request)
{
    while (*quota > 0 && client_may_think(client)) {
        int cargo = -1;

        if (sc_session_is_exhausted(&client->session)) {
            client->more = false;
            return;
        }
        enum sc_event event = sc_session_next(&client->session, request, &cargo);
        client_note_acknowledgement(client);
        if (event == SC_EVENT_MORE) {
            client->more = false;
            return;
        }
        --*quota;
        client->answered = true;
        client->error = client_take_event(client, event, request, cargo);
        if (client->error == -ENOMEM)
            sc_common_warn(client->common, SC_NOTICE_NO_MEMORY_TO_ANSWER,
                           "no memory to answer a client: closing its connection");
    }
}

void sc_client_found(struct sc_client *client, const struct sc_request *request,
                     struct sc_connection *connection, const struct sc_found *found)
{
    const struct sc_answer answer = client_answer(client);
    size_t at = sc_buf_length(&client->out);

    client->wants = false;
    sc_chronicle_found(client->common, &client->acquisition, request, connection);
    sc_delivery_promise(&client->delivery, connection, sc_answer_hit(request));
    client->error = sc_answer_found(&answer, request, found);
    if (request->kind == SC_REQUEST_TAKE)
        sc_delivery_ride(&client->delivery, at);
    else
        sc_session_offer(&client->session);
}

void sc_client_missed(struct sc_client *client, const struct sc_request *request)
{
    const struct sc_answer answer = client_answer(client);

    client->wants = false;
    sc_chronicle_missed(client->common, &client->acquisition, answer.space, request);
    client->error = sc_answer_missed(&answer, request);
}

/* --- speaking ----------------------------------------------------------- */

/* What makes it try again by the clock, because no event will tell. */
static bool client_must_retry(const struct sc_client *client, ssize_t sent)
{
    if (sent == -EAGAIN)
        return sc_delivery_is_riding(&client->delivery) && client_serves_standard_io(client);
    return sent == -ETOOMANYREFS || sent == -ENOBUFS || sent == -ENOMEM;
}

ssize_t sc_client_speak(struct sc_client *client)
{
    struct sc_bytes bytes = sc_buf_bytes(&client->out);

    if (bytes.length == 0)
        return 0;
    if (sc_delivery_is_riding(&client->delivery) && client->delivery.at == 0 &&
        !sc_unread_may_send(&client->unread, client->common))
        return -ETOOMANYREFS;
    return sc_delivery_send(&client->delivery, sc_watch_fd(&client->output),
                            sc_watch_fd(&client->input), bytes);
}

static void client_note_sent(struct sc_client *client, size_t length)
{
    enum sc_counter hit = client->delivery.hit;

    if (sc_delivery_note_sent(&client->delivery, client->common, length)) {
        sc_chronicle_delivered(client->common, &client->acquisition, hit);
        sc_unread_note_sent(&client->unread, client->common);
        client->acknowledges = client->session.state == SC_SESSION_GIVING;
        if (client->acknowledges)
            sc_session_delivered(&client->session);
    }
    sc_buf_consume(&client->out, length);
}

/* Sends the rest of what was begun. Returns 0, or -errno: -EAGAIN when the client waits. */
static int client_speak_all(struct sc_client *client, ssize_t sent)
{
    while (sc_buf_length(&client->out) > 0) {
        if (sent == -EAGAIN || client_must_retry(client, sent)) {
            client_wait_for(client,
                            client_must_retry(client, sent) ? SC_WAIT_RETRY : SC_WAIT_OUTPUT);
            return -EAGAIN;
        }
        if (sent < 0 && sent != -EINTR)
            return (int)sent;
        if (sent > 0)
            client_note_sent(client, (size_t)sent);
        if (sc_buf_length(&client->out) > 0)
            sent = sc_client_speak(client);
    }
    client_wait_for(client, SC_WAIT_INPUT);
    return 0;
}

/* --- settling ----------------------------------------------------------- */

static enum sc_counter client_reason(const struct sc_client *client)
{
    if (client->error == -EPROTO)
        return SC_CLIENTS_PROTOCOL;
    return client->error == -ENOMEM || client->error == -ENOBUFS ? SC_CLIENTS_NO_MEMORY
                                                                 : SC_CLIENTS_LEFT;
}

/* What was received and not answered yet outlasts the buffer that it came in. */
static void client_keep_input(struct sc_client *client)
{
    if (client->error == 0 && client->wants)
        client->error = sc_session_postpone(&client->session);
    if (client->error == 0 && !sc_session_is_exhausted(&client->session))
        client->error = sc_session_keep(&client->session);
}

bool sc_client_settle(struct sc_client *client, ssize_t sent, enum sc_counter *reason)
{
    client_keep_input(client);
    int sending = client_speak_all(client, sent);
    *reason = client_reason(client);
    if (client->error < 0 || (sending < 0 && sending != -EAGAIN))
        return false;
    /* A descriptor that was delivered may have let the next request be read. */
    if (sending == 0 && client->end_of_input && !client->more && !client->wants)
        return false;
    sc_guest_set_bytes(&client->guest, client->session.input.capacity + client->out.capacity);
    bool idle = client_is_idle(client);
    if (client->answered || client->guest.busy == idle)
        sc_guest_set_busy(&client->guest, !idle, client_now(client));
    client->answered = false;
    return true;
}

bool sc_client_dismiss(struct sc_client *client, enum sc_counter reason)
{
    int fd = sc_watch_fd(&client->input);

    /*
     * A client that writes into a socket that is closed under its words is told
     * of a reset connection, which Postfix's clients warn of; one that writes
     * later just knows that nobody listens any more, and connects again. So first
     * nothing more can come, and only then, if nothing has come, it is closed.
     */
    if (client->served || client->guest.waits || sc_client_is_speaking(client))
        return false; /* It has just spoken, and is to be answered. */
    if (!client_serves_standard_io(client))
        sc_pass_end_input(fd);
    if (sc_client_is_speaking(client))
        return false;
    sc_client_free(client, reason);
    return true;
}

bool sc_client_is_speaking(const struct sc_client *client)
{
    return sc_pass_has_input(sc_watch_fd(&client->input));
}

void sc_client_keep_silent(struct sc_client *client)
{
    client->silent = true;
    TAILQ_INSERT_TAIL(&client->common->silent, client, silence);
}

void sc_client_greet(struct sc_client *client)
{
    client_end_silence(client);
    client->error = sc_reply_greeting(&client->out);
    if (client->error == 0) {
        int sending = client_speak_all(client, sc_client_speak(client));
        client->error = sending == -EAGAIN ? 0 : sending;
    }
    if (sc_buf_length(&client->out) == 0)
        sc_buf_fini(&client->out);
    if (client->error < 0)
        sc_queue_add(&client->common->queue, &client->guest);
}

/* --- coming and going --------------------------------------------------- */

int sc_client_new(struct sc_client **client, struct sc_common *common, struct sc_user *user,
                  const struct sc_caller *caller, int input, int output)
{
    struct sc_client *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    fresh->common = common;
    fresh->caller = *caller;
    sc_watch_init(&fresh->input, common->loop, input, client_on_input);
    sc_watch_init(&fresh->output, common->loop, output, client_on_output);
    sc_session_init(&fresh->session, common->settings.message_limit);
    sc_buf_init(&fresh->out);
    sc_unread_init(&fresh->unread, user, input);
    sc_guest_join(&fresh->guest, user, sc_loop_now(common->loop));
    fresh->guest.owner = caller->user;
    fresh->guest.process = caller->process;
    sc_watch_want(&fresh->input, SC_WATCH_READ);
    sc_stats_count(&common->stats, SC_CLIENTS_ACCEPTED);
    sc_trace_client(common, caller, "connected");
    *client = fresh;
    return 0;
}

static void client_close_socket(struct sc_client *client)
{
    int fd = sc_unread_leave(&client->unread, client->common);

    if (fd < 0 || client_serves_standard_io(client))
        return;
    /* After its end of file nothing can be left in its queue, nor come. */
    if (client->end_of_input)
        close(fd);
    else
        sc_common_close_unknown(client->common, fd, client->guest.user->id);
}

void sc_client_free(struct sc_client *client, enum sc_counter reason)
{
    struct sc_common *common = client->common;

    assert(!client->served);
    sc_trace_client(common, &client->caller, "closed");
    sc_chronicle_left(common, &client->acquisition);
    sc_delivery_give_back(&client->delivery, common);
    int cargo = sc_session_steal_cargo(&client->session);
    if (cargo >= 0)
        sc_common_close_unknown(common, cargo, client->guest.user->id);
    client_end_silence(client);
    client_wait_for(client, SC_WAIT_INPUT);
    sc_watch_want(&client->input, SC_WATCH_NONE);
    sc_queue_remove(&common->queue, &client->guest);
    client_close_socket(client);
    sc_session_fini(&client->session);
    sc_buf_fini(&client->out);
    sc_guest_leave(&client->guest);
    sc_stats_count(&common->stats, reason);
    free(client);
}
