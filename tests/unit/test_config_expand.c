/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * References to names within values: what becomes of each form, what is refused, and that depth,
 * length and work have limits. tests/system compares with postconf(1).
 */
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/expand.h"
#include "support/guarded.h"
#include "support/random.h"

enum { LONGEST = 4096 };

/*
 * What names mean here. Postfix's answers to the same expressions are
 * compared in a test of whole programs.
 */
static const struct {
    const char *name, *value;
} names[] = {
    {"empty", ""},        {"one", "1"},         {"two", "2"},
    {"ten", "10"},        {"abc", "abc"},       {"ref", "$one"},
    {"ref2", "<$ref>"},   {"hollow", "$empty"}, {"self", "x$self"},
    {"top", "$top"},      {"ping", "${pong}"},  {"pong", "a$ping"},
    {"broken", "${"},     {"A_b9", "odd"},      {"dollars", "$$one"},
    {"9", "nine"},        {"_", "line"},        {"cond", "${one?{$two}:{x}}"},
    {"oops", "-$broken"},
};

static const char *find(const void *context, struct sc_bytes name)
{
    (void)context;
    for (size_t i = 0; i < SC_COUNT_OF(names); i++)
        if (sc_bytes_equal(name, sc_bytes_of(names[i].name)))
            return names[i].value;
    return NULL;
}

static const struct sc_expand_names all_names = {.find = find};

