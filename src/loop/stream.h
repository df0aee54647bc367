/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOOP_STREAM_H
#define SC_LOOP_STREAM_H

/*
 * The output of a conversation, and when its input is to be read. What is
 * said goes out at once as far as the other side takes it; the rest waits in
 * a buffer, and until that is empty nothing more is read: who does not listen
 * is not listened to. What no event announces (the kernel is short of memory)
 * is tried again on a timer.
 *
 * The stream is embedded in what it belongs to and does not own the socket.
 * It sends bytes only; for descriptors see the cache server's delivery.
 * Nothing blocks. A call-back may end the stream that it is called for, but
 * only as the last thing that it does.
 */

#include "base/buf.h"
#include "loop/timer.h"
#include "loop/watch.h"

struct sc_stream;

struct sc_stream_calls {
    void (*readable)(struct sc_stream *stream); /* something came, or the other side has left */
    void (*drained)(struct sc_stream *stream);  /* what waited has been taken; may be null */
    void (*lost)(struct sc_stream *stream, int error); /* -errno: it is of no use any more */
};

struct sc_stream {
    struct sc_watch watch;
    struct sc_timer retry;
    struct sc_buf out;
    const struct sc_stream_calls *calls; /* borrowed */
    int64_t moved; /* when the other side took something last, or nothing waited */
    bool reading;  /* the owner wants input */
};

/* Watches from the start. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_stream_init(struct sc_stream *stream, struct sc_loop *loop, int fd,
                                 const struct sc_stream_calls *calls);

/* Gives up what waits; the socket stays open. */
void sc_stream_fini(struct sc_stream *stream);

/* Where output is written before it is flushed; what it holds is the owner's to append to. */
static inline struct sc_buf *sc_stream_out(struct sc_stream *stream)
{
    return &stream->out;
}

static inline size_t sc_stream_waiting(const struct sc_stream *stream)
{
    return sc_buf_length(&stream->out);
}

/*
 * Sends what waits as far as that goes. Returns 0, also when something still
 * waits; or -errno when the stream is lost, and then lost() is not called.
 */
SC_MUST_CHECK int sc_stream_flush(struct sc_stream *stream);

/* Whether input is wanted; while output waits it is not read in any case. */
void sc_stream_read(struct sc_stream *stream, bool wanted);

/* Since when the other side has taken nothing of what waits; INT64_MAX: nothing waits. */
int64_t sc_stream_stuck_since(const struct sc_stream *stream);

#endif
