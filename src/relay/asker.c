/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The conversation with one who asks for sessions: lists in, lists out, a
 * descriptor each way. What is asked for, others know.
 */
#include "relay/asker.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/pass.h"
#include "io/remote.h"
#include "wire/tls_reply.h"

enum {
    REQUEST_MS = 5000, /* a request that has begun is whole by then */
    TAKE_MS = 30000,   /* and its answer was taken by then */
    RETRY_MS = 2,      /* until a descriptor is given again that could not be */
};

static int64_t asker_now(const struct sc_asker *asker)
{
    return sc_loop_now(asker->loop);
}

static void asker_close_carried(struct sc_asker *asker)
{
    if (asker->carried >= 0)
        sc_remote_close(asker->carried);
    asker->carried = -1;
}

/* Drops so many bytes at the front of what came, for good. */
static void asker_forget(struct sc_asker *asker, size_t length)
{
    size_t rest = asker->length - length;

    memmove(asker->input, asker->input + length, rest);
    explicit_bzero(asker->input + rest, length);
    asker->length = rest;
    if (asker->carried >= 0)
        asker->carried_at -= length;
    if (rest > 0)
        return;
    free(asker->input);
    asker->input = NULL;
}

/* When something is to be looked after though nobody says a word. */
static void asker_set_timer(struct sc_asker *asker)
{
    int64_t stuck = sc_stream_stuck_since(&asker->stream);
    int64_t at = INT64_MAX;

    if (sc_buf_length(&asker->answer) > 0)
        at = asker_now(asker) + RETRY_MS;
    else if (stuck != INT64_MAX)
        at = stuck + TAKE_MS;
    else if (!asker->busy && asker->length > 0)
        at = asker->since + REQUEST_MS;
    sc_timer_set(&asker->timer, at);
}

/* A descriptor may belong to a request for a session, and to nothing else. */
static bool asker_claim(struct sc_asker *asker, const struct sc_tls_request *request, size_t length,
                        int *fd)
{
    *fd = -1;
    if (asker->carried < 0 || asker->carried_at >= length)
        return true;
    if (request->kind != SC_TLS_KIND_CLIENT)
        return false;
    *fd = asker->carried;
    asker->carried = -1;
    return true;
}

/* Looks at the first request of what has come. False: there is none that is whole. */
static bool asker_take_request(struct sc_asker *asker)
{
    size_t length = asker->length > 0 ? sc_list_scan(&asker->scanner,
                                                     (struct sc_bytes){asker->input, asker->length})
                                      : 0;
    int fd;

    if (length == 0) {
        asker->lost = asker->lost || asker->length == SC_TLS_MESSAGE_MAX;
        return false;
    }
    struct sc_tls_request request = sc_tls_request_parse((struct sc_bytes){asker->input, length});
    if (!asker_claim(asker, &request, length, &fd)) {
        asker->lost = true;
        return false;
    }
    if (request.kind != SC_TLS_KIND_NONE) {
        asker->busy = true;
        asker->since = asker_now(asker);
        asker->calls->request(asker, &request, fd);
    }
    asker_forget(asker, length);
    return true;
}

/* Goes on as far as that is possible now, and waits for what comes next. */
static void asker_go_on(struct sc_asker *asker)
{
    while (!asker->lost && !asker->busy && sc_stream_waiting(&asker->stream) == 0 &&
           asker_take_request(asker))
        continue;
    if (asker->lost) {
        sc_stream_read(&asker->stream, false);
        sc_timer_set(&asker->timer, asker_now(asker));
        return;
    }
    sc_stream_read(&asker->stream, asker->length < SC_TLS_MESSAGE_MAX);
    asker_set_timer(asker);
}

static bool asker_take_in(struct sc_asker *asker, const struct sc_received *received)
{
    for (size_t i = 0; i < received->surplus_count; i++)
        sc_remote_close(received->surplus[i]);
    if (received->fd >= 0) {
        /* The last one was claimed by nobody. */
        bool surplus = asker->carried >= 0;
        asker_close_carried(asker);
        asker->carried = received->fd;
        asker->carried_at = asker->length + received->length - 1;
        if (surplus)
            return false;
    }
    if (asker->length == 0)
        asker->since = asker_now(asker);
    asker->length += received->length;
    return received->length > 0 && !received->bad;
}

static void asker_on_readable(struct sc_stream *stream)
{
    struct sc_asker *asker = SC_CONTAINER_OF(stream, struct sc_asker, stream);
    struct sc_received received;

    if (!asker->input)
        asker->input = malloc(SC_TLS_MESSAGE_MAX);
    if (!asker->input) {
        asker->calls->left(asker);
        return;
    }
    int error = sc_pass_receive(asker->fd, asker->input + asker->length,
                                SC_TLS_MESSAGE_MAX - asker->length, &received);
    if (error == -EAGAIN || error == -EINTR)
        return;
    if (error < 0 || !asker_take_in(asker, &received)) {
        asker->calls->left(asker);
        return;
    }
    asker_go_on(asker);
}

