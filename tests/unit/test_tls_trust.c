/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whom sessions trust, and whom they refuse: every way to be the wrong far
 * end, at every level, and with every allocation failing in turn.
 */
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "support/trust.h"

static void names_are_verified(void **state)
{
    static const struct {
        const char *name;
        enum far_kind far;
        enum sc_tls_reason reason;
    } cases[] = {
        {"a.example", RIGHT, SC_TLS_REASON_NONE},
        {"A.Example.", RIGHT, SC_TLS_REASON_NONE},
        {"b.example", RIGHT, SC_TLS_REASON_OTHER_NAME},
        {"example", RIGHT, SC_TLS_REASON_OTHER_NAME},
        {"x.a.example", RIGHT, SC_TLS_REASON_OTHER_NAME},
        {"a.w.example", WILD, SC_TLS_REASON_NONE},
        {"x.a.w.example", WILD, SC_TLS_REASON_OTHER_NAME},
        {"w.example", WILD, SC_TLS_REASON_OTHER_NAME},
        {"a.example", WILD, SC_TLS_REASON_OTHER_NAME},
        {"ab.w.example", PARTLY_WILD, SC_TLS_REASON_OTHER_NAME},
        {"a.example", SUBJECT_ONLY, SC_TLS_REASON_OTHER_NAME},
        {"a.example", WRONG_NAME, SC_TLS_REASON_OTHER_NAME},
        {"192.0.2.1", BY_ADDRESS, SC_TLS_REASON_NONE},
        {"2001:DB8:0::1", BY_ADDRESS, SC_TLS_REASON_NONE},
        {"192.0.2.2", BY_ADDRESS, SC_TLS_REASON_OTHER_NAME},
        {"192.0.2.1", RIGHT, SC_TLS_REASON_OTHER_NAME},
        {"192.0.2.1", WILD, SC_TLS_REASON_OTHER_NAME},
    };

    for (size_t i = 0; i < SC_COUNT_OF(cases); i++)
        assert_int_equal(trust_try(*state, trust_request(cases[i].name), cases[i].far),
                         cases[i].reason);
}

static void authorities_and_dates_are_verified(void **state)
{
    static const struct {
        enum far_kind far;
        enum sc_tls_reason reason;
    } cases[] = {
        {EXPIRED, SC_TLS_REASON_EXPIRED},           {NOT_YET, SC_TLS_REASON_EXPIRED},
        {OTHER_AUTHORITY, SC_TLS_REASON_AUTHORITY}, {SELF_SIGNED, SC_TLS_REASON_AUTHORITY},
        {BY_A_LEAF, SC_TLS_REASON_AUTHORITY},
    };

    for (size_t i = 0; i < SC_COUNT_OF(cases); i++)
        assert_int_equal(trust_try(*state, tls_peer_request(), cases[i].far), cases[i].reason);
}

/* A caller's authorities count instead of the operator's, not beside them. */
static void authorities_of_the_caller_are_all_that_count(void **state)
{
    struct trust *trust = *state;
    struct sc_tls_request request = tls_peer_request();

    request.ca_pem = sc_bytes_of(trust->other_pem);
    assert_int_equal(trust_try(trust, request, RIGHT), SC_TLS_REASON_AUTHORITY);
    assert_int_equal(trust_try(trust, request, OTHER_AUTHORITY), SC_TLS_REASON_NONE);
    request.ca_pem = sc_bytes_of(trust->ca_pem);
    assert_int_equal(trust_try(trust, request, RIGHT), SC_TLS_REASON_NONE);
    assert_int_equal(trust_try(trust, request, OTHER_AUTHORITY), SC_TLS_REASON_AUTHORITY);
    /* A far end's own certificate may be the authority, and then is the only one. */
    char *own = certificate_pem(&trust->far[RIGHT], false);
    request.ca_pem = sc_bytes_of(own);
    assert_int_equal(trust_try(trust, request, RIGHT), SC_TLS_REASON_NONE);
    assert_int_equal(trust_try(trust, request, WRONG_NAME), SC_TLS_REASON_AUTHORITY);
    free(own);
}

