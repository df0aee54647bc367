/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The syntax of main.cf as Postfix has it, one text a case; every prefix of a text, and noise,
 * against a guard page. Reading files is test_config_cf_read.c's.
 */
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/cf.h"
#include "support/guarded.h"
#include "support/random.h"

enum { HEARD_MAX = 4096, LONGEST = 4096 };

/* All that was said, one warning a line. */
static const struct sc_cf_file file = {.path = "FILE", .number = 1};

struct heard {
    struct sc_diag diag;
    char text[HEARD_MAX];
};

static void hear(void *context, const char *text)
{
    struct heard *heard = context;
    size_t used = strlen(heard->text);

    snprintf(heard->text + used, sizeof(heard->text) - used, "%s\n", text);
}

static void listen(struct heard *heard)
{
    *heard = (struct heard){.diag = {.warn = hear, .context = heard}};
}

static int parse(struct sc_cf *cf, struct sc_bytes text, struct heard *heard)
{
    char *copy = malloc(text.length + 1);

    listen(heard);
    sc_cf_init(cf);
    memcpy(copy, text.data, text.length);
    int error = sc_cf_parse(cf, &file, copy, text.length, &heard->diag);
    free(copy);
    return error;
}

static void assert_value(const struct sc_cf *cf, const char *name, const char *value)
{
    const struct sc_cf_entry *entry = sc_cf_find(cf, sc_bytes_of(name));

    if (!value) {
        assert_null(entry);
        return;
    }
    assert_non_null(entry);
    assert_string_equal(entry->value, value);
}

/* A file, what the name "a" is then, in which line that was, and what was said. */
static const struct {
    struct sc_bytes text;
    const char *value;
    size_t line;
    const char *heard;
} files[] = {
    {SC_BYTES(""), NULL, 0, ""},
    {SC_BYTES("\n\n \n\t\n"), NULL, 0, ""},
    {SC_BYTES("# nothing\n  # at all"), NULL, 0, ""},
    /* name = value */
    {SC_BYTES("a=b\n"), "b", 1, ""},
    {SC_BYTES("a = b\n"), "b", 1, ""},
    {SC_BYTES("a\t \t=\t b c \t\n"), "b c", 1, ""},
    {SC_BYTES("a=b"), "b", 1, ""},
    {SC_BYTES("a="), "", 1, ""},
    {SC_BYTES("a=\n"), "", 1, ""},
    {SC_BYTES("a =   \n"), "", 1, ""},
    {SC_BYTES("a==b=c\n"), "=b=c", 1, ""},
    {SC_BYTES("a=\v\fb\v\f\n"), "b", 1, ""},
    {SC_BYTES("x-y{.}=1\na=2\n"), "2", 2, ""},
    {SC_BYTES("A=1\naa=2\n"), NULL, 0, ""},
    {SC_BYTES("a=\xff\xc3\xa9\n"), "\xff\xc3\xa9", 1, ""},
    /* No quoting, no comment after a value. */
    {SC_BYTES("a = \"b c\"\n"), "\"b c\"", 1, ""},
    {SC_BYTES("a = b # c ; d\n"), "b # c ; d", 1, ""},
    {SC_BYTES("a = b \\\nc = d\n"), "b \\", 1, ""},
    {SC_BYTES("a = #b\n"), "#b", 1, ""},
    /* Continued lines. */
    {SC_BYTES("a=b\n c\n"), "b c", 1, ""},
    {SC_BYTES("a=b\n \t c\n"), "b \t c", 1, ""},
    {SC_BYTES("a=b \n c"), "b  c", 1, ""},
    {SC_BYTES("a=\n b\n"), "b", 1, ""},
    {SC_BYTES("a\n =b\n"), "b", 1, ""},
    {SC_BYTES("a=b\n a=c\n"), "b a=c", 1, ""},
    {SC_BYTES("a=b\n\vc\n"), "b\vc", 1, ""},
    {SC_BYTES("a=b\n c\n d\nx=1\n e\n"), "b c d", 1, ""},
    /* What says nothing is skipped, also in their midst. */
    {SC_BYTES("a=b\n#c\n\n  \n  # d\n\te  \n"), "b\te", 1, ""},
    {SC_BYTES("a=b\n\n# x\n\n c\n"), "b c", 1, ""},
    {SC_BYTES("a=b\n#\n"), "b", 1, ""},
    /* Carriage returns. */
    {SC_BYTES("a=b\r\n"), "b", 1, ""},
    {SC_BYTES("a=b\r"), "b", 1, ""},
    {SC_BYTES("a=b\r\r\n"), "b", 1, ""},
    {SC_BYTES("a=b\r\n c\r\n\r\n#x\r\n\td\r\n"), "b c\td", 1, ""},
    {SC_BYTES("a=b\rc\n"), "b\rc", 1, ""},
    {SC_BYTES("\r\na=b\r\nx=1\r\n"), "b", 2, ""},
    /* The number is that of the first line that says something. */
    {SC_BYTES("\n# x\n\na=b\n c\n"), "b c", 4, ""},
    {SC_BYTES("x=1\n 2\n 3\n\na=b\n"), "b", 5, ""},
    /* White space before the first name. */
    {SC_BYTES("  a=b\n"), NULL, 0,
     "FILE, line 1: logical line must not start with whitespace: \"  a=b\"\n"},
    {SC_BYTES("\n#\n\ta=b\n c\na=d\n"), "d", 5,
     "FILE, line 3: logical line must not start with whitespace: \"\ta=b c\"\n"},
    {SC_BYTES(" nonsense\na=d\n"), "d", 2,
     "FILE, line 1: logical line must not start with whitespace: \" nonsense\"\n"},
    /* The last one wins. */
    {SC_BYTES("a=b\na=c\n"), "c", 2, "FILE, line 2: overriding earlier entry: a=b\n"},
    {SC_BYTES("a=b\na = b\n"), "b", 2, ""},
    {SC_BYTES("a=b\n c\na=b c\n"), "b c", 3, ""},
    {SC_BYTES("a=b\na=c\na=b\n"), "b", 3,
     "FILE, line 2: overriding earlier entry: a=b\n"
     "FILE, line 3: overriding earlier entry: a=c\n"},
    {SC_BYTES("a=\na=c\n"), "c", 2, "FILE, line 2: overriding earlier entry: a=\n"},
    /* A NUL byte ends a logical line. */
    {SC_BYTES("a=b\0c\n d\nx=1\n"), "b", 1,
     "FILE, line 1: ignoring a NUL byte and what follows it\n"},
};

