/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a caller wishes of a TLS session, checked and completed: defaults, levels, names,
 * protocols, pins, times and limits.
 */
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#include "session/wishes.h"

#define PIN "sha256:000102030405060708090a0b0c0d0e0fF0F1f2f3f4f5f6f7f8f9fafbfcfdfeff"

/* The least that is a request. */
static struct sc_tls_request plain_request(void)
{
    return (struct sc_tls_request){
        .kind = SC_TLS_KIND_CLIENT,
        .level = SC_BYTES("verify"),
        .name = SC_BYTES("example.com"),
    };
}

static enum sc_tls_reason understand(struct sc_tls_request request)
{
    struct sc_wishes wishes;

    return sc_wishes_understand(&wishes, &request);
}

static struct sc_wishes understood(struct sc_tls_request request)
{
    struct sc_wishes wishes;

    assert_int_equal(sc_wishes_understand(&wishes, &request), SC_TLS_REASON_NONE);
    return wishes;
}

/* What becomes of one value in an otherwise plain request. */
#define WITH(member, value)                                                                        \
    ({                                                                                             \
        struct sc_tls_request changed = plain_request();                                           \
        changed.member = sc_bytes_of(value);                                                       \
        changed;                                                                                   \
    })

static void what_is_left_empty_is_the_default(void **state)
{
    struct sc_wishes wishes = understood(plain_request());

    (void)state;
    assert_int_equal(wishes.level, SC_LEVEL_VERIFY);
    assert_string_equal(wishes.name.text, "example.com");
    assert_string_equal(wishes.sni, "example.com");
    assert_int_equal(wishes.alpn_length, 0);
    assert_int_equal(wishes.least, SC_TLS_1_2);
    assert_int_equal(wishes.pin_count, 0);
    assert_int_equal(wishes.handshake_ms, 0);
}

static void a_request_that_lacks_something_is_none(void **state)
{
    struct sc_tls_request request = plain_request();

    (void)state;
    request.malformed = true;
    assert_int_equal(understand(request), SC_TLS_REASON_REQUEST);
}

static void only_known_levels_are_levels(void **state)
{
    static const char *const bad[] = {"", "Verify", "verify ", "none", "dane", "verify2", "may"};

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++)
        assert_int_equal(understand(WITH(level, bad[i])), SC_TLS_REASON_LEVEL);
    assert_int_equal(understood(WITH(level, "unverified")).level, SC_LEVEL_UNVERIFIED);
}

static void no_name_is_never_any_name(void **state)
{
    struct sc_tls_request request = WITH(name, "");

    (void)state;
    assert_int_equal(understand(request), SC_TLS_REASON_NAME);
    assert_int_equal(understand(WITH(name, ".")), SC_TLS_REASON_NAME);
    assert_int_equal(understand(WITH(name, ".example.com")), SC_TLS_REASON_NAME);
    assert_int_equal(understand(WITH(name, "*.example.com")), SC_TLS_REASON_NAME);
    request.level = SC_BYTES("unverified");
    assert_string_equal(understood(request).sni, "");
    request.level = SC_BYTES("pin");
    request.pins = SC_BYTES(PIN);
    assert_string_equal(understood(request).name.text, "");
    /* One that is there must be one all the same. */
    request.name = SC_BYTES("*");
    assert_int_equal(understand(request), SC_TLS_REASON_NAME);
}

static void an_address_is_never_said_as_a_name(void **state)
{
    (void)state;
    assert_true(understood(WITH(name, "192.0.2.1")).name.is_address);
    assert_string_equal(understood(WITH(name, "192.0.2.1")).sni, "");
    assert_string_equal(understood(WITH(name, "::1")).sni, "");
    assert_string_equal(understood(WITH(sni, "-")).sni, "");
    assert_string_equal(understood(WITH(sni, "Other.example.")).sni, "other.example");
    assert_string_equal(understood(WITH(sni, "")).sni, "example.com");
    assert_int_equal(understand(WITH(sni, "192.0.2.1")), SC_TLS_REASON_SNI);
    assert_int_equal(understand(WITH(sni, "::1")), SC_TLS_REASON_SNI);
    assert_int_equal(understand(WITH(sni, "a..b")), SC_TLS_REASON_SNI);
    assert_int_equal(understand(WITH(sni, "--")), SC_TLS_REASON_SNI);
    /* The verified name may be an address while another is said. */
    struct sc_tls_request request = WITH(name, "192.0.2.1");
    request.sni = SC_BYTES("example.com");
    assert_string_equal(understood(request).sni, "example.com");
}