static void pins_are_verified(void **state)
{
    struct trust *trust = *state;
    struct sc_tls_request request = tls_peer_request();
    char both[2 * sizeof(trust->pin)];

    request.level = SC_BYTES("pin");
    request.pins = sc_bytes_of(trust->pin);
    assert_int_equal(trust_try(trust, request, RIGHT), SC_TLS_REASON_NONE);
    assert_int_equal(trust_try(trust, request, SELF_SIGNED), SC_TLS_REASON_PIN);
    request.pins = sc_bytes_of(trust->other_pin);
    assert_int_equal(trust_try(trust, request, SELF_SIGNED), SC_TLS_REASON_NONE);
    assert_int_equal(trust_try(trust, request, RIGHT), SC_TLS_REASON_PIN);
    snprintf(both, sizeof(both), "%s,%s", trust->pin, trust->other_pin);
    request.pins = sc_bytes_of(both);
    assert_int_equal(trust_try(trust, request, RIGHT), SC_TLS_REASON_NONE);
    assert_int_equal(trust_try(trust, request, SELF_SIGNED), SC_TLS_REASON_NONE);
    assert_int_equal(trust_try(trust, request, WRONG_NAME), SC_TLS_REASON_PIN);
    /* With verification both must hold. */
    request.level = SC_BYTES("verify");
    assert_int_equal(trust_try(trust, request, RIGHT), SC_TLS_REASON_NONE);
    assert_int_equal(trust_try(trust, request, SELF_SIGNED), SC_TLS_REASON_AUTHORITY);
    request.name = SC_BYTES("a.w.example");
    assert_int_equal(trust_try(trust, request, WILD), SC_TLS_REASON_PIN);
}

static void nobody_is_anybody_unless_the_operator_says_so(void **state)
{
    struct trust *trust = *state;
    struct sc_tls_request request = tls_peer_request();

    request.level = SC_BYTES("unverified");
    assert_int_equal(trust_try(trust, request, RIGHT), SC_TLS_REASON_FORBIDDEN);
    trust->engines.policy.allows_unverified = true;
    assert_int_equal(trust_try(trust, request, SELF_SIGNED), SC_TLS_REASON_NONE);
    request.pins = sc_bytes_of(trust->pin);
    assert_int_equal(trust_try(trust, request, SELF_SIGNED), SC_TLS_REASON_PIN);
    trust->engines.policy.allows_unverified = false;
    /* That others may be anybody makes no verified session laxer. */
    assert_int_equal(trust_try(trust, tls_peer_request(), SELF_SIGNED), SC_TLS_REASON_AUTHORITY);
}

static void without_authorities_nobody_is_verified(void **state)
{
    struct trust *trust = *state;
    const struct sc_policy_options options = {.ca_file = "/nonexistent", .ciphers = ""};
    struct sc_tls_engines engines;
    char problem[SC_POLICY_PROBLEM_MAX];
    struct tls_peer peer;
    struct sc_tls_request request = tls_peer_request();

    assert_int_equal(sc_tls_engines_init(&engines, &options, problem), 0);
    assert_non_null(strstr(problem, "/nonexistent"));
    tls_peer_init(&peer, &(struct tls_peer_wish){.certificate = &trust->far[RIGHT]});
    assert_int_equal(tls_peer_try(&peer, &engines, TRUST_OWNER, &request), SC_TLS_REASON_FORBIDDEN);
    request.ca_pem = sc_bytes_of(trust->ca_pem);
    assert_int_equal(tls_peer_try(&peer, &engines, TRUST_OWNER, &request), SC_TLS_REASON_NONE);
    tls_peer_fini(&peer);
    sc_tls_engines_fini(&engines);
}

static void old_protocols_are_refused(void **state)
{
    struct trust *trust = *state;
    struct tls_peer_wish wish = {.certificate = &trust->far[RIGHT], .version = TLS1_1_VERSION};
    struct sc_tls_request request = tls_peer_request();

    assert_int_equal(sc_tls_status_of(trust_try_wish(trust, request, &wish)), SC_TLS_HANDSHAKE);
    wish.version = TLS1_2_VERSION;
    assert_int_equal(trust_try_wish(trust, request, &wish), SC_TLS_REASON_NONE);
    request.protocols = SC_BYTES(">=TLSv1.3");
    assert_int_equal(sc_tls_status_of(trust_try_wish(trust, request, &wish)), SC_TLS_HANDSHAKE);
    wish.version = TLS1_3_VERSION;
    assert_int_equal(trust_try_wish(trust, request, &wish), SC_TLS_REASON_NONE);
}

static void ciphers_that_are_none_are_refused(void **state)
{
    struct trust *trust = *state;
    static const char *const bad[] = {"aNULL:@SECLEVEL=0", "eNULL:@SECLEVEL=0"};

    for (size_t i = 0; i < SC_COUNT_OF(bad); i++) {
        const struct tls_peer_wish wish = {
            .certificate = &trust->far[RIGHT], .version = TLS1_2_VERSION, .ciphers = bad[i]};
        assert_int_equal(sc_tls_status_of(trust_try_wish(trust, tls_peer_request(), &wish)),
                         SC_TLS_HANDSHAKE);
    }
}