/* Expressions and what becomes of them. */
static const struct {
    const char *text, *value;
} good[] = {
    {"", ""},
    {"plain } ) { ( text ? : #", "plain } ) { ( text ? : #"},
    /* The four ways to refer. */
    {"$one", "1"},
    {"${one}", "1"},
    {"$(one)", "1"},
    {"$$", "$"},
    {"$$one", "$one"},
    {"$$$one", "$1"},
    {"$${one}", "${one}"},
    {"$$(", "$("},
    {"<$one$two>", "<12>"},
    {"$one-two", "1-two"},
    {"$one.two?x:y", "1.two?x:y"},
    {"${one}}", "1}"},
    {"{${one}}", "{1}"},
    {"$A_b9", "odd"},
    {"$9", "nine"},
    {"$_", "line"},
    {"$ones", ""},
    {"x${undefined}y$undefined", "xy"},
    {"${ one }", "1"},
    {"$(\tone\n)", "1"},
    /* Values of values. */
    {"$ref2", "<1>"},
    {"$dollars", "$one"},
    {"$cond", "2"},
    /* ? and :, with and without braces. */
    {"${one?x}", "x"},
    {"${one:x}", ""},
    {"${empty?x}", ""},
    {"${empty:x}", "x"},
    {"${undefined?x}", ""},
    {"${undefined:x}", "x"},
    {"$(one?x)", "x"},
    {"<${one? x }>", "< x >"},
    {"<${empty: x }>", "< x >"},
    {"${one ?x}", "x"},
    {"${one?}", ""},
    {"${one?:}", ":"},
    {"${one?x:y}", "x:y"},
    {"${one?{x}}", "x"},
    {"${one:{x}}", ""},
    {"${empty:{x}}", "x"},
    {"<${one?{ x }}>", "< x >"},
    {"<${one? {x} }>", "<x>"},
    {"${one?{x}:{y}}", "x"},
    {"${empty?{x}:{y}}", "y"},
    {"${empty?{x}:y}", "y"},
    {"<${empty?{x}: y }>", "< y >"},
    {"<${empty? {x} : { y } }>", "< y >"},
    {"${empty?{x}:}", ""},
    {"${one?{x}:}", "x"},
    {"${one?{}:{y}}", ""},
    {"${empty?{}:{y}}", "y"},
    {"$(one?{x}:{y})", "x"},
    {"$(one?(x))", "(x)"},
    {"${one?(x}", "(x"},
    {"$(one?a{b)c)", "a{bc)"},
    {"${one?a{b}c}", "a{b}c"},
    {"${one?a}b}", "ab}"},
    {"${one?\\}x}", "\\x}"},
    {"${one?$$}", "$"},
    {"${one?$${}}", "${}"},
    /* Emptiness is judged by what was written. */
    {"${hollow?x}", "x"},
    {"${self?x}", "x"},
    {"${broken?x}", "x"},
    /* Nested. */
    {"${one?${two?{a}:{b}}}", "a"},
    {"${one?{${two}$(ten)}:{$abc}}", "210"},
    {"${empty?{a}:{${empty?{b}:{${one?c}}}}}", "c"},
    /* What is not wanted is not looked at. */
    {"${empty?$self}", ""},
    {"${one:$broken}", ""},
    {"${empty?$}", ""},
    {"${one?{x}:{$ping}}", "x"},
    /* Comparisons. */
    {"${{a} == {a} ? {y} : {n}}", "y"},
    {"${{a} == {b} ? {y} : {n}}", "n"},
    {"${{a} != {b} ? {y} : {n}}", "y"},
    {"${{a} != {a} ? {y} : {n}}", "n"},
    {"${{a} < {b} ? {y} : {n}}", "y"},
    {"${{b} < {a} ? {y} : {n}}", "n"},
    {"${{a} < {a} ? {y} : {n}}", "n"},
    {"${{a} <= {a} ? {y} : {n}}", "y"},
    {"${{b} <= {a} ? {y} : {n}}", "n"},
    {"${{b} > {a} ? {y} : {n}}", "y"},
    {"${{a} > {a} ? {y} : {n}}", "n"},
    {"${{a} >= {a} ? {y} : {n}}", "y"},
    {"${{a} >= {b} ? {y} : {n}}", "n"},
    {"${{2}<{10}?{y}:{n}}", "y"},
    {"${{10} > {9} ? {y} : {n}}", "y"},
    {"${{02} == {2} ? {y} : {n}}", "y"},
    {"${{0} == {000} ? {y} : {n}}", "y"},
    {"${{2x} < {10} ? {y} : {n}}", "n"},
    {"${{ 2 } < { 10 } ? {y} : {n}}", "n"},
    {"${{-2} < {-10} ? {y} : {n}}", "n"},
    {"${{+2} == {2} ? {y} : {n}}", "n"},
    {"${{} == {} ? {y} : {n}}", "y"},
    {"${{} == {0} ? {y} : {n}}", "n"},
    {"${{} < {a} ? {y} : {n}}", "y"},
    {"${{a} < {ab} ? {y} : {n}}", "y"},
    {"${{ a } == {a} ? {y} : {n}}", "n"},
    {"${{99999999999999999999} < {100000000000000000000} ? {y} : {n}}", "y"},
    {"${{18446744073709551617} == {1} ? {y} : {n}}", "n"},
    {"${{$two} < {$ten} ? {$one} : {$abc}}", "1"},
    {"${{<$ref>} == {$ref2} ? {y} : {n}}", "y"},
    {"a${{$abc} == {abc} ? {y} : {n}}b", "ayb"},
    {"${ {a}   ==\t {a} ?  {y}   :  {n}  }", "y"},
    {"$({a} == {a} ? {y} : {n})", "y"},
    {"<${{a} == {a} ? y}>", "< y>"},
    {"<${{a} == {b} ? y}>", "<>"},
    {"${{a} == {b} : y}", " y"},
    {"${{a} == {a} : {y}}", ""},
    {"${{a} == {a} ? x:y}", " x:y"},
    {"${{a} == {a}}", "true"},
    {"${{a} == {b}}", ""},
    {"${{a} == {a} }", "true"},
    {"${{${{a} == {a}}} == {true} ? {y} : {n}}", "y"},
    /* Comparisons of compatibility levels. */
    {"${{2} <level {10} ? {y} : {n}}", "y"},
    {"${{3.6} <level {3.10} ? {y} : {n}}", "y"},
    {"${{3.6} ==level {3.6.0} ? {y} : {n}}", "y"},
    {"${{3.6} !=level {3.6} ? {y} : {n}}", "n"},
    {"${{3.6.1} >level {3.6} ? {y} : {n}}", "y"},
    {"${{3} >=level {3.6} ? {y} : {n}}", "n"},
    {"${{3.6} <=level{ 3.6} ? {y} : {n}}", "y"},
};

