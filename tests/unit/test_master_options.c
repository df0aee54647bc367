/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arguments that master(8) gives: what each means, and the first thing that is wrong.
 */
#include "support/check.h"

#include <string.h>

#include "host/options.h"

enum { WORDS_MAX = 32, LINE_MAX_LENGTH = 200 };

struct line {
    char text[LINE_MAX_LENGTH];
    char *words[WORDS_MAX + 1];
};

/* Splits at blanks; "_" stands for a blank inside a word. */
static void parse(struct sc_master_options *options, struct line *line, const char *text)
{
    char *rest = NULL;
    int count = 0;

    assert_true(strlen(text) < sizeof(line->text));
    strcpy(line->text, text);
    for (char *word = strtok_r(line->text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        for (char *at = word; *at != '\0'; at++)
            *at = *at == '_' ? ' ' : *at;
        assert_true(count < WORDS_MAX);
        line->words[count++] = word;
    }
    line->words[count] = NULL;
    assert_int_equal(sc_master_options_parse(options, count, line->words), 0);
}

static void assert_problem(const char *text, const char *problem)
{
    struct sc_master_options options;
    struct line line;

    parse(&options, &line, text);
    assert_string_equal(options.problem.text, problem);
    sc_master_options_fini(&options);
}

static void what_master_gives_is_taken(void **state)
{
    struct sc_master_options options;
    struct line line;

    (void)state;
    parse(&options, &line, "/x/scache -l -n cache -t unix -u -c -v -v -o a=b -o c_=_d -i 5 -s 3");
    assert_string_equal(options.problem.text, "");
    assert_string_equal(options.service_name, "cache");
    assert_string_equal(options.transport, "unix");
    assert_string_equal(options.max_idle, "5");
    assert_int_equal(options.override_count, 2);
    assert_string_equal(options.overrides[0], "a=b");
    assert_string_equal(options.overrides[1], "c = d");
    assert_int_equal(options.sockets, 3);
    assert_int_equal(options.verbosity, 2);
    assert_true(options.single_process && options.change_user && options.chroot);
    assert_false(options.standard_io || options.on_terminal || options.also_stderr ||
                 options.debugger);
    sc_master_options_fini(&options);
    sc_master_options_fini(&options);
}

static void letters_may_be_joined(void **state)
{
    struct sc_master_options options;
    struct line line;

    (void)state;
    parse(&options, &line, "scache -lncache -tunix -uvVdDzm9 -oa=b");
    assert_string_equal(options.problem.text, "");
    assert_string_equal(options.service_name, "cache");
    assert_true(options.also_stderr && options.on_terminal && options.debugger);
    assert_string_equal(options.overrides[0], "a=b");
    sc_master_options_fini(&options);
}

/* Standard input and output need neither a transport nor a limit of processes. */
static void standard_input_needs_little(void **state)
{
    struct sc_master_options options;
    struct line line;

    (void)state;
    parse(&options, &line, "/x/y/scache -S");
    assert_string_equal(options.problem.text, "");
    assert_true(options.standard_io);
    assert_string_equal(options.service_name, "scache");
    sc_master_options_fini(&options);
    parse(&options, &line, "scache -l -t unix");
    assert_int_equal(options.sockets, 1);
    assert_null(options.max_idle);
    assert_int_equal(options.override_count, 0);
    sc_master_options_fini(&options);
}

static void the_first_problem_is_told(void **state)
{
    (void)state;
    assert_problem("scache -n cache -t unix", "service cache requires a process limit of 1");
    assert_problem("scache -l", "no transport type specified");
    assert_problem("scache -l -t inet", "unsupported transport type: inet");
    assert_problem("scache -l -t unix -Q", "invalid option: Q");
    assert_problem("scache -Q -R -t inet", "invalid option: Q");
    assert_problem("scache -l -t unix -z9", "invalid option: 9");
    assert_problem("scache -l -t unix -o", "option -o requires an argument");
    assert_problem("scache -l -t unix more", "unexpected command-line argument: more");
    assert_problem("scache -l -t unix -- -v", "unexpected command-line argument: -v");
    assert_problem("scache -S more", "unexpected command-line argument: more");
    assert_problem("scache -l -t unix -s 0", "bad number of listening sockets: -s 0 (1 to 100)");
    assert_problem("scache -l -t unix -s 101",
                   "bad number of listening sockets: -s 101 (1 to 100)");
    assert_problem("scache -l -t unix -s 1x", "bad number of listening sockets: -s 1x (1 to 100)");
    assert_problem("scache -l -t unix -s 99999999999999999999",
                   "bad number of listening sockets: -s 99999999999999999999 (1 to 100)");
}

/* A process may be started without even a name. */
static void no_arguments_at_all(void **state)
{
    struct sc_master_options options;
    char *none[] = {NULL};

    (void)state;
    assert_int_equal(sc_master_options_parse(&options, 0, none), 0);
    assert_string_equal(options.service_name, "scache");
    assert_string_equal(options.problem.text, "service scache requires a process limit of 1");
    sc_master_options_fini(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_master_gives_is_taken),  cmocka_unit_test(letters_may_be_joined),
        cmocka_unit_test(standard_input_needs_little), cmocka_unit_test(the_first_problem_is_told),
        cmocka_unit_test(no_arguments_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