static void protocols_of_applications_are_chosen_among_those_offered(void **state)
{
    struct trust *trust = *state;
    struct tls_peer_wish wish = {.certificate = &trust->far[RIGHT], .alpn = "http/1.1"};
    struct sc_tls_request request = tls_peer_request();

    request.alpn = SC_BYTES("x,http/1.1");
    assert_int_equal(trust_try_wish(trust, request, &wish), SC_TLS_REASON_NONE);
    request.alpn = SC_BYTES("x");
    assert_int_equal(trust_try_wish(trust, request, &wish), SC_TLS_REASON_ALPN);
    request.alpn = SC_BYTES("");
    assert_int_equal(trust_try_wish(trust, request, &wish), SC_TLS_REASON_NONE);
    wish.alpn = NULL;
    request.alpn = SC_BYTES("x");
    assert_int_equal(trust_try_wish(trust, request, &wish), SC_TLS_REASON_NONE);
}

/* OpenSSL's allocations, of which one can be made to fail. */
static size_t allocations, failing;

static void *allocate(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return ++allocations == failing ? NULL : malloc(size);
}

static void *reallocate(void *block, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return ++allocations == failing ? NULL : realloc(block, size);
}

static void release(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    free(block);
}

/* One handshake in which the n-th allocation of the engine's side fails. */
static enum sc_tls_reason try_without_memory(struct trust *trust,
                                             const struct sc_tls_request *request,
                                             enum far_kind far, int version, size_t n)
{
    const struct tls_peer_wish wish = {.certificate = &trust->far[far], .version = version};
    struct tls_peer peer;

    tls_peer_init(&peer, &wish);
    allocations = 0;
    failing = n;
    enum sc_tls_reason reason = tls_peer_try(&peer, &trust->engines, TRUST_OWNER, request);
    failing = 0;
    tls_peer_fini(&peer);
    ERR_clear_error();
    return reason;
}

/* Whatever is missing, the wrong far end is never the right one. */
static void lack_of_memory_makes_nobody_trusted(void **state)
{
    static const enum far_kind bad[] = {WRONG_NAME, EXPIRED, OTHER_AUTHORITY, SELF_SIGNED};
    struct trust *trust = *state;
    struct sc_tls_request request = tls_peer_request();
    struct sc_tls_request pinned = tls_peer_request();

    request.ca_pem = sc_bytes_of(trust->ca_pem);
    request.client_pem = sc_bytes_of(trust->client_pem);
    pinned.level = SC_BYTES("pin");
    pinned.pins = sc_bytes_of(trust->pin);
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++) {
        size_t most = 1;
        for (size_t n = 1; n <= most; n += 1 + n / 16) {
            int version = n % 2 ? TLS1_3_VERSION : TLS1_2_VERSION;
            sc_contexts_fini(&trust->engines.contexts);
            sc_contexts_init(&trust->engines.contexts, &trust->engines.policy, 64);
            assert_int_not_equal(try_without_memory(trust, &request, bad[i], version, n),
                                 SC_TLS_REASON_NONE);
            assert_int_not_equal(try_without_memory(trust, &pinned, bad[i], version, n),
                                 SC_TLS_REASON_NONE);
            if (n == 1)
                (void)!try_without_memory(trust, &request, bad[i], version, 0);
            most = n == 1 ? allocations : most;
        }
        assert_true(most > 500);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_verified),
        cmocka_unit_test(authorities_and_dates_are_verified),
        cmocka_unit_test(authorities_of_the_caller_are_all_that_count),
        cmocka_unit_test(pins_are_verified),
        cmocka_unit_test(nobody_is_anybody_unless_the_operator_says_so),
        cmocka_unit_test(without_authorities_nobody_is_verified),
        cmocka_unit_test(old_protocols_are_refused),
        cmocka_unit_test(ciphers_that_are_none_are_refused),
        cmocka_unit_test(protocols_of_applications_are_chosen_among_those_offered),
        cmocka_unit_test(lack_of_memory_makes_nobody_trusted),
    };

    if (!CRYPTO_set_mem_functions(allocate, reallocate, release))
        return 1;
    return cmocka_run_group_tests(tests, trust_setup, trust_teardown);
}
