/* SPDX-License-Identifier: BSD-2-Clause */
/* Labels of the text format: what may stand as it is, and what is escaped and how. */

#include "support/check.h"

#include <stdlib.h>

#include "exporter/labels.h"

static void assert_put(const char *value, const char *expected)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    sc_labels_put(out, "a", value);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    /* What was written can always be read. */
    assert_true(sc_labels_are_sound(text));
    free(text);
}

static void test_values_are_escaped(void **state)
{
    (void)state;
    assert_put("", "a=\"\"");
    assert_put("plain", "a=\"plain\"");
    assert_put("\"", "a=\"\\\"\"");
    assert_put("\\", "a=\"\\\\\"");
    assert_put("x\ny", "a=\"x\\ny\"");
    assert_put("} 1\nscache_up 0", "a=\"} 1\\nscache_up 0\"");
    assert_put("\x1b[2J\x7f\r", "a=\"\\\\x1b[2J\\\\x7f\\\\x0d\"");
}

static void test_what_is_no_utf8_is_shown(void **state)
{
    (void)state;
    assert_put("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
               "a=\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
    assert_put("\xff", "a=\"\\\\xff\"");
    assert_put("\xc3", "a=\"\\\\xc3\"");
    assert_put("\xc0\x80", "a=\"\\\\xc0\\\\x80\"");                       /* too long a form */
    assert_put("\xe0\x9f\xbf", "a=\"\\\\xe0\\\\x9f\\\\xbf\"");            /* the same */
    assert_put("\xed\xa0\x80", "a=\"\\\\xed\\\\xa0\\\\x80\"");            /* half of a pair */
    assert_put("\xf4\x90\x80\x80", "a=\"\\\\xf4\\\\x90\\\\x80\\\\x80\""); /* beyond Unicode */
    assert_put("\xe2\x82\"", "a=\"\\\\xe2\\\\x82\\\"\"");                 /* cut off */
}

static void test_sound(void **state)
{
    (void)state;
    assert_true(sc_labels_are_sound(""));
    assert_true(sc_labels_are_sound("a=\"b\""));
    assert_true(sc_labels_are_sound("a=\"b\",_c9=\"\\\\\\\"\\n\""));
}

static void test_unsound(void **state)
{
    static const char *const texts[] = {
        ",",         "a",        "a=",           "a=b",      "a=\"",           "a=\"b",
        "a=\"b\",",  "=\"b\"",   "9=\"b\"",      "a=\"b\" ", "a=\"b\"c=\"d\"", "a=\"\\\"",
        "a=\"\\x\"", "a=\"\n\"", "a=\"\xff\"",   "le=\"1\"", "cache=\"x\"",    "__a=\"b\"",
        "a-b=\"c\"", "a=\"b\"}", "a=\"b\"} 1\n", "a=\"\\",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (sc_labels_are_sound(texts[i]))
            fail_msg("taken for sound: %s", texts[i]);
}

static void test_names(void **state)
{
    (void)state;
    assert_true(sc_labels_may_name("scache_up"));
    assert_true(sc_labels_may_name("_9"));
    assert_false(sc_labels_may_name(""));
    assert_false(sc_labels_may_name("9"));
    assert_false(sc_labels_may_name("a b"));
    assert_false(sc_labels_may_name("a\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_escaped),
        cmocka_unit_test(test_what_is_no_utf8_is_shown),
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_unsound),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
