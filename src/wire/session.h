/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_WIRE_SESSION_H
#define SC_WIRE_SESSION_H

/*
 * The server's side of one client's conversation, as a pure state machine:
 * bytes go in, in any pieces; events come out, in the order of the bytes.
 * It makes no system call and never looks into a descriptor: one that came is
 * a cargo, a number that travels with the bytes it came with until they turn
 * out to be what it belongs to.
 *
 * The kernel may join bytes that came before in front of the bytes that carry
 * a descriptor, but never bytes that came after. So a descriptor belongs to
 * whatever contains the last byte of what was received with it: the one byte
 * that follows save_endp, or a put. If that turns out to be anything else the
 * conversation is over.
 *
 * Use: feed what was received; take events until SC_EVENT_MORE, after each
 * request saying how it went on; then keep, before the bytes that were fed
 * go away. The session owns copies of unfinished input only.
 */

#include "base/buf.h"
#include "wire/list.h"
#include "wire/request.h"

enum sc_event {
    SC_EVENT_MORE,      /* nothing complete is left */
    SC_EVENT_REQUEST,   /* a request, to be answered; never of kind NONE */
    SC_EVENT_SAVE,      /* the request whose descriptor was due: save and answer */
    SC_EVENT_READY,     /* the client waits for the descriptor that was offered */
    SC_EVENT_VIOLATION, /* the client cannot be understood any further: close it */
};

/* What came with the bytes that are fed. */
enum sc_passed {
    SC_PASSED_NONE,
    SC_PASSED_ONE,
    SC_PASSED_BAD, /* several, or some were lost: none can be used */
};

enum sc_session_state {
    SC_SESSION_REQUEST,    /* between requests, or in the midst of one */
    SC_SESSION_DESCRIPTOR, /* the one byte that carries a descriptor is due */
    SC_SESSION_OFFERED,    /* a connection was found; the client's word is due */
    SC_SESSION_GIVING,     /* the client asked for it; nothing is read until it is sent */
    SC_SESSION_DELIVERED,  /* the descriptor is on its way; acknowledgement is due */
    SC_SESSION_OVER,
};

struct sc_session {
    enum sc_session_state state;
    size_t limit; /* longest list, in bytes with its end */
    struct sc_list_scanner scanner;
    size_t skipped;         /* bytes of a list that is too long, or 0 */
    struct sc_bytes unread; /* what was fed, or the input */
    struct sc_bytes list;   /* the last request, within unread */
    struct sc_buf input;    /* unfinished input */
    struct sc_buf pending;  /* the save_endp that waits for its descriptor */
    enum sc_passed passed;
    int cargo;        /* what was passed, or -1 */
    size_t passed_at; /* unread bytes up to its byte, that one included */
};

void sc_session_init(struct sc_session *session, size_t limit);
void sc_session_fini(struct sc_session *session);

/*
 * Adds bytes that were received, at least one, and what came with them: a
 * cargo, not negative, if that is one, else -1. The bytes must stay where they
 * are until sc_session_keep(). Returns 0; -ENOMEM; or -EPROTO: a second cargo
 * before the first was claimed ends the conversation. After a failure the
 * cargo stays the caller's, and the session can only be ended.
 */
SC_MUST_CHECK int sc_session_feed(struct sc_session *session, struct sc_bytes bytes,
                                  enum sc_passed passed, int cargo);

/* What was fed and is not claimed yet is the caller's again; -1: nothing. */
SC_MUST_CHECK static inline int sc_session_steal_cargo(struct sc_session *session)
{
    int cargo = session->cargo;

    session->cargo = -1;
    return cargo;
}

/*
 * The next event. With SC_EVENT_REQUEST and SC_EVENT_SAVE comes the request,
 * whose views are valid until the next call, and the cargo that belongs to it,
 * now the caller's, or -1. One that belongs to something that takes none is a
 * violation, and stays in the session.
 */
SC_MUST_CHECK enum sc_event sc_session_next(struct sc_session *session, struct sc_request *request,
                                            int *cargo);

/*
 * The request of the last SC_EVENT_REQUEST is not answered yet, and the bytes
 * that it was made of go away: keeps a copy. Returns 0 or -ENOMEM.
 */
SC_MUST_CHECK int sc_session_postpone(struct sc_session *session);

/* The request of the last SC_EVENT_REQUEST once more, valid as long as it was. */
static inline struct sc_request sc_session_request(const struct sc_session *session)
{
    return sc_request_parse(session->list);
}

/* Copies what was fed and not read yet. Returns 0, or -ENOMEM and the session is over. */
SC_MUST_CHECK int sc_session_keep(struct sc_session *session);

/*
 * After a request: save_endp was answered with a dummy, and its descriptor is
 * due. Returns 0 or -ENOMEM.
 */
SC_MUST_CHECK int sc_session_expect(struct sc_session *session);

/* After a request: find was answered with status 0. */
void sc_session_offer(struct sc_session *session);

/* After SC_EVENT_READY: the descriptor was sent. */
void sc_session_delivered(struct sc_session *session);

/*
 * Whether exactly one byte is to be received now: the descriptor that comes
 * with it is then this byte's without doubt, whatever follows in the queue.
 */
static inline bool sc_session_wants_one_byte(const struct sc_session *session)
{
    return session->state == SC_SESSION_DESCRIPTOR && session->unread.length == 0;
}

/* Whether there is nothing to take events from, to keep or to drop, until more is fed. */
static inline bool sc_session_is_exhausted(const struct sc_session *session)
{
    return session->unread.length == 0 && sc_buf_length(&session->input) == 0 &&
           sc_buf_length(&session->pending) == 0 && session->state != SC_SESSION_OVER;
}

/* Whether the client is between requests. */
static inline bool sc_session_is_idle(const struct sc_session *session)
{
    return session->state == SC_SESSION_REQUEST && session->unread.length == 0 &&
           session->skipped == 0;
}

#endif
