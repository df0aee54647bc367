/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the server says, byte for byte, to each kind of request with each status. The order of a
 * whole conversation is test_session.c's.
 */
#include "support/check.h"

#include "support/spell.h"
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
    assert_said(&out, spell("protocol=connection_cache_protocol ."));
}

static void a_dummy_is_empty(void **state)
{
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(sc_reply_dummy(&out), 0);
    assert_said(&out, spell("dummy= ."));
}

/* Who gets which attributes, found or not. */
static void every_request_gets_its_attributes(void **state)
{
    static const struct {
        enum sc_request_kind kind;
        const char *found;
        const char *missed;
        const char *malformed;
    } cases[] = {
        {SC_REQUEST_UNKNOWN, "status=0 .", "status=2 .", "status=1 ."},
        {SC_REQUEST_SAVE_ENDP, "status=0 .", "status=2 .", "status=1 ."},
        {SC_REQUEST_SAVE_DEST, "status=0 .", "status=2 .", "status=1 ."},
        {SC_REQUEST_PUT, "status=0 .", "status=2 .", "status=1 ."},
        {SC_REQUEST_FIND_ENDP, "status=0 property=p .", "status=2 property= .",
         "status=1 property= ."},
        {SC_REQUEST_FIND_DEST, "status=0 property=d=1%0a property=p .",
         "status=2 property= property= .", "status=1 property= property= ."},
        {SC_REQUEST_TAKE, "status=0 label=e%ff property=d=1%0a property=p .",
         "status=2 label= property= property= .", "status=1 label= property= property= ."},
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(cases); i++) {
        struct sc_buf out = {0};
        assert_int_equal(sc_reply_status(&out, cases[i].kind, SC_STATUS_DONE, something), 0);
        assert_said(&out, spell(cases[i].found));
        assert_int_equal(sc_reply_status(&out, cases[i].kind, SC_STATUS_FAILED, nothing), 0);
        assert_said(&out, spell(cases[i].missed));
        assert_int_equal(sc_reply_status(&out, cases[i].kind, SC_STATUS_MALFORMED, nothing), 0);
        assert_said(&out, spell(cases[i].malformed));
    }
}

static void replies_follow_one_another(void **state)
{
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(sc_reply_dummy(&out), 0);
    assert_int_equal(sc_reply_status(&out, SC_REQUEST_PUT, SC_STATUS_DONE, nothing), 0);
    assert_int_equal(sc_reply_dummy(&out), 0);
    assert_said(&out, spell("dummy= . status=0 . dummy= ."));
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
