/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arguments of a server on its own, and of who only looks at a configuration.
 */
#include "support/check.h"

#include <string.h>

#include "host/arguments.h"

enum { WORDS_MAX = 16, LINE_MAX_LENGTH = 200 };

struct line {
    char text[LINE_MAX_LENGTH];
    char *words[WORDS_MAX + 1];
};

static void parse(struct sc_arguments *arguments, struct line *line, const char *text)
{
    char *rest = NULL;
    int count = 0;

    assert_true(strlen(text) < sizeof(line->text));
    strcpy(line->text, text);
    for (char *word = strtok_r(line->text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        assert_true(count < WORDS_MAX);
        line->words[count++] = word;
    }
    line->words[count] = NULL;
    assert_int_equal(sc_arguments_parse(arguments, count, line->words), 0);
}

static void assert_problem(const char *text, const char *problem)
{
    struct sc_arguments arguments;
    struct line line;

    parse(&arguments, &line, text);
    assert_string_equal(arguments.problem.text, problem);
    sc_arguments_fini(&arguments);
}

static void what_is_given_is_taken(void **state)
{
    struct sc_arguments arguments;
    struct line line;

    (void)state;
    parse(&arguments, &line,
          "scache --listen=/s --config /c --mode 0666 --owner root --group 5 -o a=b -oc=d -vv");
    assert_string_equal(arguments.problem.text, "");
    assert_int_equal(arguments.task, SC_TASK_SERVE);
    assert_string_equal(arguments.listen, "/s");
    assert_string_equal(arguments.config, "/c");
    assert_int_equal(arguments.mode, 0666);
    assert_int_equal(arguments.owner, 0);
    assert_int_equal(arguments.group, 5);
    assert_int_equal(arguments.override_count, 2);
    assert_string_equal(arguments.overrides[1], "c=d");
    assert_int_equal(arguments.verbosity, 2);
    sc_arguments_fini(&arguments);
    sc_arguments_fini(&arguments);
}

static void little_need_be_given(void **state)
{
    struct sc_arguments arguments;
    struct line line;

    (void)state;
    parse(&arguments, &line, "scache");
    assert_string_equal(arguments.problem.text, "");
    assert_null(arguments.listen);
    assert_null(arguments.config);
    assert_int_equal(arguments.mode, 0600);
    assert_int_equal(arguments.owner, (uid_t)-1);
    assert_int_equal(arguments.group, (gid_t)-1);
    sc_arguments_fini(&arguments);
}

static void who_looks_at_a_configuration_says_which(void **state)
{
    struct sc_arguments arguments;
    struct line line;

    (void)state;
    parse(&arguments, &line, "scache -c /p --print-config -n -o a=b");
    assert_string_equal(arguments.problem.text, "");
    assert_int_equal(arguments.task, SC_TASK_PRINT_CONFIG);
    assert_string_equal(arguments.directory, "/p");
    assert_true(arguments.only_set);
    sc_arguments_fini(&arguments);
    parse(&arguments, &line, "scache --check --config /c");
    assert_int_equal(arguments.task, SC_TASK_CHECK);
    assert_false(arguments.only_set);
    sc_arguments_fini(&arguments);
}

static void the_first_problem_is_told(void **state)
{
    (void)state;
    assert_problem("scache --lissten /s", "invalid option: --lissten (see scache --help)");
    assert_problem("scache -x", "invalid option: -x (see scache --help)");
    assert_problem("scache --listen", "option --listen requires an argument");
    assert_problem("scache --listen=", "--listen: the path of the socket is empty");
    assert_problem("scache more", "unexpected argument: more (see scache --help)");
    assert_problem("scache --mode 8", "--mode 8: not an octal mode such as 0660");
    assert_problem("scache --mode 1000", "--mode 1000: not an octal mode such as 0660");
    assert_problem("scache --mode -1", "--mode -1: not an octal mode such as 0660");
    assert_problem("scache --owner nosuchuser", "--owner nosuchuser: no such user");
    assert_problem("scache --group nosuchgroup", "--group nosuchgroup: no such group");
    assert_problem("scache -c /p", "option -c is for --check and --print-config only");
    assert_problem("scache -n", "option -n is for --print-config only");
    assert_problem("scache --check -n", "option -n is for --print-config only");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_is_taken),
        cmocka_unit_test(little_need_be_given),
        cmocka_unit_test(who_looks_at_a_configuration_says_which),
        cmocka_unit_test(the_first_problem_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
