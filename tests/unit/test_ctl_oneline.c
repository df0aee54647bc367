/* SPDX-License-Identifier: BSD-2-Clause */
/* Labels in one line: how they look, and that they are as wide as they say. */

#include "support/check.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ctl/oneline.h"

static const struct {
    const char *label;
    int width;
    const char *line;       /* with UTF-8 */
    const char *ascii_line; /* without; null: the same */
} lines[] = {
    {"", 10, "", NULL},
    {"smtp\n127.0.0.1\n2525\n0\n", 40, "smtp 127.0.0.1 2525 0", NULL},
    {"smtp\n[127.0.0.1]:2525\n", 40, "smtp [127.0.0.1]:2525", NULL},
    {"smtp\na\n*\n\n*\n", 40, "smtp a", NULL},
    {"smtp\n*\nb\n", 40, "smtp * b", NULL},
    {"*", 40, "*", NULL},
    {"\n\n", 40, "", NULL},
    {"service=x\nhost=y\n", 40, "service=x host=y", NULL},
    {"abcdef", 6, "abcdef", NULL},
    {"abcdefg", 6, "abcde\xe2\x80\xa6", "abcde~"},
    {"abc", 1, "\xe2\x80\xa6", "~"},
    {"a", 1, "a", NULL},
    {"\x1b[2J", 40, "\\x1b[2J", NULL},
    {"\xc3\xa9t\xc3\xa9", 40, "\xc3\xa9t\xc3\xa9", "\\xc3\\xa9t\\xc3\\xa9"},
    /* Two columns each; half of one cannot be shown. */
    {"\xe4\xb8\xad\xe5\x9b\xbd", 4, "\xe4\xb8\xad\xe5\x9b\xbd", "~"},
    {"\xe4\xb8\xad\xe5\x9b\xbd", 3, "\xe4\xb8\xad\xe2\x80\xa6", "~"},
    {"\xe4\xb8\xad\xe5\x9b\xbdx", 4, "\xe4\xb8\xad\xe2\x80\xa6", "~"},
    /* No width of its own, and what turns the rest around. */
    {"e\xcc\x81", 40, "e\\xcc\\x81", NULL},
    {"\xe2\x80\xaex", 40, "\\xe2\\x80\\xaex", NULL},
    {"\xff\xfe", 40, "\\xff\\xfe", NULL},
    /* An escape is never cut in two. */
    {"\x01\x01", 7, "\\x01\xe2\x80\xa6", "\\x01~"},
};

/* How wide a terminal would show it; -1: something does not print. */
static int width_of(const char *line)
{
    wchar_t wide[SC_CTL_ONELINE_WIDEST + 1];
    size_t length = mbstowcs(wide, line, SC_CTL_ONELINE_WIDEST);

    return length == (size_t)-1 ? -1 : wcswidth(wide, length);
}

static void test_lines(void **state)
{
    char line[SC_CTL_ONELINE_SIZE(40)];

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        int width = sc_ctl_oneline(line, lines[i].label, lines[i].width, true);
        assert_string_equal(line, lines[i].line);
        assert_int_equal(width, width_of(line));
        width = sc_ctl_oneline(line, lines[i].label, lines[i].width, false);
        if (lines[i].ascii_line && strcmp(lines[i].ascii_line, "~") != 0)
            assert_string_equal(line, lines[i].ascii_line);
        assert_int_equal(width, strlen(line));
    }
}

/* Any bytes at any width: never wider than said, and only what prints. */
static void test_any_bytes(void **state)
{
    char line[SC_CTL_ONELINE_SIZE(SC_CTL_ONELINE_WIDEST)];
    char label[64];
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 100000; round++) {
        size_t length = (size_t)rand_r(&seed) % (sizeof(label) - 1);
        for (size_t i = 0; i < length; i++)
            label[i] = (char)(1 + rand_r(&seed) % 255);
        label[length] = '\0';
        int most = 1 + rand_r(&seed) % 80;
        for (int utf8 = 0; utf8 < 2; utf8++) {
            int width = sc_ctl_oneline(line, label, most, utf8);
            assert_in_range(width, 0, most);
            assert_int_equal(width_of(line), width);
        }
    }
}

static void test_widest(void **state)
{
    char *line = malloc(SC_CTL_ONELINE_SIZE(SC_CTL_ONELINE_WIDEST));
    char *label = malloc(4 * SC_CTL_ONELINE_WIDEST + 5);

    (void)state;
    /* Four bytes for a column, as many as there can be. */
    for (int i = 0; i <= SC_CTL_ONELINE_WIDEST; i++)
        memcpy(label + 4 * i, "\xf0\x9d\x94\xb8", 5);
    assert_int_equal(sc_ctl_oneline(line, label, SC_CTL_ONELINE_WIDEST, true),
                     SC_CTL_ONELINE_WIDEST);
    free(line);
    free(label);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_widest),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
