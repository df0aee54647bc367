/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the server says, byte for byte, to each kind of request with each status. The order of a
 * whole conversation is test_session.c's.
 */
#include "support/check.h"

#include "wire/reply.h"

static const struct sc_found nothing;
static const struct sc_found something = {
    .endpoint = {"e\xff", 2},
    .destination_property = {"d=1\n", 4},
    .endpoint_property = {"p", 1},
};

static void assert_said(struct sc_buf *out, struct sc_bytes expected)
{
    assert_true(sc_bytes_equal(sc_buf_bytes(out), expected));
    sc_buf_fini(out);
}

static void the_greeting_names_the_protocol(void **state)
{
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(sc_reply_greeting(&out), 0);
    assert_said(&out, SC_BYTES("protocol\0connection_cache_protocol\0\0"));
}

static void a_dummy_is_empty(void **state)
{
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(sc_reply_dummy(&out), 0);
    assert_said(&out, SC_BYTES("dummy\0\0\0"));
}

/* Who gets which attributes, found or not. */
static void every_request_gets_its_attributes(void **state)
{
    static const struct {
        enum sc_request_kind kind;
        struct sc_bytes found;
        struct sc_bytes missed;
        struct sc_bytes malformed;
    } cases[] = {
        {SC_REQUEST_UNKNOWN,
         SC_BYTES("status\0"
                  "0\0\0"),
         SC_BYTES("status\0"
                  "2\0\0"),
         SC_BYTES("status\0"
                  "1\0\0")},
        {SC_REQUEST_SAVE_ENDP,
         SC_BYTES("status\0"
                  "0\0\0"),
         SC_BYTES("status\0"
                  "2\0\0"),
         SC_BYTES("status\0"
                  "1\0\0")},
        {SC_REQUEST_SAVE_DEST,
         SC_BYTES("status\0"
                  "0\0\0"),
         SC_BYTES("status\0"
                  "2\0\0"),
         SC_BYTES("status\0"
                  "1\0\0")},
        {SC_REQUEST_PUT,
         SC_BYTES("status\0"
                  "0\0\0"),
         SC_BYTES("status\0"
                  "2\0\0"),
         SC_BYTES("status\0"
                  "1\0\0")},
        {SC_REQUEST_FIND_ENDP,
         SC_BYTES("status\0"
                  "0\0property\0p\0\0"),
         SC_BYTES("status\0"
                  "2\0property\0\0\0"),
         SC_BYTES("status\0"
                  "1\0property\0\0\0")},
        {SC_REQUEST_FIND_DEST,
         SC_BYTES("status\0"
                  "0\0property\0d=1\n\0property\0p\0\0"),
         SC_BYTES("status\0"
                  "2\0property\0\0property\0\0\0"),
         SC_BYTES("status\0"
                  "1\0property\0\0property\0\0\0")},
        {SC_REQUEST_TAKE,
         SC_BYTES("status\0"
                  "0\0label\0e\xff\0property\0d=1\n\0property\0p\0\0"),
         SC_BYTES("status\0"
                  "2\0label\0\0property\0\0property\0\0\0"),
         SC_BYTES("status\0"
                  "1\0label\0\0property\0\0property\0\0\0")},
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(cases); i++) {
        struct sc_buf out = {0};
        assert_int_equal(sc_reply_status(&out, cases[i].kind, SC_STATUS_DONE, something), 0);
        assert_said(&out, cases[i].found);
        assert_int_equal(sc_reply_status(&out, cases[i].kind, SC_STATUS_FAILED, nothing), 0);
        assert_said(&out, cases[i].missed);
        assert_int_equal(sc_reply_status(&out, cases[i].kind, SC_STATUS_MALFORMED, nothing), 0);
        assert_said(&out, cases[i].malformed);
    }
}

static void replies_follow_one_another(void **state)
{
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(sc_reply_dummy(&out), 0);
    assert_int_equal(sc_reply_status(&out, SC_REQUEST_PUT, SC_STATUS_DONE, nothing), 0);
    assert_int_equal(sc_reply_dummy(&out), 0);
    assert_said(&out, SC_BYTES("dummy\0\0\0status\0"
                               "0\0\0dummy\0\0\0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_greeting_names_the_protocol),
        cmocka_unit_test(a_dummy_is_empty),
        cmocka_unit_test(every_request_gets_its_attributes),
        cmocka_unit_test(replies_follow_one_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