static int expand(const char *text, struct sc_buf *out, struct sc_expand_problem *problem)
{
    sc_buf_init(out);
    memset(problem, 0, sizeof(*problem));
    return sc_expand(out, SC_BYTES("top"), text, &all_names, problem);
}

static void expressions_become_what_they_should(void **state)
{
    struct sc_expand_problem problem;
    struct sc_buf out;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(good); i++) {
        int error = expand(good[i].text, &out, &problem);
        if (error < 0 || !sc_bytes_equal(sc_buf_bytes(&out), sc_bytes_of(good[i].value)))
            fail_msg("%s gives %d: %.*s %s", good[i].text, error, (int)sc_buf_length(&out),
                     sc_buf_bytes(&out).data, problem.text);
        sc_buf_fini(&out);
    }
}

/* Expressions that are fatal, part of the reason, and in whose value that is. */
static const struct {
    const char *text, *reason, *name;
} bad[] = {
    /* An unclosed brace. */
    {"${", "unclosed brace", "top"},
    {"${one", "unclosed brace", "top"},
    {"x$(one", "unclosed brace after \"$\" at \"(one\"", "top"},
    {"$(one}", "unclosed brace", "top"},
    {"${one)", "unclosed brace", "top"},
    {"${one?{x}", "unclosed brace", "top"},
    {"${one?${}", "unclosed brace", "top"},
    {"${one?a{b}", "unclosed brace", "top"},
    {"$(one?(a)", "unclosed brace", "top"},
    {"$(one?{a)})", "unclosed brace", "top"},
    {"$({a == {b})", "unclosed brace", "top"},
    {"$({a} == {b)", "unclosed brace", "top"},
    {"${one?{$(}}", "unclosed brace", "top"},
    {"$broken", "unclosed brace", "broken"},
    {"$oops", "unclosed brace", "broken"},
    {"${one?$broken}", "unclosed brace", "broken"},
    {"${{$broken} == {a}}", "unclosed brace", "broken"},
    {"${{a} == {$broken}}", "unclosed brace", "broken"},
    /* An empty name. */
    {"$", "empty name", "top"},
    {"a$", "empty name", "top"},
    {"$ one", "empty name", "top"},
    {"$-one", "empty name", "top"},
    {"$\xc3\xa9", "empty name", "top"},
    {"$)", "empty name", "top"},
    {"$}", "empty name", "top"},
    {"${}", "empty name", "top"},
    {"$()", "empty name", "top"},
    {"${ }", "empty name", "top"},
    {"${?x}", "empty name", "top"},
    {"${:x}", "empty name", "top"},
    {"${one?$}", "empty name", "top"},
    /* Other nonsense. */
    {"${one-two}", "bad name at \"one-two\"", "top"},
    {"${one two}", "bad name", "top"},
    {"${$one}", "bad name", "top"},
    {"$((one))", "bad name", "top"},
    {"${one{a}}", "bad name", "top"},
    {"${one=x}", "bad name", "top"},
    {"${one?{a}b}", "\":\" expected at \"b\"", "top"},
    {"${one?{a}?{b}}", "\":\" expected", "top"},
    {"${one?{a}:{b}c}", "unexpected text at \"c\"", "top"},
    {"${one:{a}:{b}}", "unexpected text", "top"},
    {"${one:{a} b}", "unexpected text", "top"},
    {"${{a}}", "one of ==", "top"},
    {"${{a} = {b} ? {y} : {n}}", "one of ==", "top"},
    {"${{a} <> {b} ? {y} : {n}}", "one of ==", "top"},
    {"${{a} === {b} ? {y} : {n}}", "one of ==", "top"},
    {"${{a} is {b} ? {y} : {n}}", "one of ==", "top"},
    {"${{a}==b}", "\"{text}\" expected at \"b\"", "top"},
    {"${{a}==LEVEL{b}}", "\"{text}\" expected", "top"},
    {"${{a}== level{b}}", "\"{text}\" expected", "top"},
    {"${{a} ==}", "\"{text}\" expected", "top"},
    {"${{a} == {a}x}", "\"?\" or \":\" expected at \"x\"", "top"},
    {"${{x} ==level {1}}", "compatibility levels: {x} and {1}", "top"},
    {"${{1} ==level {1.}}", "compatibility levels", "top"},
    {"${{1} ==level {1-1}}", "compatibility levels", "top"},
    {"${{1.2.3.4} ==level {1}}", "compatibility levels", "top"},
    {"${{} ==level {1}}", "compatibility levels", "top"},
    /* References to itself. */
    {"$top", "top refers to itself", "top"},
    {"$self", "self refers to itself", "self"},
    {"$ping", "ping refers to itself", "pong"},
    {"${ping}", "ping refers to itself", "pong"},
    {"${{$self} == {a}}", "self refers to itself", "self"},
};

