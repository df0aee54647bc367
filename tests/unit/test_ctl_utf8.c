/* SPDX-License-Identifier: BSD-2-Clause */
/* Characters of UTF-8: every code there is, and what is none. */

#include "support/check.h"

#include <string.h>

#include "ctl/utf8.h"

/* Writes a code in @length bytes, as the pattern of UTF-8 has it, whether that is right or not. */
static void encode(char *text, uint32_t code, size_t length)
{
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = length - 1; i > 0; i--) {
        text[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    text[0] = (char)(marks[length] | code);
    text[length] = '\0';
}

static size_t length_of(uint32_t code)
{
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

static void test_every_character(void **state)
{
    (void)state;
    for (uint32_t code = 1; code <= 0x10ffff; code++) {
        char text[5];
        uint32_t read = 0;
        size_t length = length_of(code);
        bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
        encode(text, code, length);
        assert_int_equal(sc_ctl_utf8_decode(text, &read), is_surrogate ? 0 : length);
        if (!is_surrogate)
            assert_int_equal(read, code);
    }
}

static void test_what_is_none(void **state)
{
    char text[5];
    uint32_t code;

    (void)state;
    assert_int_equal(sc_ctl_utf8_decode("", &code), 0);
    /* Longer than need be, and beyond the last one. */
    for (size_t length = 2; length <= 4; length++) {
        static const uint32_t first_in[] = {0, 0, 0x80, 0x800, 0x10000};
        encode(text, first_in[length] - 1, length);
        assert_int_equal(sc_ctl_utf8_decode(text, &code), 0);
    }
    encode(text, 0x110000, 4);
    assert_int_equal(sc_ctl_utf8_decode(text, &code), 0);
    /* Cut off after each byte, or with another one there. */
    for (size_t length = 2; length <= 4; length++) {
        for (size_t cut = 1; cut < length; cut++) {
            encode(text, length == 2 ? 0xe9 : length == 3 ? 0x20ac : 0x1f600, length);
            text[cut] = 'a';
            assert_int_equal(sc_ctl_utf8_decode(text, &code), 0);
            text[cut] = '\0';
            assert_int_equal(sc_ctl_utf8_decode(text, &code), 0);
        }
    }
    for (int byte = 0x80; byte < 0x100; byte++) {
        const char alone[] = {(char)byte, '\0'};
        assert_int_equal(sc_ctl_utf8_decode(alone, &code), 0);
    }
}

static void test_controls(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x120; code++)
        assert_int_equal(sc_ctl_utf8_is_control(code),
                         code < 0x20 || (code >= 0x7f && code < 0xa0));
    /* Right-to-left override; left-to-right isolate; zero-width space; line separator. */
    assert_true(sc_ctl_utf8_is_control(0x202e));
    assert_true(sc_ctl_utf8_is_control(0x2066));
    assert_true(sc_ctl_utf8_is_control(0x200b));
    assert_true(sc_ctl_utf8_is_control(0x2028));
    assert_false(sc_ctl_utf8_is_control(0x2026));
    assert_false(sc_ctl_utf8_is_control(0x1f600));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_what_is_none),
        cmocka_unit_test(test_controls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
