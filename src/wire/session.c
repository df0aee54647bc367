/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One client's conversation, from bytes to events. What a request does, and
 * how it is answered, is not known here.
 */
#include "wire/session.h"

#include <assert.h>
#include <errno.h>

/* A list this many times too long has no end that is worth waiting for. */
enum { SKIP_FACTOR = 16 };

/* Kept for a client's next save, so that saving allocates nothing. */
enum { PENDING_KEPT = 512 };

void sc_session_init(struct sc_session *session, size_t limit)
{
    *session = (struct sc_session){.limit = limit, .cargo = -1};
    sc_buf_init(&session->input);
    sc_buf_init(&session->pending);
}

void sc_session_fini(struct sc_session *session)
{
    sc_buf_fini(&session->input);
    sc_buf_fini(&session->pending);
}

int sc_session_feed(struct sc_session *session, struct sc_bytes bytes, enum sc_passed passed,
                    int cargo)
{
    assert(bytes.length > 0);
    assert(session->unread.length == sc_buf_length(&session->input));
    if (sc_buf_length(&session->input) == 0) {
        session->unread = bytes;
    } else {
        int error = sc_buf_append(&session->input, bytes);
        if (error < 0)
            return error;
        session->unread = sc_buf_bytes(&session->input);
    }
    if (passed == SC_PASSED_NONE)
        return 0;
    if (session->passed != SC_PASSED_NONE) {
        session->state = SC_SESSION_OVER; /* Two for one request. */
        return -EPROTO;
    }
    session->passed = passed;
    session->cargo = cargo;
    session->passed_at = session->unread.length;
    return 0;
}

int sc_session_keep(struct sc_session *session)
{
    size_t kept = sc_buf_length(&session->input);
    int error = 0;

    if (kept > 0)
        sc_buf_consume(&session->input, kept - session->unread.length);
    else
        error = sc_buf_append(&session->input, session->unread);
    session->unread = sc_buf_bytes(&session->input);
    if (session->unread.length == 0)
        sc_buf_clear(&session->input, 0);
    if (error < 0)
        session->state = SC_SESSION_OVER; /* What was not kept cannot be understood. */
    return error;
}

/* Goes on behind @length bytes, and says what was passed with them. */
static enum sc_passed session_consume(struct sc_session *session, size_t length)
{
    enum sc_passed passed = SC_PASSED_NONE;

    session->unread.data += length;
    session->unread.length -= length;
    if (session->passed == SC_PASSED_NONE)
        return passed;
    if (length < session->passed_at) {
        session->passed_at -= length;
        return passed;
    }
    passed = session->passed;
    session->passed = SC_PASSED_NONE;
    return passed;
}

static enum sc_event session_violation(struct sc_session *session)
{
    session->state = SC_SESSION_OVER;
    return SC_EVENT_VIOLATION;
}

static enum sc_event session_request_event(struct sc_session *session, struct sc_request *request,
                                           enum sc_passed passed, int *cargo)
{
    if (passed == SC_PASSED_BAD || (passed == SC_PASSED_ONE && request->kind != SC_REQUEST_PUT))
        return session_violation(session);
    *cargo = passed == SC_PASSED_ONE ? sc_session_steal_cargo(session) : -1;
    return request->kind == SC_REQUEST_NONE ? SC_EVENT_MORE : SC_EVENT_REQUEST;
}

/* The list will be too long: answers it now and skips the rest. */
static enum sc_event session_start_skipping(struct sc_session *session, struct sc_request *request,
                                            int *cargo)
{
    *request = (struct sc_request){
        .kind = sc_request_kind_of(session->unread),
        .malformed = true,
        .too_long = true,
    };
    session->skipped = session->unread.length;
    sc_list_skip_seen(&session->scanner);
    enum sc_passed passed = session_consume(session, session->unread.length);
    return session_request_event(session, request, passed, cargo);
}

/* Returns SC_EVENT_MORE when it is at the end of the input or the list. */
static enum sc_event session_skip(struct sc_session *session)
{
    size_t length = sc_list_scan(&session->scanner, session->unread);

    if (length > 0) {
        session->skipped = 0;
    } else {
        length = session->unread.length;
        session->skipped += length;
        sc_list_skip_seen(&session->scanner);
    }
    if (session_consume(session, length) != SC_PASSED_NONE ||
        session->skipped / SKIP_FACTOR > session->limit)
        return session_violation(session);
    return SC_EVENT_MORE;
}

