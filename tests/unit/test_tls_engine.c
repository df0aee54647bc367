/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions by OpenSSL against a server by OpenSSL, in memory: how they begin,
 * go on and end. Whom they trust is test_tls_trust's.
 */
#include "support/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "support/tls_peer.h"
#include "tls/far_bio.h"
#include "wire/field.h"

enum { MUCH = 300000, OWNER = 1000 };

struct bench {
    struct certificate authority, server;
    char *ca_pem;
    struct sc_tls_engines engines;
};

static int bench_setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    const struct sc_policy_options options = {.ca_file = "/nonexistent", .ciphers = ""};
    char problem[SC_POLICY_PROBLEM_MAX];

    assert_non_null(bench);
    bench->authority =
        certificate_make(&(struct certificate_wish){.subject = "ca", .is_authority = true});
    bench->server = certificate_make(&(struct certificate_wish){
        .subject = "server", .names = "DNS:a.example", .issuer = &bench->authority});
    bench->ca_pem = certificate_pem(&bench->authority, false);
    assert_int_equal(sc_tls_engines_init(&bench->engines, &options, problem), 0);
    assert_true(strlen(problem) > 0);
    *state = bench;
    return 0;
}

static int bench_teardown(void **state)
{
    struct bench *bench = *state;

    sc_tls_engines_fini(&bench->engines);
    certificate_free(&bench->authority);
    certificate_free(&bench->server);
    free(bench->ca_pem);
    free(bench);
    return 0;
}

static struct sc_tls_request bench_request(const struct bench *bench)
{
    struct sc_tls_request request = tls_peer_request();

    request.ca_pem = sc_bytes_of(bench->ca_pem);
    return request;
}

/* A session with a server of that version; 0: any. */
static void bench_open(struct bench *bench, struct tls_peer *peer, int version)
{
    const struct tls_peer_wish wish = {.certificate = &bench->server, .version = version};
    struct sc_tls_request request = bench_request(bench);

    tls_peer_init(peer, &wish);
    assert_int_equal(tls_peer_try(peer, &bench->engines, OWNER, &request), SC_TLS_REASON_NONE);
}

static void assert_field(const struct sc_buf *report, const char *name, const char *expected)
{
    struct sc_bytes value;

    assert_true(sc_field_find(sc_buf_bytes(report), sc_bytes_of(name), &value));
    if (expected)
        assert_true(sc_bytes_equal(value, sc_bytes_of(expected)));
    else
        assert_true(value.length > 0);
}

static void a_session_is_reported(void **state)
{
    struct tls_peer peer;
    struct sc_buf report;

    bench_open(*state, &peer, TLS1_3_VERSION);
    sc_buf_init(&report);
    assert_int_equal(peer.engine->verbs->report(peer.engine, &report), 0);
    assert_field(&report, "version", "TLSv1.3");
    assert_field(&report, "cipher", "TLS_AES_256_GCM_SHA384");
    assert_field(&report, "group", "x25519");
    assert_field(&report, "alpn", "");
    assert_field(&report, "subject", "CN%3Dserver");
    assert_field(&report, "issuer", "CN%3Dca");
    assert_field(&report, "cert_sha256", NULL);
    assert_field(&report, "spki_sha256", NULL);
    assert_field(&report, "not_after", NULL);
    sc_buf_fini(&report);
    tls_peer_fini(&peer);
    bench_open(*state, &peer, TLS1_2_VERSION);
    sc_buf_init(&report);
    assert_int_equal(peer.engine->verbs->report(peer.engine, &report), 0);
    assert_field(&report, "version", "TLSv1.2");
    sc_buf_fini(&report);
    tls_peer_fini(&peer);
}