static void each_file_means_what_it_should(void **state)
{
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(files); i++) {
        assert_int_equal(parse(&cf, files[i].text, &heard), 0);
        assert_value(&cf, "a", files[i].value);
        assert_string_equal(heard.text, files[i].heard);
        const struct sc_cf_entry *entry = sc_cf_find(&cf, SC_BYTES("a"));
        if (entry) {
            assert_int_equal(entry->origin.line, files[i].line);
            assert_null(entry->origin.option);
        }
        sc_cf_fini(&cf);
    }
}

/* Files that are fatal, and the reason. */
static const struct {
    struct sc_bytes text;
    const char *fatal;
} bad_files[] = {
    {SC_BYTES("a\n"), "FILE, line 1: missing '=' after attribute name: \"a\""},
    {SC_BYTES("a\n=b\n"), "FILE, line 1: missing '=' after attribute name: \"a\""},
    {SC_BYTES("a b\n"), "FILE, line 1: missing '=' after attribute name: \"a b\""},
    {SC_BYTES("a b = c\n"), "FILE, line 1: missing '=' after attribute name: \"a b = c\""},
    {SC_BYTES("x=1\n\n# y\nb\n c\n"), "FILE, line 4: missing '=' after attribute name: \"b c\""},
    {SC_BYTES("x=1\n= b\n"), "FILE, line 2: missing attribute name: \"= b\""},
    {SC_BYTES("a\0=b\n"), "FILE, line 1: missing '=' after attribute name: \"a\""},
    {SC_BYTES("\0\n"), "FILE, line 1: missing '=' after attribute name: \"\""},
};

static void bad_lines_are_fatal(void **state)
{
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(bad_files); i++) {
        assert_int_equal(parse(&cf, bad_files[i].text, &heard), -EINVAL);
        assert_string_equal(heard.diag.fatal, bad_files[i].fatal);
        sc_cf_fini(&cf);
    }
}

static void what_came_before_a_bad_line_is_kept(void **state)
{
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    assert_int_equal(parse(&cf, SC_BYTES("a=b\nc\nd=e\n"), &heard), -EINVAL);
    assert_value(&cf, "a", "b");
    assert_value(&cf, "d", NULL);
    sc_cf_fini(&cf);
}