static void nonsense_is_refused(void **state)
{
    struct sc_expand_problem problem;
    struct sc_buf out;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++) {
        int error = expand(bad[i].text, &out, &problem);
        if (error != -EINVAL || !strstr(problem.text, bad[i].reason) ||
            !sc_bytes_equal(problem.name, sc_bytes_of(bad[i].name)))
            fail_msg("%s gives %d: %s in %.*s", bad[i].text, error, problem.text,
                     (int)problem.name.length, problem.name.data);
        sc_buf_fini(&out);
    }
}

/* Names whose values the test makes up. */
struct made_up {
    const char *(*make)(struct sc_bytes name, char *value, size_t size);
    char values[200][200];
};

static const char *find_made_up(const void *context, struct sc_bytes name)
{
    struct made_up *made_up = (struct made_up *)context;
    int number = atoi(name.data + 1);

    assert_in_range(number, 0, 199);
    return made_up->make(name, made_up->values[number], sizeof(made_up->values[number]));
}

static const char *name_next(struct sc_bytes name, char *value, size_t size)
{
    snprintf(value, size, "$n%d", atoi(name.data + 1) - 1);
    return name.data[1] == '0' ? "end" : value;
}

static const char *name_next_twice(struct sc_bytes name, char *value, size_t size)
{
    int next = atoi(name.data + 1) - 1;

    snprintf(value, size, "$n%d$n%d", next, next);
    return next < 0 ? "" : value;
}

static const char *name_next_twice_and_more(struct sc_bytes name, char *value, size_t size)
{
    int next = atoi(name.data + 1) - 1;

    snprintf(value, size, "$n%d$n%d", next, next);
    return next < 0 ? "0123456789012345678901234567890123456789" : value;
}

static int expand_made_up(const char *(*make)(struct sc_bytes, char *, size_t), const char *text,
                          struct sc_expand_problem *problem)
{
    struct made_up *made_up = calloc(1, sizeof(*made_up));
    struct sc_expand_names made_up_names = {find_made_up, made_up};
    struct sc_buf out;

    made_up->make = make;
    sc_buf_init(&out);
    int error = sc_expand(&out, SC_BYTES("top"), text, &made_up_names, problem);
    assert_true(sc_buf_length(&out) <= SC_EXPAND_LENGTH_MAX);
    sc_buf_fini(&out);
    free(made_up);
    return error;
}

static void references_nest_a_hundred_deep(void **state)
{
    struct sc_expand_problem problem;

    (void)state;
    assert_int_equal(expand_made_up(name_next, "$n99", &problem), 0);
    assert_int_equal(expand_made_up(name_next, "$n100", &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "nested deeper than 100 levels"));
}

static void braces_nest_a_hundred_deep(void **state)
{
    struct sc_expand_problem problem;
    char text[2000];
    struct sc_buf out;

    (void)state;
    for (int depth = 100; depth <= 101; depth++) {
        char *at = text;
        for (int i = 0; i < depth; i++)
            at = stpcpy(at, "${one?");
        at = stpcpy(at, "x");
        for (int i = 0; i < depth; i++)
            at = stpcpy(at, "}");
        assert_int_equal(expand(text, &out, &problem), depth <= 100 ? 0 : -EINVAL);
        sc_buf_fini(&out);
    }
}

static void values_have_a_limit(void **state)
{
    struct sc_expand_problem problem;

    (void)state;
    assert_int_equal(expand_made_up(name_next_twice_and_more, "$n10", &problem), 0);
    assert_int_equal(expand_made_up(name_next_twice_and_more, "$n90", &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "longer than"));
}

