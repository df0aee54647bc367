/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the TLS service says, written and read again, and what is taken for an answer:
 * nothing that is longer, shorter or another's.
 */
#include "support/check.h"

#include <string.h>

#include "support/guarded.h"
#include "wire/tls_reply.h"

enum { LONGEST = 4096 };

static void assert_bytes(struct sc_bytes one, struct sc_bytes other)
{
    assert_true(sc_bytes_equal(one, other));
}

static void every_reason_has_its_status(void **state)
{
    (void)state;
    assert_int_equal(sc_tls_status_of(SC_TLS_REASON_NONE), SC_TLS_DONE);
    for (int reason = SC_TLS_REASON_NONE + 1; reason < SC_TLS_REASONS; reason++) {
        assert_int_not_equal(sc_tls_status_of((enum sc_tls_reason)reason), SC_TLS_DONE);
        assert_true(strlen(sc_tls_reason_word((enum sc_tls_reason)reason)) > 0);
    }
    assert_int_equal(sc_tls_status_of(SC_TLS_REASON_FORBIDDEN), SC_TLS_FAILED);
    assert_int_equal(sc_tls_status_of(SC_TLS_REASON_ALPN), SC_TLS_HANDSHAKE);
    assert_int_equal(sc_tls_status_of(SC_TLS_REASON_PIN), SC_TLS_UNTRUSTED);
}

static void an_answer_comes_back(void **state)
{
    const struct sc_tls_answer done = {
        .status = SC_TLS_DONE,
        .reason = SC_BYTES(""),
        .text = SC_BYTES(""),
        .session = SC_BYTES("x-1"),
        .report = SC_BYTES("peer=y\n"),
        .policy = SC_BYTES("abc"),
    };
    struct guarded guarded;
    struct sc_buf out;
    struct sc_tls_answer read;

    (void)state;
    sc_buf_init(&out);
    guarded_init(&guarded, LONGEST);
    assert_int_equal(sc_tls_reply_answer(&out, &done), 0);
    struct sc_bytes list = guarded_copy(&guarded, sc_buf_bytes(&out), GUARDED_AT_END);
    assert_bytes(list, SC_BYTES("status\0"
                                "0\0reason\0\0text\0\0session\0x-1\0report\0peer=y\n\0policy\0"
                                "abc\0\0"));
    assert_true(sc_tls_response_answer(list, &read));
    assert_int_equal(read.status, SC_TLS_DONE);
    assert_bytes(read.session, done.session);
    assert_bytes(read.report, done.report);
    assert_bytes(read.policy, done.policy);
    /* Without its last attribute it is none. */
    for (size_t length = 0; length < list.length - sizeof("abc") - 1; length++) {
        struct sc_bytes cut = {sc_buf_bytes(&out).data, length};
        cut = guarded_copy(&guarded, cut, GUARDED_AT_END);
        assert_false(sc_tls_response_answer(cut, &read));
    }
    guarded_fini(&guarded);
    sc_buf_fini(&out);
}

static void an_answer_is_taken_only_if_it_is_one(void **state)
{
#define REST(status, session, report)                                                              \
    SC_BYTES("status\0" status "\0reason\0\0text\0\0session\0" session "\0report\0" report         \
             "\0policy\0\0\0")
    static const struct sc_bytes bad[] = {
        SC_BYTES("\0"),
        SC_BYTES("status\0"
                 "0\0\0"),
        SC_BYTES("status\0"
                 "1\0\0"),
        REST("5", "", ""),
        REST("00", "x", "y"),
        REST("-", "x", "y"),
        REST("", "x", "y"),
        REST("0", "", "y"),
        REST("0", "x", ""),
        REST("4", "x", ""),
    };
    struct sc_tls_answer answer;

    (void)state;
    assert_true(sc_tls_response_answer(REST("0", "x", "y"), &answer));
    assert_true(sc_tls_response_answer(REST("4", "", ""), &answer));
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++)
        assert_false(sc_tls_response_answer(bad[i], &answer));
}