static void overrides_win_silently(void **state)
{
    static const struct {
        const char *text, *value;
    } overrides[] = {
        {"a=c", "c"}, {"a = c", "c"},     {" a\t=\tc d ", "c d"},
        {"a=", ""},   {"a==c=d", "=c=d"}, {"a=\nx\n", "x"},
    };
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(overrides); i++) {
        assert_int_equal(parse(&cf, SC_BYTES("a=b\n"), &heard), 0);
        assert_int_equal(sc_cf_override(&cf, overrides[i].text, &heard.diag), 0);
        assert_value(&cf, "a", overrides[i].value);
        assert_string_equal(sc_cf_find(&cf, SC_BYTES("a"))->origin.option, "-o");
        assert_int_equal(sc_cf_find(&cf, SC_BYTES("a"))->origin.line, 0);
        assert_string_equal(heard.text, "");
        sc_cf_fini(&cf);
    }
}

static void bad_overrides_are_fatal(void **state)
{
    static const struct {
        const char *text, *fatal;
    } overrides[] = {
        {"", "option -o: missing '=' after attribute name: \"\""},
        {"a", "option -o: missing '=' after attribute name: \"a\""},
        {"a b=c", "option -o: missing '=' after attribute name: \"a b=c\""},
        {" = c", "option -o: missing attribute name: \" = c\""},
    };
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    listen(&heard);
    sc_cf_init(&cf);
    for (size_t i = 0; i < SC_COUNT_OF(overrides); i++) {
        assert_int_equal(sc_cf_override(&cf, overrides[i].text, &heard.diag), -EINVAL);
        assert_string_equal(heard.diag.fatal, overrides[i].fatal);
    }
    sc_cf_fini(&cf);
}

static void warnings_may_go_nowhere(void **state)
{
    struct sc_diag diag = {0};
    char text[] = " x\na=b\na=c\n";
    struct sc_cf cf;

    (void)state;
    sc_cf_init(&cf);
    assert_int_equal(sc_cf_parse(&cf, &file, text, sizeof(text) - 1, &diag), 0);
    assert_value(&cf, "a", "c");
    sc_cf_fini(&cf);
}

static void long_lines_are_cut_in_messages(void **state)
{
    static char text[100 * 1024];
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    memset(text, 'x', sizeof(text));
    assert_int_equal(parse(&cf, (struct sc_bytes){text, sizeof(text)}, &heard), -EINVAL);
    assert_in_range(strlen(heard.diag.fatal), 200, SC_DIAG_TEXT_MAX - 1);
    sc_cf_fini(&cf);
    memcpy(text, "a=", 2);
    assert_int_equal(parse(&cf, (struct sc_bytes){text, sizeof(text)}, &heard), 0);
    assert_int_equal(strlen(sc_cf_find(&cf, SC_BYTES("a"))->value), sizeof(text) - 2);
    sc_cf_fini(&cf);
}

static void many_names_take_no_square_time(void **state)
{
    enum { NAMES = 200 * 1000 };
    char *text = malloc(NAMES * 16), *at = text;
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    for (int i = 0; i < NAMES; i++)
        at += sprintf(at, "n%d=%d\n", i, i);
    assert_int_equal(parse(&cf, (struct sc_bytes){text, (size_t)(at - text)}, &heard), 0);
    assert_value(&cf, "n0", "0");
    assert_value(&cf, "n199999", "199999");
    assert_value(&cf, "n200000", NULL);
    sc_cf_fini(&cf);
    free(text);
}

/* A text without one byte behind it that could be read, or before it that could be written. */
static void parse_guarded(struct guarded *guarded, struct sc_bytes text, enum guarded_side side)
{
    struct sc_bytes copy = guarded_copy(guarded, text, side);
    struct heard heard;
    struct sc_cf cf;

    listen(&heard);
    sc_cf_init(&cf);
    int error = sc_cf_parse(&cf, &file, (char *)copy.data, copy.length, &heard.diag);
    assert_true(error == 0 || error == -EINVAL);
    assert_true((error == 0) == (heard.diag.fatal[0] == '\0'));
    sc_cf_fini(&cf);
}

static void every_prefix_is_harmless(void **state)
{
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t i = 0; i < SC_COUNT_OF(files); i++)
        for (size_t length = 0; length <= files[i].text.length; length++) {
            struct sc_bytes prefix = {files[i].text.data, length};
            parse_guarded(&guarded, prefix, GUARDED_AT_END);
            parse_guarded(&guarded, prefix, GUARDED_AT_START);
        }
    guarded_fini(&guarded);
}

