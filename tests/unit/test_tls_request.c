/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the TLS service is asked: every attribute in its place, every prefix, and what comes
 * behind. What the wishes mean is test_wishes.c's.
 */
#include "support/check.h"

#include <string.h>

#include "support/guarded.h"
#include "wire/tls_request.h"

enum { LONGEST = 4096 };

#define ATTRIBUTE(name, value) name "\0" value "\0"
#define CLIENT                                                                                     \
    ATTRIBUTE("request", "tls_client")                                                             \
    ATTRIBUTE("level", "verify")                                                                   \
    ATTRIBUTE("name", "example.com")                                                               \
    ATTRIBUTE("sni", "")                                                                           \
    ATTRIBUTE("alpn", "http/1.1")                                                                  \
    ATTRIBUTE("protocols", ">=TLSv1.3")                                                            \
    ATTRIBUTE("ca_pem", "ca")                                                                      \
    ATTRIBUTE("client_pem", "cl")                                                                  \
    ATTRIBUTE("pins", "sha256:00")                                                                 \
    ATTRIBUTE("handshake_ms", "500")

static struct sc_tls_request parse(struct guarded *guarded, struct sc_bytes list)
{
    struct sc_tls_request first =
        sc_tls_request_parse(guarded_copy(guarded, list, GUARDED_AT_START));
    struct sc_tls_request last = sc_tls_request_parse(guarded_copy(guarded, list, GUARDED_AT_END));

    assert_int_equal(first.kind, last.kind);
    assert_int_equal(first.malformed, last.malformed);
    return last;
}

static void assert_view(struct sc_bytes view, const char *expected)
{
    assert_true(sc_bytes_equal(view, sc_bytes_of(expected)));
}

static void a_client_request_has_all_its_wishes(void **state)
{
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    struct sc_tls_request request = parse(&guarded, SC_BYTES(CLIENT "\0"));
    assert_int_equal(request.kind, SC_TLS_KIND_CLIENT);
    assert_false(request.malformed);
    assert_view(request.level, "verify");
    assert_view(request.name, "example.com");
    assert_view(request.sni, "");
    assert_view(request.alpn, "http/1.1");
    assert_view(request.protocols, ">=TLSv1.3");
    assert_view(request.ca_pem, "ca");
    assert_view(request.client_pem, "cl");
    assert_view(request.pins, "sha256:00");
    assert_view(request.handshake_ms, "500");
    guarded_fini(&guarded);
}

static void what_comes_behind_is_ignored(void **state)
{
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    assert_false(parse(&guarded, SC_BYTES(CLIENT "later\0x\0\0")).malformed);
    guarded_fini(&guarded);
}

static void every_attribute_must_be_there_and_in_its_place(void **state)
{
    const struct sc_bytes whole = SC_BYTES(CLIENT "\0");
    const size_t request = sizeof(ATTRIBUTE("request", "tls_client")) - 1;
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    /* One is left out, whichever; and the list ends anywhere. */
    for (size_t start = request; whole.data[start] != '\0';) {
        char shorter[LONGEST];
        size_t end = start + strlen(whole.data + start) + 1;
        end += strlen(whole.data + end) + 1;
        memcpy(shorter, whole.data, start);
        memcpy(shorter + start, whole.data + end, whole.length - end);
        assert_true(
            parse(&guarded, (struct sc_bytes){shorter, whole.length - (end - start)}).malformed);
        struct sc_bytes cut = {whole.data, start};
        assert_true(parse(&guarded, cut).malformed);
        start = end;
    }
    guarded_fini(&guarded);
}

static void every_prefix_can_be_parsed(void **state)
{
    const struct sc_bytes whole = SC_BYTES(CLIENT "\0");
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t length = 0; length < whole.length; length++)
        (void)parse(&guarded, (struct sc_bytes){whole.data, length});
    guarded_fini(&guarded);
}

static void other_requests_have_their_kind(void **state)
{
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    assert_int_equal(parse(&guarded, SC_BYTES("request\0tls_ping\0\0")).kind, SC_TLS_KIND_PING);
    assert_false(parse(&guarded, SC_BYTES("request\0tls_ping\0\0")).malformed);
    struct sc_tls_request end = parse(&guarded, SC_BYTES("request\0tls_end\0session\0x-1\0\0"));
    assert_int_equal(end.kind, SC_TLS_KIND_END);
    assert_view(end.session, "x-1");
    assert_true(parse(&guarded, SC_BYTES("request\0tls_end\0\0")).malformed);
    assert_int_equal(parse(&guarded, SC_BYTES("request\0tls_list\0session\0\0\0")).kind,
                     SC_TLS_KIND_LIST);
    assert_int_equal(parse(&guarded, SC_BYTES("request\0tls_client2\0\0")).kind,
                     SC_TLS_KIND_UNKNOWN);
    assert_true(parse(&guarded, SC_BYTES("request\0tls_client2\0\0")).malformed);
    assert_int_equal(parse(&guarded, SC_BYTES("request\0unknown\0\0")).kind, SC_TLS_KIND_UNKNOWN);
    assert_int_equal(parse(&guarded, SC_BYTES("request\0none\0\0")).kind, SC_TLS_KIND_UNKNOWN);
    assert_int_equal(parse(&guarded, SC_BYTES("level\0verify\0\0")).kind, SC_TLS_KIND_NONE);
    assert_int_equal(parse(&guarded, SC_BYTES("\0")).kind, SC_TLS_KIND_NONE);
    guarded_fini(&guarded);
}

static void what_is_written_is_what_is_parsed(void **state)
{
    const struct sc_bytes whole = SC_BYTES(CLIENT "\0");
    struct sc_tls_request request = sc_tls_request_parse(whole);
    struct sc_buf out;

    (void)state;
    sc_buf_init(&out);
    assert_int_equal(sc_tls_request_write(&out, &request), 0);
    assert_true(sc_bytes_equal(sc_buf_bytes(&out), whole));
    sc_buf_clear(&out, 0);
    request = (struct sc_tls_request){.kind = SC_TLS_KIND_END, .session = SC_BYTES("x")};
    assert_int_equal(sc_tls_request_write(&out, &request), 0);
    assert_true(sc_bytes_equal(sc_buf_bytes(&out), SC_BYTES("request\0tls_end\0session\0x\0\0")));
    sc_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_request_has_all_its_wishes),
        cmocka_unit_test(what_comes_behind_is_ignored),
        cmocka_unit_test(every_attribute_must_be_there_and_in_its_place),
        cmocka_unit_test(every_prefix_can_be_parsed),
        cmocka_unit_test(other_requests_have_their_kind),
        cmocka_unit_test(what_is_written_is_what_is_parsed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
