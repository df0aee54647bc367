/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What sessions share and what they show: contexts, certificates of clients,
 * the operator's policy.
 */
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "support/trust.h"

static void a_client_shows_its_certificate(void **state)
{
    struct trust *trust = *state;
    struct tls_peer_wish wish = {.certificate = &trust->far[RIGHT], .client = &trust->authority};
    struct sc_tls_request request = tls_peer_request();

    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        struct tls_peer peer;

        wish.version = version;
        request.client_pem = sc_bytes_of(trust->client_pem);
        tls_peer_init(&peer, &wish);
        assert_int_equal(tls_peer_try(&peer, &trust->engines, TRUST_OWNER, &request), 0);
        assert_non_null(SSL_get0_peer_certificate(peer.ssl));
        assert_int_equal(X509_cmp(SSL_get0_peer_certificate(peer.ssl), trust->client.x509), 0);
        tls_peer_fini(&peer);
    }
}

/* In TLS 1.3 a session stands before the far end has seen who the client is. */
static void a_client_that_is_refused_is_told(void **state)
{
    struct trust *trust = *state;
    struct tls_peer_wish wish = {.certificate = &trust->far[RIGHT], .client = &trust->authority};
    struct sc_tls_request request = tls_peer_request();
    char bytes[10], text[SC_TLS_TEXT_MAX + 1];
    enum sc_engine_result result;
    struct tls_peer peer;

    wish.version = TLS1_2_VERSION;
    assert_int_equal(trust_try_wish(trust, request, &wish), SC_TLS_REASON_ALERT);
    wish.version = TLS1_3_VERSION;
    tls_peer_init(&peer, &wish);
    assert_int_equal(tls_peer_try(&peer, &trust->engines, TRUST_OWNER, &request), 0);
    assert_int_equal(tls_peer_read(&peer, bytes, sizeof(bytes), &result), 0);
    assert_int_equal(result, SC_ENGINE_FAILED);
    assert_int_equal(peer.engine->verbs->explain(peer.engine, text, sizeof(text)),
                     SC_TLS_REASON_ALERT);
    assert_non_null(strstr(text, "116"));
    tls_peer_fini(&peer);
}

/* A certificate with a name in it is shown to nobody who is not trusted. */
static void an_untrusted_far_end_does_not_see_who_the_client_is(void **state)
{
    struct trust *trust = *state;
    struct tls_peer_wish wish = {.certificate = &trust->far[WRONG_NAME],
                                 .client = &trust->authority};
    struct sc_tls_request request = tls_peer_request();

    request.client_pem = sc_bytes_of(trust->client_pem);
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        struct tls_peer peer;

        wish.version = version;
        tls_peer_init(&peer, &wish);
        assert_int_equal(tls_peer_try(&peer, &trust->engines, TRUST_OWNER, &request),
                         SC_TLS_REASON_OTHER_NAME);
        assert_null(SSL_get0_peer_certificate(peer.ssl));
        tls_peer_fini(&peer);
    }
}

static void certificates_that_are_no_good_are_malformed(void **state)
{
    struct trust *trust = *state;
    char *other_key = certificate_pem(&trust->far[RIGHT], true);
    char *mixed, *locked, *broken;
    struct sc_tls_request request = tls_peer_request();
    BIO *text = BIO_new(BIO_s_mem());

    assert_true(asprintf(&mixed, "%s%s", trust->ca_pem, strstr(other_key, "-----BEGIN PR")) > 0);
    assert_non_null(text);
    PEM_write_bio_X509(text, trust->client.x509);
    PEM_write_bio_PrivateKey(text, trust->client.key, EVP_aes_128_cbc(), NULL, 0, NULL, "secret");
    char *data;
    long length = BIO_get_mem_data(text, &data);
    locked = strndup(data, (size_t)length);
    broken = strdup(trust->client_pem);
    assert_true(locked && broken);
    broken[200] = '!';
    const char *const bad[] = {"x",    trust->ca_pem, strstr(other_key, "-----BEGIN PR"), mixed,
                               locked, broken,        "-----BEGIN CERTIFICATE-----\n"};
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++) {
        request.client_pem = sc_bytes_of(bad[i]);
        assert_int_equal(trust_try(trust, request, RIGHT), SC_TLS_REASON_PEM);
    }
    request.client_pem = SC_BYTES("");
    char *half;
    assert_true(asprintf(&half, "%s%s", trust->ca_pem, broken) > 0);
    const char *const bad_ca[] = {"x", strstr(other_key, "-----BEGIN PR"), broken, half};
    for (size_t i = 0; i < SC_COUNT_OF(bad_ca); i++) {
        request.ca_pem = sc_bytes_of(bad_ca[i]);
        assert_int_equal(trust_try(trust, request, RIGHT), SC_TLS_REASON_PEM);
    }
    BIO_free(text);
    free(other_key);
    free(mixed);
    free(locked);
    free(broken);
    free(half);
}

