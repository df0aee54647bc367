/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the client takes for an answer: exactly what the server says to that request, and nothing
 * that is longer, shorter or another's.
 */
#include "support/check.h"

#include "support/guarded.h"
#include "support/spell.h"
#include "wire/response.h"

enum { LONGEST = 4096 };

static const enum sc_request_kind kinds[] = {
    SC_REQUEST_SAVE_ENDP, SC_REQUEST_FIND_ENDP, SC_REQUEST_SAVE_DEST,
    SC_REQUEST_FIND_DEST, SC_REQUEST_PUT,       SC_REQUEST_TAKE,
};

static bool finds(enum sc_request_kind kind)
{
    return kind == SC_REQUEST_FIND_ENDP || kind == SC_REQUEST_FIND_DEST || kind == SC_REQUEST_TAKE;
}

static bool parse(struct sc_bytes list, enum sc_request_kind kind, struct sc_response *response)
{
    struct guarded guarded;
    struct sc_response ignored;

    guarded_init(&guarded, LONGEST);
    bool last = sc_response_parse(guarded_copy(&guarded, list, GUARDED_AT_END), kind, &ignored);
    bool first = sc_response_parse(guarded_copy(&guarded, list, GUARDED_AT_START), kind, &ignored);
    guarded_fini(&guarded);
    assert_int_equal(first, last);
    assert_int_equal(sc_response_parse(list, kind, response), last);
    return last;
}

static void what_the_server_says_the_client_reads(void **state)
{
    static const struct sc_found found = {{"e\xff", 2}, {"dp", 2}, {"ep", 2}};
    struct sc_response response;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(kinds); i++) {
        for (int status = SC_STATUS_DONE; status <= SC_STATUS_FAILED; status++) {
            struct sc_buf out = {0};
            struct sc_found said = status == SC_STATUS_DONE ? found : (struct sc_found){0};
            assert_int_equal(sc_reply_status(&out, kinds[i], (enum sc_status)status, said), 0);
            assert_true(parse(sc_buf_bytes(&out), kinds[i], &response));
            assert_int_equal(response.status, status);
            assert_int_equal(response.is_bare, !finds(kinds[i]));
            if (finds(kinds[i]))
                assert_true(
                    sc_bytes_equal(response.found.endpoint_property, said.endpoint_property));
            if (kinds[i] == SC_REQUEST_TAKE)
                assert_true(sc_bytes_equal(response.found.endpoint, said.endpoint));
            if (kinds[i] == SC_REQUEST_TAKE || kinds[i] == SC_REQUEST_FIND_DEST)
                assert_true(
                    sc_bytes_equal(response.found.destination_property, said.destination_property));
            sc_buf_fini(&out);
        }
    }
}

/* A reply that was meant for another request must not pass for this one's. */
static void a_reply_to_another_request_is_refused(void **state)
{
    static const struct sc_found found = {{"e", 1}, {"dp", 2}, {"ep", 2}};
    struct sc_response response;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(kinds); i++) {
        struct sc_buf out = {0};
        assert_int_equal(sc_reply_status(&out, kinds[i], SC_STATUS_DONE, found), 0);
        for (size_t j = 0; j < SC_COUNT_OF(kinds); j++)
            assert_int_equal(parse(sc_buf_bytes(&out), kinds[j], &response),
                             i == j || (!finds(kinds[i]) && !finds(kinds[j])));
        sc_buf_fini(&out);
    }
}

static void a_bare_status_is_enough_when_nothing_is_found(void **state)
{
    struct sc_response response;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(kinds); i++) {
        assert_int_equal(parse(spell("status=0 ."), kinds[i], &response), !finds(kinds[i]));
        assert_true(parse(spell("status=1 ."), kinds[i], &response));
        assert_int_equal(response.status, SC_STATUS_MALFORMED);
        assert_true(response.is_bare);
        assert_true(parse(spell("status=2 ."), kinds[i], &response));
        assert_int_equal(response.status, SC_STATUS_FAILED);
        assert_int_equal(response.found.endpoint_property.length, 0);
    }
}

static void anything_else_is_refused(void **state)
{
    static const char *const lists[] = {
        ".",
        "dummy= .",
        "protocol=connection_cache_protocol .",
        "status= .",
        "status=3 .",
        "status=-1 .",
        "status=00 .",
        "status=%200 .",
        "Status=2 .",
        "property= status=2 .",
        "status=2 status=2 .",
        "status=0 property= more= .",
        "status=2 property=x .",
        "status=2 property= property=x .",
        "status=0 label=e property= property= property= .",
        "status=2 label=e property= property= .",
        "status=0 label=e property= .",
    };
    struct sc_response response;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++)
        for (size_t j = 0; j < SC_COUNT_OF(kinds); j++)
            assert_false(parse(spell(lists[i]), kinds[j], &response));
}

static void a_dummy_says_nothing_else(void **state)
{
    (void)state;
    assert_true(sc_response_is_dummy(spell("dummy= .")));
    assert_false(sc_response_is_dummy(spell(".")));
    assert_false(sc_response_is_dummy(spell("dummy=x .")));
    assert_false(sc_response_is_dummy(spell("dummy= more= .")));
    assert_false(sc_response_is_dummy(spell("status=2 .")));
}

static void a_greeting_names_this_protocol(void **state)
{
    struct sc_buf out = {0};

    (void)state;
    assert_int_equal(sc_reply_greeting(&out), 0);
    assert_true(sc_response_is_greeting(sc_buf_bytes(&out)));
    sc_buf_fini(&out);
    assert_true(sc_response_is_greeting(spell("protocol=connection_cache_protocol version=2 .")));
    assert_false(sc_response_is_greeting(spell("protocol=delivery_protocol .")));
    assert_false(sc_response_is_greeting(spell("protocol= .")));
    assert_false(sc_response_is_greeting(spell(".")));
}

/* Written, read, and written again, a request is the same bytes. */
static void a_written_request_reads_back(void **state)
{
    static const char *const lists[] = {
        "request=save_endp ttl=5 label=e%ff property=p%0a .",
        "request=find_endp label=e .",
        "request=save_dest ttl=7 label=d property= label=e .",
        "request=find_dest label=d .",
        "request=put ttl=5 label=e property=p .",
        "request=put ttl=5 label=e property=p ttl=6 label=d property=q .",
        "request=take label= .",
        "request=take label=d label=e1 label=e2 .",
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++) {
        struct sc_request request = sc_request_parse(spell(lists[i]));
        struct sc_buf out = {0};
        assert_false(request.malformed);
        assert_int_equal(sc_request_write(&out, &request), 0);
        assert_true(sc_bytes_equal(sc_buf_bytes(&out), spell(lists[i])));
        sc_buf_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_server_says_the_client_reads),
        cmocka_unit_test(a_reply_to_another_request_is_refused),
        cmocka_unit_test(a_bare_status_is_enough_when_nothing_is_found),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(a_dummy_says_nothing_else),
        cmocka_unit_test(a_greeting_names_this_protocol),
        cmocka_unit_test(a_written_request_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
