/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names that a certificate is to be for, in one form: what is an address, what is no name,
 * and how long they may be.
 */
#include "support/check.h"

#include <errno.h>
#include <string.h>

#include "wire/tls_name.h"

static void names_come_into_one_form(void **state)
{
    static const struct {
        const char *text, *name;
        bool is_address;
    } cases[] = {
        {"example.com", "example.com", false},
        {"Example.COM.", "example.com", false},
        {"localhost", "localhost", false},
        {"a_b-c.x9.example", "a_b-c.x9.example", false},
        {"1and1.example", "1and1.example", false},
        {"xn--bcher-kva.example", "xn--bcher-kva.example", false},
        {"127.0.0.1", "127.0.0.1", true},
        {"::1", "::1", true},
        {"0:0:0:0:0:0:0:1", "::1", true},
        {"2001:DB8::A", "2001:db8::a", true},
        {"::ffff:1.2.3.4", "::ffff:1.2.3.4", true},
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(cases); i++) {
        struct sc_tls_name name;
        assert_int_equal(sc_tls_name_set(&name, sc_bytes_of(cases[i].text)), 0);
        assert_string_equal(name.text, cases[i].name);
        assert_int_equal(name.is_address, cases[i].is_address);
    }
}

/* OpenSSL takes a leading dot for every subdomain, and no name for any name. */
static void what_is_no_name_is_refused(void **state)
{
    static const struct sc_bytes bad[] = {
        SC_BYTES(""),
        SC_BYTES("."),
        SC_BYTES(".."),
        SC_BYTES(".example.com"),
        SC_BYTES("example.com.."),
        SC_BYTES("a..b"),
        SC_BYTES("*.example.com"),
        SC_BYTES("*"),
        SC_BYTES("-a.example"),
        SC_BYTES("a-.example"),
        SC_BYTES("a b"),
        SC_BYTES("a/b"),
        SC_BYTES("a@b"),
        SC_BYTES("a:443"),
        SC_BYTES("[::1]"),
        SC_BYTES("fe80::1%eth0"),
        SC_BYTES("b\xc3\xbc"
                 "cher.example"),
        SC_BYTES("example.com\0.evil.example"),
        SC_BYTES("example.com\n"),
        SC_BYTES("127.1"),
        SC_BYTES("127.0.0.1.1"),
        SC_BYTES("0x7f000001"),
        SC_BYTES("2130706433"),
        SC_BYTES("1.2.3.256"),
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++) {
        struct sc_tls_name name;
        assert_int_equal(sc_tls_name_set(&name, bad[i]), -EINVAL);
    }
}

static void lengths_have_limits(void **state)
{
    char text[400];
    struct sc_tls_name name;

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_int_equal(sc_tls_name_set(&name, (struct sc_bytes){text, 63}), 0);
    assert_int_equal(sc_tls_name_set(&name, (struct sc_bytes){text, 64}), -EINVAL);
    for (size_t i = 49; i < sizeof(text); i += 50)
        text[i] = '.';
    assert_int_equal(sc_tls_name_set(&name, (struct sc_bytes){text, 253}), 0);
    assert_int_equal(sc_tls_name_set(&name, (struct sc_bytes){text, 254}), -EINVAL);
    text[253] = '.';
    assert_int_equal(sc_tls_name_set(&name, (struct sc_bytes){text, 254}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_into_one_form),
        cmocka_unit_test(what_is_no_name_is_refused),
        cmocka_unit_test(lengths_have_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