/* Bytes go both ways whole, whatever goes through the pipes at a time. */
static void much_goes_through_pipes_of_any_width(void **state)
{
    static const size_t widths[] = {0, 1, 2, 5, 7, 100, 16384, 16389, 40000};
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    char *sent = malloc(MUCH), *heard = malloc(MUCH);

    assert_true(sent && heard);
    for (size_t i = 0; i < MUCH; i++)
        sent[i] = (char)(i * 31 + i / 255);
    for (size_t i = 0; i < SC_COUNT_OF(widths) * SC_COUNT_OF(versions); i++) {
        size_t width = widths[i / 2];
        size_t length = width > 0 && width < 100 ? MUCH / 30 : MUCH;
        const struct tls_peer_wish wish = {.certificate = &((struct bench *)*state)->server,
                                           .version = versions[i % 2]};
        struct sc_tls_request request = bench_request(*state);
        struct tls_peer peer;
        enum sc_engine_result result;

        tls_peer_init(&peer, &wish);
        peer.width = width;
        peer.room = width;
        assert_int_equal(tls_peer_try(&peer, &((struct bench *)*state)->engines, OWNER, &request),
                         0);
        tls_peer_write(&peer, sent, length, heard);
        assert_memory_equal(sent, heard, length);
        assert_int_equal(SSL_write(peer.ssl, sent, (int)length), length);
        memset(heard, 0, length);
        assert_int_equal(tls_peer_read(&peer, heard, length, &result), length);
        assert_memory_equal(sent, heard, length);
        tls_peer_fini(&peer);
    }
    free(sent);
    free(heard);
}

static void a_turn_has_a_budget(void **state)
{
    struct tls_peer peer;
    char *bytes = calloc(1, MUCH);
    size_t filled = 0, length = 0;
    enum sc_engine_result result;

    assert_non_null(bytes);
    bench_open(*state, &peer, 0);
    assert_int_equal(SSL_write(peer.ssl, bytes, MUCH), MUCH);
    peer.engine->verbs->begin(peer.engine);
    while ((result = peer.engine->verbs->read(peer.engine, bytes, MUCH, &length)) == SC_ENGINE_DONE)
        filled += length;
    assert_int_equal(result, SC_ENGINE_AGAIN);
    assert_true(filled <= SC_FAR_BIO_BUDGET && filled >= 3 * 16384);
    assert_int_equal(tls_peer_read(&peer, bytes, MUCH - filled, &result), MUCH - filled);
    free(bytes);
    tls_peer_fini(&peer);
}

static void a_farewell_is_told_from_the_end_of_bytes(void **state)
{
    struct tls_peer peer;
    enum sc_engine_result result;
    char bytes[100];

    bench_open(*state, &peer, 0);
    assert_int_equal(SSL_write(peer.ssl, "end", 3), 3);
    SSL_shutdown(peer.ssl);
    peer.ended = true;
    assert_int_equal(tls_peer_read(&peer, bytes, sizeof(bytes), &result), 3);
    assert_int_equal(result, SC_ENGINE_CLOSED);
    tls_peer_fini(&peer);

    bench_open(*state, &peer, 0);
    assert_int_equal(SSL_write(peer.ssl, "end", 3), 3);
    peer.ended = true;
    assert_int_equal(tls_peer_read(&peer, bytes, sizeof(bytes), &result), 3);
    assert_int_equal(result, SC_ENGINE_TRUNCATED);
    tls_peer_fini(&peer);
}

/* Wherever the bytes end, that is no farewell, and what came whole is had. */
static void bytes_may_end_anywhere(void **state)
{
    size_t length = 1;

    for (size_t cut = 0; cut < length; cut++) {
        struct tls_peer peer;
        enum sc_engine_result result;
        char bytes[100], rest[200];

        bench_open(*state, &peer, 0);
        (void)tls_peer_read(&peer, bytes, sizeof(bytes), &result); /* tickets */
        assert_int_equal(SSL_write(peer.ssl, "one", 3), 3);
        assert_int_equal(SSL_write(peer.ssl, "two", 3), 3);
        length = BIO_ctrl_pending(peer.from_server);
        assert_int_equal(BIO_read(peer.from_server, rest, sizeof(rest)), length);
        if (cut > 0)
            assert_int_equal(BIO_write(peer.from_server, rest, (int)cut), cut);
        peer.ended = true;
        size_t got = tls_peer_read(&peer, bytes, sizeof(bytes), &result);
        assert_int_equal(got, cut >= length / 2 ? 3 : 0);
        assert_int_equal(result, SC_ENGINE_TRUNCATED);
        tls_peer_fini(&peer);
    }
    assert_true(length > 40);
}