/*
 * One step in state REQUEST: SC_EVENT_MORE if it came to nothing, because the
 * input ended or because what was there needs no answer.
 */
static enum sc_event session_next_request(struct sc_session *session, struct sc_request *request,
                                          int *cargo)
{
    size_t parsed = 0;

    if (session->skipped > 0)
        return session_skip(session);
    /* Mostly a list comes whole, and once through it is enough. */
    if (session->scanner.seen == 0)
        parsed = sc_request_parse_ahead(request, session->unread);
    if (parsed > 0)
        sc_list_scan_from(&session->scanner, parsed);
    size_t length = sc_list_scan(&session->scanner, session->unread);
    if (length == 0 && session->unread.length > session->limit)
        return session_start_skipping(session, request, cargo);
    if (length == 0)
        return SC_EVENT_MORE;
    session->list = (struct sc_bytes){session->unread.data, length};
    if (parsed == 0)
        *request = sc_request_parse(session->list);
    if (length > session->limit)
        request->malformed = request->too_long = true;
    return session_request_event(session, request, session_consume(session, length), cargo);
}

static enum sc_event session_next_byte(struct sc_session *session, struct sc_request *request,
                                       int *cargo)
{
    if (session->unread.length == 0)
        return SC_EVENT_MORE;
    *cargo = session_consume(session, 1) == SC_PASSED_ONE ? sc_session_steal_cargo(session) : -1;
    *request = sc_request_parse(sc_buf_bytes(&session->pending));
    session->state = SC_SESSION_REQUEST;
    return SC_EVENT_SAVE;
}

/* The dummy that a client says before and after it is given a descriptor. */
static enum sc_event session_next_dummy(struct sc_session *session)
{
    struct sc_list_reader list = sc_list_read(session->unread);
    struct sc_bytes value;
    bool is_dummy = sc_list_expect(&list, SC_ATTR_DUMMY, &value);

    if (is_dummy && !list.cut && session->scanner.seen == 0)
        sc_list_scan_from(&session->scanner, session->unread.length - list.rest.length);
    size_t length = sc_list_scan(&session->scanner, session->unread);
    if (length > session->limit || (length == 0 && session->unread.length > session->limit))
        return session_violation(session);
    if (length == 0)
        return SC_EVENT_MORE;
    if (session_consume(session, length) != SC_PASSED_NONE || !is_dummy)
        return session_violation(session);
    if (session->state == SC_SESSION_OFFERED) {
        session->state = SC_SESSION_GIVING;
        return SC_EVENT_READY;
    }
    session->state = SC_SESSION_REQUEST;
    return SC_EVENT_MORE;
}

static enum sc_event session_step(struct sc_session *session, struct sc_request *request,
                                  int *cargo)
{
    switch (session->state) {
    case SC_SESSION_REQUEST:
        return session_next_request(session, request, cargo);
    case SC_SESSION_DESCRIPTOR:
        return session_next_byte(session, request, cargo);
    case SC_SESSION_OFFERED:
    case SC_SESSION_DELIVERED:
        return session_next_dummy(session);
    case SC_SESSION_GIVING:
        return SC_EVENT_MORE;
    case SC_SESSION_OVER:
        break;
    }
    return SC_EVENT_VIOLATION;
}

enum sc_event sc_session_next(struct sc_session *session, struct sc_request *request, int *cargo)
{
    enum sc_event event;
    size_t before;

    if (sc_buf_length(&session->pending) > 0 && session->state == SC_SESSION_REQUEST)
        sc_buf_clear(&session->pending, PENDING_KEPT);
    do {
        before = session->unread.length;
        event = session_step(session, request, cargo);
    } while (event == SC_EVENT_MORE && session->unread.length > 0 &&
             session->unread.length < before);
    return event;
}

int sc_session_postpone(struct sc_session *session)
{
    int error = 0;

    if (sc_buf_length(&session->pending) == 0)
        error = sc_buf_append(&session->pending, session->list);
    session->list = sc_buf_bytes(&session->pending);
    return error;
}

int sc_session_expect(struct sc_session *session)
{
    int error = sc_buf_append(&session->pending, session->list);

    if (error == 0)
        session->state = SC_SESSION_DESCRIPTOR;
    return error;
}

void sc_session_offer(struct sc_session *session)
{
    assert(session->state == SC_SESSION_REQUEST);
    session->state = SC_SESSION_OFFERED;
}

void sc_session_delivered(struct sc_session *session)
{
    assert(session->state == SC_SESSION_GIVING);
    session->state = SC_SESSION_DELIVERED;
}
