/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of the tool's shell, cut into words; each lies against a page that cannot be touched. */

#include "support/check.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "ctl/words.h"
#include "support/guarded.h"

enum { LONGEST = 4096 };

static const struct {
    const char *line;
    int count;
    const char *words[SC_CTL_WORDS_MAX];
} lines[] = {
    {"", 0, {0}},
    {" \t\r\n\v\f", 0, {0}},
    {"# a comment", 0, {0}},
    {"a", 1, {"a"}},
    {"  a\tb \n", 2, {"a", "b"}},
    {"a # b", 1, {"a"}},
    {"a#b", 1, {"a#b"}},
    {"a\"b \\n", 2, {"a\"b", "\\n"}},
    {"\"\"", 1, {""}},
    {"\"a b\" c", 2, {"a b", "c"}},
    {"\"\\n\\r\\t\\\"\\\\\"", 1, {"\n\r\t\"\\"}},
    {"\"\\x41\\x7f\\xFf\"", 1, {"A\x7f\xff"}},
    {"\"\xc3\xa9\"", 1, {"\xc3\xa9"}},
    {"1 2 3 4 5 6", 6, {"1", "2", "3", "4", "5", "6"}},
    {"1 2 3 4 5 6 7 8", 8, {"1", "2", "3", "4", "5", "6"}},
    {"\"a", -EINVAL, {0}},
    {"\"a\\", -EINVAL, {0}},
    {"\"a\\\"", -EINVAL, {0}},
    {"\"\\q\"", -EINVAL, {0}},
    {"\"\\x\"", -EINVAL, {0}},
    {"\"\\x4\"", -EINVAL, {0}},
    {"\"\\x00\"", -EINVAL, {0}},
    {"\"\\xg0\"", -EINVAL, {0}},
    {"\"a\"b", -EINVAL, {0}},
};

/* A copy of the first @length bytes that is a string, its end at the guard page. */
static char *copy(struct guarded *guarded, const char *line, size_t length)
{
    char whole[LONGEST];

    memcpy(whole, line, length);
    whole[length] = '\0';
    return guarded->memory +
           (guarded_copy(guarded, (struct sc_bytes){whole, length + 1}, GUARDED_AT_END).data -
            guarded->memory);
}

static void test_lines(void **state)
{
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char *words[SC_CTL_WORDS_MAX];
        char *line = copy(&guarded, lines[i].line, strlen(lines[i].line));
        assert_int_equal(sc_ctl_words_split(line, words), lines[i].count);
        for (int j = 0; j < lines[i].count && j < SC_CTL_WORDS_MAX; j++)
            assert_string_equal(words[j], lines[i].words[j]);
    }
    guarded_fini(&guarded);
}

/* Whatever is cut off: no byte beyond the end is looked at, and no word lies outside the line. */
static void test_every_prefix(void **state)
{
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        for (size_t length = 0; length <= strlen(lines[i].line); length++) {
            char *words[SC_CTL_WORDS_MAX];
            char *line = copy(&guarded, lines[i].line, length);
            int count = sc_ctl_words_split(line, words);
            for (int j = 0; j < count && j < SC_CTL_WORDS_MAX; j++)
                assert_true(words[j] >= line && words[j] + strlen(words[j]) <= line + length);
        }
    }
    guarded_fini(&guarded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_every_prefix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
