/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wire room while allocations fail, one after the other: 0, or -ENOMEM with everything as it
 * was before.
 */
#include "support/check.h"

#include <errno.h>

#include "support/allocation.h"
#include "support/spell.h"
#include "wire/reply.h"
#include "wire/response.h"
#include "wire/session.h"

/*
 * Everything in this room is done again and again with the first, the second,
 * the third allocation failing, until it is done without one that fails.
 */

enum { LIMIT = 4096, PIECE = 100, LONG = 1500 };

/* One way of using the room; returns 0, or -ENOMEM with everything undone. */
typedef int attempt_function(void);

/* Returns how many allocations could fail. */
static size_t try_all(attempt_function *attempt, bool and_later)
{
    size_t before = allocation_live_blocks();
    size_t n = 0;
    int result;

    do {
        allocation_fail_at(++n, and_later);
        result = attempt();
        bool has_failed = allocation_has_failed();
        allocation_fail_at(0, false);
        assert_int_equal(result, has_failed ? -ENOMEM : 0);
        assert_int_equal(allocation_live_blocks(), before);
    } while (result != 0);
    return n - 1;
}

static void assert_survives(attempt_function *attempt, size_t at_least)
{
    assert_true(try_all(attempt, false) >= at_least);
    assert_true(try_all(attempt, true) >= at_least);
}

static int grow(void)
{
    struct sc_buf buf;
    char bytes[PIECE] = "abc";
    int error = 0;

    sc_buf_init(&buf);
    for (int i = 0; i < LONG / PIECE && error == 0; i++) {
        struct sc_bytes before = sc_buf_bytes(&buf);
        error = sc_buf_append(&buf, (struct sc_bytes){bytes, sizeof(bytes)});
        if (error < 0)
            assert_true(sc_bytes_equal(sc_buf_bytes(&buf), before));
    }
    sc_buf_fini(&buf);
    return error;
}

static void a_buffer_that_cannot_grow_stays_as_it_was(void **state)
{
    (void)state;
    assert_survives(grow, 3);
}

/* What has been said before stays, and of the new nothing is there. */
static int say_all(void)
{
    static char long_text[LONG];
    const struct sc_bytes text = {long_text, sizeof(long_text)};
    const struct sc_found found = {text, text, text};
    struct sc_buf out;
    int error;

    sc_buf_init(&out);
    for (size_t i = 0; i < sizeof(long_text); i++)
        long_text[i] = 'x';
    error = sc_reply_greeting(&out);
    size_t length = sc_buf_length(&out);
    if (error == 0)
        error = sc_reply_status(&out, SC_REQUEST_TAKE, SC_STATUS_DONE, found);
    if (error < 0)
        assert_int_equal(sc_buf_length(&out), length);
    length = sc_buf_length(&out);
    if (error == 0)
        error = sc_request_write(&out, &(struct sc_request){.kind = SC_REQUEST_PUT,
                                                            .ttl = 1,
                                                            .has_binding = true,
                                                            .binding_ttl = 1,
                                                            .endpoint = text,
                                                            .endpoint_property = text,
                                                            .destination = text,
                                                            .destination_property = text});
    if (error < 0)
        assert_int_equal(sc_buf_length(&out), length);
    if (error == 0)
        error = sc_reply_dummy(&out);
    sc_buf_fini(&out);
    return error;
}

static void a_list_is_written_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_survives(say_all, 4);
}

static const char conversation[] =
    "request=save_endp ttl=5 label=e property=p . x request=find_endp label=e . dummy= . dummy= . "
    "request=put ttl=5 label=e property=p .";

static int answer(struct sc_session *session, enum sc_event event, const struct sc_request *request)
{
    if (event == SC_EVENT_READY)
        sc_session_delivered(session);
    if (event != SC_EVENT_REQUEST)
        return 0;
    if (request->kind == SC_REQUEST_SAVE_ENDP)
        return sc_session_expect(session);
    if (request->kind == SC_REQUEST_FIND_ENDP)
        sc_session_offer(session);
    return 0;
}

static int feed(struct sc_session *session, struct sc_bytes bytes)
{
    int error = sc_session_feed(session, bytes, SC_PASSED_NONE, -1);
    enum sc_event event = SC_EVENT_REQUEST;
    struct sc_request request;
    int cargo;

    while (error == 0 && event != SC_EVENT_MORE) {
        event = sc_session_next(session, &request, &cargo);
        assert_int_not_equal(event, SC_EVENT_VIOLATION);
        error = answer(session, event, &request);
    }
    return error == 0 ? sc_session_keep(session) : error;
}

static int converse_by(size_t piece)
{
    struct sc_bytes said = spell(conversation);
    struct sc_session session;
    int error = 0;

    sc_session_init(&session, LIMIT);
    for (size_t at = 0; at < said.length && error == 0; at += piece) {
        size_t left = said.length - at;
        error = feed(&session, (struct sc_bytes){said.data + at, left < piece ? left : piece});
    }
    sc_session_fini(&session);
    return error;
}

static int converse_by_bytes(void)
{
    return converse_by(1);
}

static int converse_by_pieces(void)
{
    return converse_by(17);
}

static int converse_at_once(void)
{
    return converse_by(LIMIT);
}

static void a_conversation_fails_without_a_trace(void **state)
{
    (void)state;
    assert_survives(converse_by_bytes, 3);
    assert_survives(converse_by_pieces, 2);
    assert_survives(converse_at_once, 1);
}

/* A save that cannot be remembered is refused, and the client goes on. */
static void a_save_that_cannot_wait_can_be_refused(void **state)
{
    struct sc_session session;
    struct sc_request request;
    int cargo;

    (void)state;
    sc_session_init(&session, LIMIT);
    assert_int_equal(
        sc_session_feed(
            &session,
            spell("request=save_endp ttl=5 label=e property=p . request=find_endp label=e ."),
            SC_PASSED_NONE, -1),
        0);
    assert_int_equal(sc_session_next(&session, &request, &cargo), SC_EVENT_REQUEST);
    allocation_fail_at(1, false);
    assert_int_equal(sc_session_expect(&session), -ENOMEM);
    allocation_fail_at(0, false);
    assert_false(sc_session_wants_one_byte(&session));
    assert_true(sc_bytes_equal(request.endpoint, SC_BYTES("e")));
    assert_int_equal(sc_session_next(&session, &request, &cargo), SC_EVENT_REQUEST);
    assert_int_equal(request.kind, SC_REQUEST_FIND_ENDP);
    assert_int_equal(sc_session_next(&session, &request, &cargo), SC_EVENT_MORE);
    sc_session_fini(&session);
}

/* A client whose pieces are whole requests costs no allocation but its first save's. */
static void whole_requests_allocate_nothing(void **state)
{
    struct sc_session session;

    (void)state;
    sc_session_init(&session, LIMIT);
    assert_int_equal(feed(&session, spell(conversation)), 0);
    allocation_fail_at(1, true);
    for (int i = 0; i < 10; i++)
        assert_int_equal(feed(&session, spell(conversation)), 0);
    assert_false(allocation_has_failed());
    allocation_fail_at(0, false);
    sc_session_fini(&session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_that_cannot_grow_stays_as_it_was),
        cmocka_unit_test(a_list_is_written_whole_or_not_at_all),
        cmocka_unit_test(a_conversation_fails_without_a_trace),
        cmocka_unit_test(a_save_that_cannot_wait_can_be_refused),
        cmocka_unit_test(whole_requests_allocate_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
