/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_ASKER_H
#define SC_RELAY_ASKER_H

/*
 * Somebody who asks for sessions: one conversation in the protocol of
 * scache-tls. Requests are taken one at a time; the next one is looked at when
 * the last one was answered, and what was answered has been taken. Input may
 * hold private keys, and is wiped as soon as it was looked at.
 *
 * A descriptor belongs to the request that contains the last byte that came
 * with it, since the kernel may join bytes that came before, never such as
 * came after. One that belongs to nothing ends the conversation.
 *
 * The asker owns its socket. That it has gone is told out of the loop, never
 * from within a call, and then it may be freed. What a call-back is given of a
 * request is gone when it returns.
 */

#include <sys/queue.h>

#include "loop/stream.h"
#include "wire/tls_request.h"

struct sc_asker;

struct sc_asker_calls {
    /* @fd came along, or is -1; it is theirs. They answer, now or later. */
    void (*request)(struct sc_asker *asker, const struct sc_tls_request *request, int fd);
    void (*left)(struct sc_asker *asker); /* it has gone, or can no longer be understood */
};

struct sc_asker {
    TAILQ_ENTRY(sc_asker) link; /* its owner's, as what follows up to the calls */
    void *owner;
    void *awaits; /* what its last request waits for; null: nothing */
    const struct sc_asker_calls *calls;

    struct sc_loop *loop;
    struct sc_stream stream;
    struct sc_timer timer; /* for what has begun and does not end, and for giving */
    int fd;
    char *input; /* SC_TLS_MESSAGE_MAX bytes; null: nothing has come */
    size_t length;
    struct sc_list_scanner scanner;
    int carried; /* came along, and was not claimed yet; or -1 */
    size_t carried_at;
    struct sc_buf answer; /* that a descriptor rides on; empty: there is none */
    int giving;           /* that descriptor, or -1 */
    int64_t give_until;
    int64_t since; /* when it became idle, or its request began */
    bool busy;     /* an answer is due */
    bool lost;     /* it cannot be spoken with any more, which is still to be told */
};

TAILQ_HEAD(sc_asker_list, sc_asker);

/* Takes the socket over in every outcome, and greets. Returns it, or null: no memory, or gone. */
SC_MUST_CHECK struct sc_asker *sc_asker_new(struct sc_loop *loop, int fd,
                                            const struct sc_asker_calls *calls, void *owner);
void sc_asker_free(struct sc_asker *asker);

/* Where answers are written. */
static inline struct sc_buf *sc_asker_out(struct sc_asker *asker)
{
    return sc_stream_out(&asker->stream);
}

/* What was written is the answer, unless @error, from writing it, is not 0. */
void sc_asker_answer(struct sc_asker *asker, int error);

/* The answer in @answer, which is taken, with a descriptor on its first byte, consumed. */
void sc_asker_give(struct sc_asker *asker, struct sc_buf *answer, int fd);

/* Whether it is between requests, and has taken all that it was given. */
bool sc_asker_is_idle(const struct sc_asker *asker);

/* Whether a descriptor that it was given lies unread. */
bool sc_asker_has_unread(const struct sc_asker *asker);

#endif