static void a_lost_connection_is_a_failure(void **state)
{
    struct tls_peer peer;
    enum sc_engine_result result;
    char bytes[10], text[SC_TLS_TEXT_MAX + 1];
    size_t length;

    bench_open(*state, &peer, 0);
    assert_int_equal(SSL_write(peer.ssl, "end", 3), 3);
    peer.lost = -ECONNRESET;
    assert_int_equal(peer.engine->verbs->write(peer.engine, SC_BYTES("x"), &length),
                     SC_ENGINE_FAILED);
    /* What came before is there all the same. */
    assert_int_equal(tls_peer_read(&peer, bytes, sizeof(bytes), &result), 3);
    assert_int_equal(result, SC_ENGINE_FAILED);
    assert_int_equal(peer.engine->verbs->explain(peer.engine, text, sizeof(text)),
                     SC_TLS_REASON_LOST);
    assert_string_equal(text, strerror(ECONNRESET));
    assert_int_equal(peer.engine->verbs->farewell(peer.engine), SC_ENGINE_DONE);
    tls_peer_fini(&peer);
}

static void spoiled_records_and_alerts_are_failures(void **state)
{
    struct tls_peer peer;
    enum sc_engine_result result;
    char bytes[100], text[SC_TLS_TEXT_MAX + 1];

    bench_open(*state, &peer, 0);
    (void)tls_peer_read(&peer, bytes, sizeof(bytes), &result);
    assert_int_equal(BIO_write(peer.from_server,
                               "\x17\x03\x03\0\x20"
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                               37),
                     37);
    assert_int_equal(tls_peer_read(&peer, bytes, sizeof(bytes), &result), 0);
    assert_int_equal(result, SC_ENGINE_FAILED);
    assert_int_equal(peer.engine->verbs->explain(peer.engine, text, sizeof(text)),
                     SC_TLS_REASON_PROTOCOL);
    /* The server is told, and what it says of that comes to it as an alert. */
    assert_true(SSL_read(peer.ssl, bytes, sizeof(bytes)) <= 0);
    tls_peer_fini(&peer);
}

static void a_farewell_goes_behind_all_that_was_said(void **state)
{
    struct tls_peer peer;
    char heard[10];

    bench_open(*state, &peer, 0);
    tls_peer_write(&peer, "bye", 3, heard);
    peer.room = 1;
    enum sc_engine_result result;
    while ((result = peer.engine->verbs->farewell(peer.engine)) == SC_ENGINE_WANT_WRITE) {
        assert_false(peer.far_end_called);
        assert_true(SSL_read(peer.ssl, heard, sizeof(heard)) <= 0);
        ERR_clear_error();
    }
    assert_int_equal(result, SC_ENGINE_DONE);
    assert_true(peer.far_end_called);
    int read = SSL_read(peer.ssl, heard, sizeof(heard));
    assert_int_equal(SSL_get_error(peer.ssl, read), SSL_ERROR_ZERO_RETURN);
    tls_peer_fini(&peer);
}

