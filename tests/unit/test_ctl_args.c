/* SPDX-License-Identifier: BSD-2-Clause */
/* Command lines of the tool: what goes where. What is said about wrong ones is tested from outside.
 */

#include "support/check.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/complaint.h"

enum { MOST = 16 };

static const uint64_t everything = UINT64_MAX;
static const struct sc_ctl_voice voice = {.command = "test"};

static char *argv[MOST + 1];

/* Takes a line of words that are divided by single blanks, which it changes. */
static int parse(struct sc_ctl_args *args, char *line)
{
    int argc = 0;

    memset(argv, 0, sizeof(argv));

    for (char *word = strtok(line, " "); word && argc < MOST; word = strtok(NULL, " "))
        argv[argc++] = word;
    assert_int_equal(sc_ctl_args_init(args, argc), 0);
    return sc_ctl_args_parse(args, &voice, everything, argc, argv);
}

static void test_nothing_given(void **state)
{
    char line[] = "put";
    struct sc_ctl_args args;

    (void)state;
    assert_int_equal(parse(&args, line), 0);
    assert_int_equal(args.ttl, -1);
    assert_int_equal(args.fd, -1);
    assert_null(args.property);
    assert_null(args.program);
    assert_int_equal(args.word_count, 0);
    assert_false(args.json);
    sc_ctl_args_fini(&args);
}

static void test_forms_of_options(void **state)
{
    char line[] =
        "put -jv -t 5 --fd=7 --property text --destination= --field a=b one --field c= two";
    struct sc_ctl_args args;

    (void)state;
    assert_int_equal(parse(&args, line), 0);
    assert_true(args.json && args.verbose && !args.classic);
    assert_int_equal(args.ttl, 5);
    assert_int_equal(args.fd, 7);
    assert_string_equal(args.property, "text");
    assert_string_equal(args.destination, "");
    assert_int_equal(args.field_count, 2);
    assert_string_equal(args.fields[0], "a=b");
    assert_string_equal(args.fields[1], "c=");
    assert_int_equal(args.word_count, 2);
    assert_string_equal(args.words[0], "one");
    assert_string_equal(args.words[1], "two");
    sc_ctl_args_fini(&args);
}

/* What stands behind "--" is the program's, whatever it looks like. */
static void test_program(void **state)
{
    char *words[] = {"run", "word", "--", "--json", "-t", NULL};
    struct sc_ctl_args args;

    (void)state;
    assert_int_equal(sc_ctl_args_init(&args, 5), 0);
    assert_int_equal(sc_ctl_args_parse(&args, &voice, everything, 5, words), 0);
    assert_false(args.json);
    assert_int_equal(args.word_count, 1);
    assert_ptr_equal(args.program, words + 3);
    sc_ctl_args_fini(&args);
}

static void test_common_options_stand_before_the_command(void **state)
{
    char *words[] = {"scachectl", "-s", "path", "--json", "put", "--ttl", "5", NULL};
    struct sc_ctl_args args;

    (void)state;
    assert_int_equal(sc_ctl_args_init(&args, 7), 0);
    assert_int_equal(sc_ctl_args_parse_common(&args, &voice, 7, words), 4);
    assert_string_equal(args.socket, "path");
    assert_true(args.json);
    sc_ctl_args_fini(&args);
}

static void test_numbers(void **state)
{
    int number = -7;

    (void)state;
    assert_int_equal(sc_ctl_args_number("0", 0, &number), 0);
    assert_int_equal(number, 0);
    assert_int_equal(sc_ctl_args_number("0012", 1, &number), 0);
    assert_int_equal(number, 12);
    assert_int_equal(sc_ctl_args_number("2147483648", 1, &number), 0);
    assert_int_equal(number, INT_MAX);
    assert_int_equal(sc_ctl_args_number("99999999999999999999999", 1, &number), 0);
    assert_int_equal(number, INT_MAX);
    static const char *const wrong[] = {"", " 1", "+1", "-1", "1 ", "1s", "x", "0x10", "1.5"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(sc_ctl_args_number(wrong[i], 0, &number), -EINVAL);
    assert_int_equal(sc_ctl_args_number("0", 1, &number), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_given),
        cmocka_unit_test(test_forms_of_options),
        cmocka_unit_test(test_program),
        cmocka_unit_test(test_common_options_stand_before_the_command),
        cmocka_unit_test(test_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