static void small_replies_come_back(void **state)
{
    enum sc_tls_status status;
    enum sc_tls_end end;
    struct sc_bytes text;
    struct sc_buf out;

    (void)state;
    sc_buf_init(&out);
    assert_int_equal(sc_tls_reply_ping(&out, SC_BYTES("digest")), 0);
    assert_true(sc_tls_response_ping(sc_buf_bytes(&out), &status, &text));
    assert_bytes(text, SC_BYTES("digest"));
    sc_buf_clear(&out, SIZE_MAX);
    for (int i = SC_TLS_END_OPEN; i <= SC_TLS_END_ERROR; i++) {
        sc_buf_clear(&out, SIZE_MAX);
        assert_int_equal(sc_tls_reply_end(&out, (enum sc_tls_end)i, SC_BYTES("why")), 0);
        assert_true(sc_tls_response_end(sc_buf_bytes(&out), &status, &end, &text));
        assert_int_equal(end, i);
        assert_bytes(text, SC_BYTES("why"));
    }
    sc_buf_clear(&out, SIZE_MAX);
    assert_int_equal(sc_tls_reply_status(&out, SC_TLS_REASON_UNKNOWN), 0);
    assert_true(sc_tls_response_end(sc_buf_bytes(&out), &status, &end, &text));
    assert_int_equal(status, SC_TLS_FAILED);
    assert_int_equal(end, SC_TLS_END_ERROR);
    assert_true(sc_tls_response_status(sc_buf_bytes(&out), &status, &text));
    assert_bytes(text, SC_BYTES("unknown"));
    assert_false(sc_tls_response_end(SC_BYTES("status\0"
                                              "0\0end\0fine\0text\0\0\0"),
                                     &status, &end, &text));
    sc_buf_clear(&out, SIZE_MAX);
    assert_int_equal(sc_tls_reply_greeting(&out), 0);
    assert_true(sc_tls_response_is_greeting(sc_buf_bytes(&out)));
    assert_false(sc_tls_response_is_greeting(SC_BYTES("protocol\0connection_cache_protocol\0\0")));
    sc_buf_fini(&out);
}

static void a_record_comes_back(void **state)
{
    const struct sc_tls_record record = {
        .session = SC_BYTES("x-1"),
        .user = 1000,
        .peer = SC_BYTES("192.0.2.1:443"),
        .name = SC_BYTES("example.com"),
        .state = SC_BYTES("open"),
        .age_ms = 5,
        .caller_ms = -1,
        .far_ms = 0,
        .far_was_last = true,
        .under_way = 7,
        .sent = UINT64_C(1) << 40,
        .received = 0,
    };
    struct sc_tls_record read;
    struct sc_buf out;
    enum sc_tls_status status;
    struct sc_bytes reason;

    (void)state;
    sc_buf_init(&out);
    assert_int_equal(sc_tls_reply_record(&out, &record), 0);
    assert_true(sc_tls_response_record(sc_buf_bytes(&out), &read));
    assert_bytes(read.session, record.session);
    assert_bytes(read.peer, record.peer);
    assert_int_equal(read.user, 1000);
    assert_int_equal(read.age_ms, 5);
    assert_int_equal(read.caller_ms, -1);
    assert_int_equal(read.far_ms, 0);
    assert_true(read.far_was_last);
    assert_int_equal(read.under_way, 7);
    assert_true(read.sent == record.sent);
    assert_false(sc_tls_response_status(sc_buf_bytes(&out), &status, &reason));
    for (size_t length = 0; length < sc_buf_length(&out) - sizeof("0") - 1; length++)
        assert_false(
            sc_tls_response_record((struct sc_bytes){sc_buf_bytes(&out).data, length}, &read));
    sc_buf_clear(&out, SIZE_MAX);
    assert_int_equal(sc_tls_reply_status(&out, SC_TLS_REASON_NONE), 0);
    assert_false(sc_tls_response_record(sc_buf_bytes(&out), &read));
    sc_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_has_its_status),
        cmocka_unit_test(an_answer_comes_back),
        cmocka_unit_test(an_answer_is_taken_only_if_it_is_one),
        cmocka_unit_test(small_replies_come_back),
        cmocka_unit_test(a_record_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