static void work_has_a_limit(void **state)
{
    struct sc_expand_problem problem;

    (void)state;
    assert_int_equal(expand_made_up(name_next_twice, "$n10", &problem), 0);
    assert_int_equal(expand_made_up(name_next_twice, "$n90", &problem), -EINVAL);
    assert_non_null(strstr(problem.text, "too much to expand"));
}

static void a_long_value_is_expanded_or_refused(void **state)
{
    char *text = malloc(SC_EXPAND_LENGTH_MAX + 2);
    struct sc_expand_problem problem;
    struct sc_buf out;

    (void)state;
    memset(text, 'x', SC_EXPAND_LENGTH_MAX + 1);
    text[SC_EXPAND_LENGTH_MAX] = text[SC_EXPAND_LENGTH_MAX + 1] = '\0';
    assert_int_equal(expand(text, &out, &problem), 0);
    assert_int_equal(sc_buf_length(&out), SC_EXPAND_LENGTH_MAX);
    sc_buf_fini(&out);
    text[SC_EXPAND_LENGTH_MAX] = 'x';
    assert_int_equal(expand(text, &out, &problem), -EINVAL);
    sc_buf_fini(&out);
    free(text);
}

static void the_result_is_appended(void **state)
{
    struct sc_expand_problem problem;
    struct sc_buf out;

    (void)state;
    sc_buf_init(&out);
    assert_int_equal(sc_buf_append(&out, SC_BYTES("before ")), 0);
    assert_int_equal(
        sc_expand(&out, SC_BYTES("top"), "${{a} == {a} ? {$one}}", &all_names, &problem), 0);
    assert_true(sc_bytes_equal(sc_buf_bytes(&out), SC_BYTES("before 1")));
    sc_buf_fini(&out);
}

/* A value whose NUL is the last byte that may be read. */
static void expand_guarded(struct guarded *guarded, const char *text, size_t length)
{
    char value[LONGEST];
    struct sc_expand_problem problem;
    struct sc_buf out;

    memcpy(value, text, length);
    value[length] = '\0';
    struct sc_bytes copy =
        guarded_copy(guarded, (struct sc_bytes){value, length + 1}, GUARDED_AT_END);
    int error = expand(copy.data, &out, &problem);
    assert_true(error == 0 || error == -EINVAL);
    sc_buf_fini(&out);
}

static void every_prefix_is_harmless(void **state)
{
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t i = 0; i < SC_COUNT_OF(good); i++)
        for (size_t length = 0; length <= strlen(good[i].text); length++)
            expand_guarded(&guarded, good[i].text, length);
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++)
        for (size_t length = 0; length <= strlen(bad[i].text); length++)
            expand_guarded(&guarded, bad[i].text, length);
    guarded_fini(&guarded);
}

static void noise_is_harmless(void **state)
{
    static const char *const words[] = {
        "$",  "$$", "${", "$(", "{",   "}", ")",     "(",   "?",    ":",      "one", "self",
        "==", "!=", "<",  ">=", "lev", " ", "level", "ten", "ref2", "hollow", "x",   "3.6",
    };
    struct random random = {number_from_environment("SC_TEST_SEED", 2)};
    struct guarded guarded;
    char text[400];

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (int i = 0; i < 50000; i++) {
        uint32_t count = random_below(&random, 24);
        char *at = text;
        *at = '\0';
        for (uint32_t j = 0; j < count; j++)
            at = stpcpy(at, words[random_below(&random, SC_COUNT_OF(words))]);
        expand_guarded(&guarded, text, strlen(text));
    }
    guarded_fini(&guarded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_become_what_they_should),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(references_nest_a_hundred_deep),
        cmocka_unit_test(braces_nest_a_hundred_deep),
        cmocka_unit_test(values_have_a_limit),
        cmocka_unit_test(work_has_a_limit),
        cmocka_unit_test(a_long_value_is_expanded_or_refused),
        cmocka_unit_test(the_result_is_appended),
        cmocka_unit_test(every_prefix_is_harmless),
        cmocka_unit_test(noise_is_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