static void protocols_of_applications_go_behind_their_lengths(void **state)
{
    static const char *const bad[] = {"h2", "http/1.1,h2", "h2,http/1.1", ",", "a,", ",a", "a,,b"};
    char longest[600];
    struct sc_wishes wishes = understood(WITH(alpn, "http/1.1,x"));

    (void)state;
    assert_int_equal(wishes.alpn_length, 11);
    assert_memory_equal(wishes.alpn, "\x08http/1.1\x01x", 11);
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++)
        assert_int_equal(understand(WITH(alpn, bad[i])), SC_TLS_REASON_ALPN_LIST);
    memset(longest, 'a', sizeof(longest));
    longest[254] = '\0';
    assert_int_equal(understood(WITH(alpn, longest)).alpn_length, 255);
    longest[254] = 'a';
    longest[255] = '\0';
    assert_int_equal(understand(WITH(alpn, longest)), SC_TLS_REASON_ALPN_LIST);
    for (size_t i = 1; i < sizeof(longest); i += 2)
        longest[i] = ',';
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(understand(WITH(alpn, longest)), SC_TLS_REASON_ALPN_LIST);
}

static void a_version_is_a_lower_bound(void **state)
{
    static const char *const bad[] = {"TLSv1.2",    ">=TLSv1.1", ">=TLSv1",   ">=TLSv1.4",
                                      ">= TLSv1.3", "1.3",       ">=TLSv1.30"};

    (void)state;
    assert_int_equal(understood(WITH(protocols, ">=TLSv1.2")).least, SC_TLS_1_2);
    assert_int_equal(understood(WITH(protocols, ">=TLSv1.3")).least, SC_TLS_1_3);
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++)
        assert_int_equal(understand(WITH(protocols, bad[i])), SC_TLS_REASON_PROTOCOLS);
}

static void pins_are_whole_digests(void **state)
{
    static const char *const bad[] = {
        "sha256:",
        "sha256",
        "sha1:0000000000000000000000000000000000000000",
        PIN "0",
        PIN ",",
        "," PIN,
        PIN "," PIN "x",
        "SHA256:000102030405060708090a0b0c0d0e0ff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        "sha256:000102030405060708090a0b0c0d0e0ff0f1f2f3f4f5f6f7f8f9fafbfcfdfeg0",
    };
    struct sc_tls_request request = WITH(pins, PIN "," PIN);

    (void)state;
    assert_int_equal(understood(request).pin_count, 2);
    struct sc_wishes wishes = understood(request);
    assert_int_equal(wishes.pins[0][0], 0);
    assert_int_equal(wishes.pins[0][1], 1);
    assert_int_equal(wishes.pins[1][16], 0xf0);
    assert_int_equal(wishes.pins[1][31], 0xff);
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++)
        assert_int_equal(understand(WITH(pins, bad[i])), SC_TLS_REASON_PINS);
    request = WITH(level, "pin");
    assert_int_equal(understand(request), SC_TLS_REASON_PINS);
}

static void there_are_so_many_pins_and_no_more(void **state)
{
    char list[(SC_PINS_MAX + 1) * sizeof(PIN)] = PIN;

    (void)state;
    for (int i = 1; i < SC_PINS_MAX; i++)
        strcat(list, "," PIN);
    assert_int_equal(understood(WITH(pins, list)).pin_count, SC_PINS_MAX);
    strcat(list, "," PIN);
    assert_int_equal(understand(WITH(pins, list)), SC_TLS_REASON_PINS);
}

static void times_are_numbers(void **state)
{
    static const char *const bad[] = {"0", "-1", "1.5", "1s", " 1", "+1"};

    (void)state;
    assert_int_equal(understood(WITH(handshake_ms, "1")).handshake_ms, 1);
    assert_true(understood(WITH(handshake_ms, "99999999999999999999")).handshake_ms > INT32_MAX);
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++)
        assert_int_equal(understand(WITH(handshake_ms, bad[i])), SC_TLS_REASON_HANDSHAKE_MS);
}

static void certificates_have_a_limit(void **state)
{
    static char text[SC_TLS_PEM_MAX + 1];
    struct sc_tls_request request = plain_request();

    (void)state;
    memset(text, 'a', sizeof(text));
    request.ca_pem = request.client_pem = (struct sc_bytes){text, SC_TLS_PEM_MAX};
    assert_int_equal(understood(request).ca_pem.length, SC_TLS_PEM_MAX);
    request.ca_pem.length++;
    assert_int_equal(understand(request), SC_TLS_REASON_PEM);
    request.ca_pem.length--;
    request.client_pem.length++;
    assert_int_equal(understand(request), SC_TLS_REASON_PEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_empty_is_the_default),
        cmocka_unit_test(a_request_that_lacks_something_is_none),
        cmocka_unit_test(only_known_levels_are_levels),
        cmocka_unit_test(no_name_is_never_any_name),
        cmocka_unit_test(an_address_is_never_said_as_a_name),
        cmocka_unit_test(protocols_of_applications_go_behind_their_lengths),
        cmocka_unit_test(a_version_is_a_lower_bound),
        cmocka_unit_test(pins_are_whole_digests),
        cmocka_unit_test(there_are_so_many_pins_and_no_more),
        cmocka_unit_test(times_are_numbers),
        cmocka_unit_test(certificates_have_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