static void contexts_are_shared_by_who_wishes_the_same_only(void **state)
{
    struct trust *trust = *state;
    struct sc_contexts *contexts = &trust->engines.contexts;
    struct sc_tls_request request = tls_peer_request();
    char *other_client = certificate_pem(&trust->far[RIGHT], true);
    struct sc_wishes wishes;
    SSL_CTX *one, *same, *other;
    char text[100];

    sc_contexts_fini(contexts);
    sc_contexts_init(contexts, &trust->engines.policy, 64);
    request.client_pem = sc_bytes_of(trust->client_pem);
    assert_int_equal(sc_wishes_understand(&wishes, &request), 0);
    assert_int_equal(sc_contexts_get(contexts, 1, &wishes, &one, text, sizeof(text)), 0);
    assert_int_equal(sc_contexts_get(contexts, 1, &wishes, &same, text, sizeof(text)), 0);
    assert_ptr_equal(one, same);
    SSL_CTX_free(same);
    /* Another owner, another key behind the same certificate, other authorities. */
    assert_int_equal(sc_contexts_get(contexts, 2, &wishes, &other, text, sizeof(text)), 0);
    assert_ptr_not_equal(one, other);
    SSL_CTX_free(other);
    wishes.client_pem = sc_bytes_of(other_client);
    assert_int_equal(sc_contexts_get(contexts, 1, &wishes, &other, text, sizeof(text)), 0);
    assert_ptr_not_equal(one, other);
    SSL_CTX_free(other);
    wishes.client_pem = sc_bytes_of(trust->client_pem);
    wishes.ca_pem = sc_bytes_of(trust->other_pem);
    assert_int_equal(sc_contexts_get(contexts, 1, &wishes, &other, text, sizeof(text)), 0);
    assert_ptr_not_equal(one, other);
    SSL_CTX_free(other);
    assert_int_equal(contexts->count, 4);
    /* What is used again stays. */
    trust->engines.base.verbs->limit(&trust->engines.base, 2);
    wishes.ca_pem = SC_BYTES("");
    assert_int_equal(sc_contexts_get(contexts, 1, &wishes, &same, text, sizeof(text)), 0);
    assert_ptr_equal(one, same);
    assert_int_equal(contexts->count, 2);
    SSL_CTX_free(same);
    SSL_CTX_free(one);
    trust->engines.base.verbs->limit(&trust->engines.base, 64);
    free(other_client);
}

static void a_policy_has_a_digest(void **state)
{
    struct trust *trust = *state;
    struct sc_policy_options options = {.ca_file = trust->ca_file, .ciphers = ""};
    char problem[SC_POLICY_PROBLEM_MAX], first[SC_POLICY_DIGEST_SIZE];
    struct sc_policy policy;

    assert_int_equal(sc_policy_init(&policy, &options, problem), 0);
    strcpy(first, policy.digest);
    assert_int_equal(strlen(first), 64);
    sc_policy_fini(&policy);
    assert_int_equal(sc_policy_init(&policy, &options, problem), 0);
    assert_string_equal(first, policy.digest);
    sc_policy_fini(&policy);
    const struct sc_policy_options others[] = {
        {.ca_file = trust->ca_file, .ciphers = "ECDHE"},
        {.ca_file = trust->ca_file, .ciphers = "", .least = SC_TLS_1_3},
        {.ca_file = "/nonexistent", .ciphers = ""},
    };
    for (size_t i = 0; i < SC_COUNT_OF(others); i++) {
        assert_int_equal(sc_policy_init(&policy, &others[i], problem), 0);
        assert_string_not_equal(first, policy.digest);
        sc_policy_fini(&policy);
    }
    options.ciphers = "no such cipher";
    assert_true(sc_policy_init(&policy, &options, problem) < 0);
    assert_non_null(strstr(problem, "no such cipher"));
    options.ciphers = "";
    options.ca_file = "/dev/null";
    assert_true(sc_policy_init(&policy, &options, problem) < 0);
    options.ca_file = "/";
    assert_true(sc_policy_init(&policy, &options, problem) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_shows_its_certificate),
        cmocka_unit_test(a_client_that_is_refused_is_told),
        cmocka_unit_test(an_untrusted_far_end_does_not_see_who_the_client_is),
        cmocka_unit_test(certificates_that_are_no_good_are_malformed),
        cmocka_unit_test(contexts_are_shared_by_who_wishes_the_same_only),
        cmocka_unit_test(a_policy_has_a_digest),
    };

    return cmocka_run_group_tests(tests, trust_setup, trust_teardown);
}