static void asker_on_drained(struct sc_stream *stream)
{
    asker_go_on(SC_CONTAINER_OF(stream, struct sc_asker, stream));
}

static void asker_on_lost(struct sc_stream *stream, int error)
{
    struct sc_asker *asker = SC_CONTAINER_OF(stream, struct sc_asker, stream);

    (void)error;
    asker->calls->left(asker);
}

static const struct sc_stream_calls stream_calls = {
    .readable = asker_on_readable,
    .drained = asker_on_drained,
    .lost = asker_on_lost,
};

/* Sends the beginning of an answer with its descriptor, if that can be done now. */
static void asker_try_to_give(struct sc_asker *asker)
{
    ssize_t sent = sc_pass_send(asker->fd, sc_buf_bytes(&asker->answer), asker->giving);

    if (sent == -EAGAIN || sent == -EINTR || sent == -ETOOMANYREFS || sent == -ENOBUFS ||
        sent == -ENOMEM) {
        asker->lost = asker_now(asker) >= asker->give_until;
        return;
    }
    close(asker->giving);
    asker->giving = -1;
    if (sent > 0) {
        sc_buf_consume(&asker->answer, (size_t)sent);
        sc_asker_answer(asker, sc_buf_append(sc_asker_out(asker), sc_buf_bytes(&asker->answer)));
    }
    asker->lost = asker->lost || sent < 0;
    sc_buf_clear(&asker->answer, 0);
}

static void asker_on_timer(struct sc_timer *timer)
{
    struct sc_asker *asker = SC_CONTAINER_OF(timer, struct sc_asker, timer);

    if (asker->giving >= 0)
        asker_try_to_give(asker);
    else if (asker_now(asker) >= asker->since + REQUEST_MS)
        asker->lost = true;
    if (asker->lost)
        asker->calls->left(asker);
    else
        asker_go_on(asker);
}

struct sc_asker *sc_asker_new(struct sc_loop *loop, int fd, const struct sc_asker_calls *calls,
                              void *owner)
{
    struct sc_asker *asker = calloc(1, sizeof(*asker));
    int error = asker ? sc_timer_init(&asker->timer, loop, asker_on_timer) : -ENOMEM;

    if (error == 0)
        error = sc_stream_init(&asker->stream, loop, fd, &stream_calls);
    if (error < 0) {
        if (asker)
            sc_timer_fini(&asker->timer);
        free(asker);
        close(fd);
        return NULL;
    }
    asker->loop = loop;
    asker->fd = fd;
    asker->calls = calls;
    asker->owner = owner;
    asker->carried = asker->giving = -1;
    asker->since = sc_loop_now(loop);
    sc_buf_init(&asker->answer);
    if (sc_tls_reply_greeting(sc_asker_out(asker)) == 0 && sc_stream_flush(&asker->stream) == 0) {
        asker_set_timer(asker);
        return asker;
    }
    sc_asker_free(asker);
    return NULL;
}

void sc_asker_free(struct sc_asker *asker)
{
    sc_stream_fini(&asker->stream);
    sc_timer_fini(&asker->timer);
    asker_close_carried(asker);
    if (asker->giving >= 0)
        close(asker->giving);
    if (asker->input)
        explicit_bzero(asker->input, asker->length);
    free(asker->input);
    sc_buf_fini(&asker->answer);
    close(asker->fd);
    free(asker);
}

void sc_asker_answer(struct sc_asker *asker, int error)
{
    asker->busy = false;
    asker->since = asker_now(asker);
    if (error == 0)
        error = sc_stream_flush(&asker->stream);
    asker->lost = asker->lost || error < 0;
    /* What it has said meanwhile is looked at when nobody is in the midst of anything. */
    sc_timer_set(&asker->timer, asker_now(asker));
}

void sc_asker_give(struct sc_asker *asker, struct sc_buf *answer, int fd)
{
    assert(sc_stream_waiting(&asker->stream) == 0);
    asker->answer = *answer;
    sc_buf_init(answer);
    asker->giving = fd;
    asker->give_until = asker_now(asker) + TAKE_MS;
    asker_try_to_give(asker);
    sc_timer_set(&asker->timer, asker_now(asker) + (asker->giving >= 0 ? RETRY_MS : 0));
}

bool sc_asker_is_idle(const struct sc_asker *asker)
{
    return !asker->busy && !asker->lost && asker->length == 0 && asker->giving < 0 &&
           sc_stream_waiting(&asker->stream) == 0;
}

bool sc_asker_has_unread(const struct sc_asker *asker)
{
    return sc_remote_unacknowledged(asker->fd) > 0;
}
