/* SPDX-License-Identifier: BSD-2-Clause */

/* Command lines of the tool: what goes where. What is said about wrong ones is tested from outside.
 */

#include "support/check.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "ctl/ctl.h"

enum { MOST = 16 };

static const uint64_t everything = UINT64_MAX;

static char *argv[MOST + 1];

/* Takes a line of words that are divided by single blanks, which it changes. */
static int parse(struct sc_ctl *ctl, char *line)
{
    int argc = 0;

    memset(argv, 0, sizeof(argv));

    for (char *word = strtok(line, " "); word && argc < MOST; word = strtok(NULL, " "))
        argv[argc++] = word;
    *ctl = (struct sc_ctl){.command = "test"};
    assert_int_equal(sc_ctl_args_init(&ctl->args, argc), 0);
    return sc_ctl_args_parse(ctl, everything, argc, argv);
}

static void test_nothing_given(void **state)
{
    char line[] = "put";
    struct sc_ctl ctl;

    (void)state;
    assert_int_equal(parse(&ctl, line), 0);
    assert_int_equal(ctl.args.ttl, -1);
    assert_int_equal(ctl.args.fd, -1);
    assert_null(ctl.args.property);
    assert_null(ctl.args.program);
    assert_int_equal(ctl.args.word_count, 0);
    assert_false(ctl.args.json);
    sc_ctl_args_fini(&ctl.args);
}

static void test_forms_of_options(void **state)
{
    char line[] =
        "put -jv -t 5 --fd=7 --property text --destination= --field a=b one --field c= two";
    struct sc_ctl ctl;

    (void)state;
    assert_int_equal(parse(&ctl, line), 0);
    assert_true(ctl.args.json && ctl.args.verbose && !ctl.args.classic);
    assert_int_equal(ctl.args.ttl, 5);
    assert_int_equal(ctl.args.fd, 7);
    assert_string_equal(ctl.args.property, "text");
    assert_string_equal(ctl.args.destination, "");
    assert_int_equal(ctl.args.field_count, 2);
    assert_string_equal(ctl.args.fields[0], "a=b");
    assert_string_equal(ctl.args.fields[1], "c=");
    assert_int_equal(ctl.args.word_count, 2);
    assert_string_equal(ctl.args.words[0], "one");
    assert_string_equal(ctl.args.words[1], "two");
    sc_ctl_args_fini(&ctl.args);
}

/* What stands behind "--" is the program's, whatever it looks like. */
static void test_program(void **state)
{
    char *words[] = {"run", "word", "--", "--json", "-t", NULL};
    struct sc_ctl ctl = {.command = "run"};

    (void)state;
    assert_int_equal(sc_ctl_args_init(&ctl.args, 5), 0);
    assert_int_equal(sc_ctl_args_parse(&ctl, everything, 5, words), 0);
    assert_false(ctl.args.json);
    assert_int_equal(ctl.args.word_count, 1);
    assert_ptr_equal(ctl.args.program, words + 3);
    sc_ctl_args_fini(&ctl.args);
}

static void test_common_options_stand_before_the_command(void **state)
{
    char *words[] = {"scachectl", "-s", "path", "--json", "put", "--ttl", "5", NULL};
    struct sc_ctl ctl = {0};

    (void)state;
    assert_int_equal(sc_ctl_args_init(&ctl.args, 7), 0);
    assert_int_equal(sc_ctl_args_parse_common(&ctl, 7, words), 4);
    assert_string_equal(ctl.args.socket, "path");
    assert_true(ctl.args.json);
    sc_ctl_args_fini(&ctl.args);
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