static void noise_is_harmless(void **state)
{
    static const char letters[] = "ab=# \t\r\n\n\n\0$\xff";
    struct random random = {number_from_environment("SC_TEST_SEED", 1)};
    struct guarded guarded;
    char text[80];

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (int i = 0; i < 20000; i++) {
        size_t length = random_below(&random, sizeof(text));
        for (size_t j = 0; j < length; j++)
            text[j] = letters[random_below(&random, sizeof(letters) - 1)];
        parse_guarded(&guarded, (struct sc_bytes){text, length}, GUARDED_AT_END);
    }
    guarded_fini(&guarded);
}

/* Windows puts one in front of a text; it is no part of the first name. */
static void a_byte_order_mark_is_skipped(void **state)
{
    struct sc_cf cf;
    struct heard heard;

    (void)state;
    assert_int_equal(parse(&cf,
                           SC_BYTES("\xef\xbb\xbf"
                                    "a=b\n"),
                           &heard),
                     0);
    assert_value(&cf, "a", "b");
    assert_string_equal(heard.text, "");
    sc_cf_fini(&cf);
    assert_int_equal(parse(&cf, SC_BYTES("\xef\xbb\xbf# comment\na=b\n"), &heard), 0);
    assert_value(&cf, "a", "b");
    sc_cf_fini(&cf);
    assert_int_equal(parse(&cf, SC_BYTES("\xef\xbb\xbf"), &heard), 0);
    sc_cf_fini(&cf);
    assert_int_equal(parse(&cf,
                           SC_BYTES("\xef\xbb\xbf\xef\xbb\xbf"
                                    "a=b\n"),
                           &heard),
                     0);
    assert_value(&cf, "a", NULL);
    sc_cf_fini(&cf);
    assert_int_equal(parse(&cf,
                           SC_BYTES("a=b\n\xef\xbb\xbf"
                                    "a=c\n"),
                           &heard),
                     0);
    assert_value(&cf, "a", "b");
    sc_cf_fini(&cf);
}

/* Postfix's own file means what it means to Postfix, and a warning says so. */
static void postfix_sees_a_byte_order_mark_in_the_name(void **state)
{
    const struct sc_cf_file of_postfix = {.path = "MAIN", .of_postfix = true};
    char text[] = "\xef\xbb\xbf"
                  "a=b\nc=d\n";
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    listen(&heard);
    sc_cf_init(&cf);
    assert_int_equal(sc_cf_parse(&cf, &of_postfix, text, sizeof(text) - 1, &heard.diag), 0);
    assert_value(&cf, "a", NULL);
    assert_value(&cf,
                 "\xef\xbb\xbf"
                 "a",
                 "b");
    assert_value(&cf, "c", "d");
    assert_string_equal(heard.text, "MAIN, line 1: a byte order mark stands in front, so what this "
                                    "line sets is ignored, by Postfix too\n");
    sc_cf_fini(&cf);
}

static void note(const struct sc_cf_entry *entry, void *context)
{
    char *text = context;

    strcat(strncat(text, entry->name.data, entry->name.length), " ");
}

static void entries_are_walked_by_name(void **state)
{
    char names[100] = "";
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    assert_int_equal(parse(&cf, SC_BYTES("b=1\na=1\nab=1\nc=1\na=2\n"), &heard), 0);
    sc_cf_walk(&cf, note, names);
    assert_string_equal(names, "a ab b c ");
    sc_cf_fini(&cf);
    sc_cf_walk(&cf, note, names);
    assert_string_equal(names, "a ab b c ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_means_what_it_should),
        cmocka_unit_test(bad_lines_are_fatal),
        cmocka_unit_test(what_came_before_a_bad_line_is_kept),
        cmocka_unit_test(overrides_win_silently),
        cmocka_unit_test(bad_overrides_are_fatal),
        cmocka_unit_test(warnings_may_go_nowhere),
        cmocka_unit_test(long_lines_are_cut_in_messages),
        cmocka_unit_test(many_names_take_no_square_time),
        cmocka_unit_test(every_prefix_is_harmless),
        cmocka_unit_test(noise_is_harmless),
        cmocka_unit_test(a_byte_order_mark_is_skipped),
        cmocka_unit_test(postfix_sees_a_byte_order_mark_in_the_name),
        cmocka_unit_test(entries_are_walked_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