static void tickets_and_new_keys_are_silent(void **state)
{
    struct tls_peer peer;
    enum sc_engine_result result;
    char bytes[100];

    bench_open(*state, &peer, TLS1_3_VERSION);
    for (int i = 0; i < 100; i++) {
        SSL_key_update(peer.ssl, i % 2 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
        assert_int_equal(SSL_do_handshake(peer.ssl), 1);
        assert_int_equal(tls_peer_read(&peer, bytes, sizeof(bytes), &result), 0);
        assert_int_equal(result, SC_ENGINE_WANT_READ);
        if (i % 10 == 0) {
            tls_peer_write(&peer, "hello", 5, bytes);
            assert_memory_equal(bytes, "hello", 5);
        }
    }
    assert_int_equal(SSL_write(peer.ssl, "hello", 5), 5);
    assert_int_equal(tls_peer_read(&peer, bytes, sizeof(bytes), &result), 5);
    tls_peer_fini(&peer);
}

static void a_flood_of_new_keys_ends_the_session(void **state)
{
    struct tls_peer peer;
    enum sc_engine_result result = SC_ENGINE_AGAIN;
    char bytes[100], text[SC_TLS_TEXT_MAX + 1];
    int turns = 0;
    size_t length;

    bench_open(*state, &peer, TLS1_3_VERSION);
    for (int i = 0; i < 2000; i++) {
        SSL_key_update(peer.ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
        assert_int_equal(SSL_do_handshake(peer.ssl), 1);
    }
    while (result == SC_ENGINE_AGAIN) {
        peer.engine->verbs->begin(peer.engine);
        result = peer.engine->verbs->read(peer.engine, bytes, sizeof(bytes), &length);
        turns++;
    }
    assert_true(turns > 30); /* a turn is not long */
    assert_int_equal(result, SC_ENGINE_FAILED);
    assert_int_equal(peer.engine->verbs->explain(peer.engine, text, sizeof(text)),
                     SC_TLS_REASON_PROTOCOL);
    tls_peer_fini(&peer);
}

static void what_is_no_tls_fails(void **state)
{
    static const char *const words[] = {
        "220 mail.example ESMTP\r\n", "HTTP/1.1 400 Bad Request\r\n", "\x15\x03\x01\0\x02\x02\x28"};
    static const enum sc_tls_reason reasons[] = {SC_TLS_REASON_PROTOCOL, SC_TLS_REASON_PROTOCOL,
                                                 SC_TLS_REASON_ALERT};
    static const int lengths[] = {24, 26, 7};

    for (size_t i = 0; i < SC_COUNT_OF(words); i++) {
        struct bench *bench = *state;
        const struct tls_peer_wish wish = {.certificate = &bench->server};
        struct sc_tls_request request = bench_request(bench);
        struct tls_peer peer;

        tls_peer_init(&peer, &wish);
        assert_int_equal(BIO_write(peer.from_server, words[i], lengths[i]), lengths[i]);
        assert_int_equal(tls_peer_try(&peer, &bench->engines, OWNER, &request), reasons[i]);
        tls_peer_fini(&peer);
    }
}

/* What was said in the clear before TLS is not taken for a part of it. */
static void words_injected_before_the_handshake_fail(void **state)
{
    struct bench *bench = *state;
    const struct tls_peer_wish wish = {.certificate = &bench->server};
    struct sc_tls_request request = bench_request(bench);
    struct tls_peer peer;

    tls_peer_init(&peer, &wish);
    assert_int_equal(BIO_write(peer.from_server, "250 OK\r\n", 8), 8);
    /* The server knows nothing of it, and answers properly behind. */
    assert_int_equal(tls_peer_try(&peer, &bench->engines, OWNER, &request), SC_TLS_REASON_PROTOCOL);
    tls_peer_fini(&peer);
}

static void a_far_end_may_leave_at_any_time_in_the_handshake(void **state)
{
    struct bench *bench = *state;
    const struct tls_peer_wish wish = {.certificate = &bench->server};
    struct sc_tls_request request = bench_request(bench);

    for (int reset = 0; reset < 2; reset++) {
        struct tls_peer peer;
        tls_peer_init(&peer, &wish);
        peer.ended = !reset;
        peer.lost = reset ? -ECONNRESET : 0;
        assert_int_equal(tls_peer_try(&peer, &bench->engines, OWNER, &request), SC_TLS_REASON_LOST);
        tls_peer_fini(&peer);
    }
}

static void a_failure_of_one_session_is_none_of_another(void **state)
{
    struct bench *bench = *state;
    struct tls_peer healthy, ill;
    enum sc_engine_result result;
    char bytes[100];
    size_t length;

    bench_open(bench, &healthy, 0);
    bench_open(bench, &ill, 0);
    (void)tls_peer_read(&healthy, bytes, sizeof(bytes), &result);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(BIO_write(ill.from_server, "spoiled spoiled", 15), 15);
        ill.engine->verbs->begin(ill.engine);
        assert_int_not_equal(ill.engine->verbs->read(ill.engine, bytes, sizeof(bytes), &length),
                             SC_ENGINE_DONE);
        /* Others that use OpenSSL in this thread may leave something too. */
        ERR_put_error(ERR_LIB_SSL, 0, SSL_R_BAD_PACKET, "", 0);
        assert_int_equal(tls_peer_read(&healthy, bytes, sizeof(bytes), &result), 0);
        assert_int_equal(result, SC_ENGINE_WANT_READ);
        tls_peer_write(&healthy, "ok", 2, bytes);
    }
    tls_peer_fini(&healthy);
    tls_peer_fini(&ill);
}

static void memory_is_given_back_and_taken_again(void **state)
{
    struct tls_peer peer;
    enum sc_engine_result result;
    char bytes[100];

    bench_open(*state, &peer, 0);
    (void)tls_peer_read(&peer, bytes, sizeof(bytes), &result);
    for (int i = 0; i < 3; i++) {
        assert_false(peer.engine->verbs->is_amid(peer.engine));
        peer.engine->verbs->rest(peer.engine);
        tls_peer_write(&peer, "hello", 5, bytes);
        assert_int_equal(SSL_write(peer.ssl, "world", 5), 5);
        assert_int_equal(tls_peer_read(&peer, bytes, sizeof(bytes), &result), 5);
    }
    /* A part of a record is not forgotten. */
    assert_int_equal(SSL_write(peer.ssl, "world", 5), 5);
    char record[100];
    int length = BIO_read(peer.from_server, record, sizeof(record));
    assert_int_equal(BIO_write(peer.from_server, record, length - 1), length - 1);
    assert_int_equal(tls_peer_read(&peer, bytes, sizeof(bytes), &result), 0);
    assert_true(peer.engine->verbs->is_amid(peer.engine));
    peer.engine->verbs->rest(peer.engine);
    assert_int_equal(BIO_write(peer.from_server, record + length - 1, 1), 1);
    assert_int_equal(tls_peer_read(&peer, bytes, sizeof(bytes), &result), 5);
    tls_peer_fini(&peer);
}

static void what_comes_after_the_end_is_thrown_away(void **state)
{
    struct tls_peer peer;
    char bytes[1000];

    bench_open(*state, &peer, 0);
    assert_int_equal(SSL_write(peer.ssl, "hello", 5), 5);
    assert_int_equal(peer.engine->verbs->farewell(peer.engine), SC_ENGINE_DONE);
    assert_int_equal(peer.engine->verbs->discard(peer.engine, bytes, sizeof(bytes)),
                     SC_ENGINE_DONE);
    assert_int_equal(peer.engine->verbs->discard(peer.engine, bytes, sizeof(bytes)),
                     SC_ENGINE_WANT_READ);
    peer.ended = true;
    assert_int_equal(peer.engine->verbs->discard(peer.engine, bytes, sizeof(bytes)),
                     SC_ENGINE_CLOSED);
    tls_peer_fini(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_reported),
        cmocka_unit_test(much_goes_through_pipes_of_any_width),
        cmocka_unit_test(a_turn_has_a_budget),
        cmocka_unit_test(a_farewell_is_told_from_the_end_of_bytes),
        cmocka_unit_test(bytes_may_end_anywhere),
        cmocka_unit_test(a_lost_connection_is_a_failure),
        cmocka_unit_test(spoiled_records_and_alerts_are_failures),
        cmocka_unit_test(a_farewell_goes_behind_all_that_was_said),
        cmocka_unit_test(tickets_and_new_keys_are_silent),
        cmocka_unit_test(a_flood_of_new_keys_ends_the_session),
        cmocka_unit_test(what_is_no_tls_fails),
        cmocka_unit_test(words_injected_before_the_handshake_fail),
        cmocka_unit_test(a_far_end_may_leave_at_any_time_in_the_handshake),
        cmocka_unit_test(a_failure_of_one_session_is_none_of_another),
        cmocka_unit_test(memory_is_given_back_and_taken_again),
        cmocka_unit_test(what_comes_after_the_end_is_thrown_away),
    };

    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
