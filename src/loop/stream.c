/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Output with back-pressure over a watched socket. What is said, and what
 * becomes of what comes in, its owner decides.
 */
#include "loop/stream.h"

#include <errno.h>

#include "io/pass.h"

enum { RETRY_MS = 1, KEPT = 16 * 1024 /* of an empty buffer */ };

static void stream_watch(struct sc_stream *stream)
{
    if (sc_stream_waiting(stream) > 0)
        sc_watch_want(&stream->watch, stream->retry.is_set ? SC_WATCH_NONE : SC_WATCH_WRITE);
    else
        sc_watch_want(&stream->watch, stream->reading ? SC_WATCH_READ : SC_WATCH_NONE);
}

int sc_stream_flush(struct sc_stream *stream)
{
    bool waited = sc_stream_waiting(stream) > 0;

    sc_timer_stop(&stream->retry);
    while (sc_stream_waiting(stream) > 0) {
        ssize_t sent = sc_pass_send(sc_watch_fd(&stream->watch), sc_buf_bytes(&stream->out), -1);
        if (sent == -EINTR)
            continue;
        if (sent == -ENOBUFS || sent == -ENOMEM)
            sc_timer_set(&stream->retry, sc_loop_now(stream->watch.loop) + RETRY_MS);
        else if (sent < 0 && sent != -EAGAIN)
            return (int)sent;
        if (sent < 0)
            break;
        sc_buf_consume(&stream->out, (size_t)sent);
        stream->moved = sc_loop_now(stream->watch.loop);
    }
    if (sc_stream_waiting(stream) == 0)
        sc_buf_clear(&stream->out, KEPT);
    if (!waited)
        stream->moved = sc_loop_now(stream->watch.loop);
    stream_watch(stream);
    return 0;
}

/* Goes on with what waited. */
static void stream_go_on(struct sc_stream *stream)
{
    int error = sc_stream_flush(stream);

    if (error < 0)
        stream->calls->lost(stream, error);
    else if (sc_stream_waiting(stream) == 0 && stream->calls->drained)
        stream->calls->drained(stream);
}

static void stream_on_ready(struct sc_watch *watch, int events)
{
    struct sc_stream *stream = SC_CONTAINER_OF(watch, struct sc_stream, watch);

    if (events == SC_WATCH_REFUSED)
        stream->calls->lost(stream, -ENOMEM);
    else if (sc_stream_waiting(stream) > 0)
        stream_go_on(stream);
    else
        stream->calls->readable(stream);
}

static void stream_on_retry(struct sc_timer *timer)
{
    stream_go_on(SC_CONTAINER_OF(timer, struct sc_stream, retry));
}

int sc_stream_init(struct sc_stream *stream, struct sc_loop *loop, int fd,
                   const struct sc_stream_calls *calls)
{
    int error = sc_timer_init(&stream->retry, loop, stream_on_retry);

    if (error < 0)
        return error;
    sc_watch_init(&stream->watch, loop, fd, stream_on_ready);
    sc_buf_init(&stream->out);
    stream->calls = calls;
    stream->moved = sc_loop_now(loop);
    stream->reading = true;
    stream_watch(stream);
    return 0;
}

void sc_stream_fini(struct sc_stream *stream)
{
    sc_watch_want(&stream->watch, SC_WATCH_NONE);
    sc_timer_fini(&stream->retry);
    sc_buf_fini(&stream->out);
}

void sc_stream_read(struct sc_stream *stream, bool wanted)
{
    stream->reading = wanted;
    stream_watch(stream);
}

int64_t sc_stream_stuck_since(const struct sc_stream *stream)
{
    return sc_stream_waiting(stream) > 0 ? stream->moved : INT64_MAX;
}
