/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operators, and how operands compare: as bytes, numbers or levels.
 */
#include "support/check.h"

#include "config/relation.h"

/* Operators at the front of a text, and how long they are. */
static const struct {
    struct sc_bytes text;
    size_t length;
    enum sc_relation relation;
} operators[] = {
    {SC_BYTES("=="), 2, SC_RELATION_EQUAL},
    {SC_BYTES("!="), 2, SC_RELATION_LESS | SC_RELATION_GREATER},
    {SC_BYTES("<"), 1, SC_RELATION_LESS},
    {SC_BYTES("<="), 2, SC_RELATION_LESS | SC_RELATION_EQUAL},
    {SC_BYTES(">"), 1, SC_RELATION_GREATER},
    {SC_BYTES(">="), 2, SC_RELATION_GREATER | SC_RELATION_EQUAL},
    {SC_BYTES("== {x}"), 2, SC_RELATION_EQUAL},
    {SC_BYTES("<{x}"), 1, SC_RELATION_LESS},
    {SC_BYTES("<level"), 6, SC_RELATION_LESS | SC_RELATION_LEVEL},
    {SC_BYTES(">=level {3.6}"), 7, SC_RELATION_GREATER | SC_RELATION_EQUAL | SC_RELATION_LEVEL},
    {SC_BYTES("==levels"), 7, SC_RELATION_EQUAL | SC_RELATION_LEVEL},
    {SC_BYTES("== level"), 2, SC_RELATION_EQUAL},
    {SC_BYTES("==leve"), 2, SC_RELATION_EQUAL},
};

static const struct sc_bytes no_operators[] = {
    SC_BYTES(""),    SC_BYTES("="),   SC_BYTES("!"),  SC_BYTES("==="),
    SC_BYTES("=<"),  SC_BYTES("=>"),  SC_BYTES("<>"), SC_BYTES("<<"),
    SC_BYTES(" =="), SC_BYTES("{=="), SC_BYTES("x"),
};

static void operators_are_parsed(void **state)
{
    enum sc_relation relation;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(operators); i++) {
        assert_int_equal(sc_relation_parse(operators[i].text, &relation), operators[i].length);
        assert_int_equal(relation, operators[i].relation);
    }
    for (size_t i = 0; i < SC_COUNT_OF(no_operators); i++)
        assert_int_equal(sc_relation_parse(no_operators[i], &relation), 0);
}

/* Bytes behind the text are not looked at. */
static void a_text_ends_where_it_ends(void **state)
{
    struct sc_bytes text = {"<=level", 1};
    enum sc_relation relation;

    (void)state;
    assert_int_equal(sc_relation_parse(text, &relation), 1);
    assert_int_equal(relation, SC_RELATION_LESS);
    text.length = 6;
    assert_int_equal(sc_relation_parse(text, &relation), 2);
    assert_int_equal(relation, SC_RELATION_LESS | SC_RELATION_EQUAL);
}

/* What comes before what: '<', '=' or '>'. */
static const struct {
    struct sc_bytes left, right;
    char order;
} orders[] = {
    {SC_BYTES(""), SC_BYTES(""), '='},
    {SC_BYTES(""), SC_BYTES("a"), '<'},
    {SC_BYTES("a"), SC_BYTES("a"), '='},
    {SC_BYTES("a"), SC_BYTES("A"), '>'},
    {SC_BYTES("a"), SC_BYTES("ab"), '<'},
    {SC_BYTES("b"), SC_BYTES("ab"), '>'},
    {SC_BYTES("\xff"), SC_BYTES("a"), '>'},
    /* Digits only: numbers, of any length. */
    {SC_BYTES("9"), SC_BYTES("10"), '<'},
    {SC_BYTES("010"), SC_BYTES("10"), '='},
    {SC_BYTES("0"), SC_BYTES("000"), '='},
    {SC_BYTES("18446744073709551616"), SC_BYTES("18446744073709551617"), '<'},
    {SC_BYTES("100000000000000000000000"), SC_BYTES("99999999999999999999999"), '>'},
    /* One of them is none: bytes. */
    {SC_BYTES("9"), SC_BYTES("10x"), '>'},
    {SC_BYTES("-9"), SC_BYTES("10"), '<'},
    {SC_BYTES(" 9"), SC_BYTES("10"), '<'},
    {SC_BYTES(""), SC_BYTES("0"), '<'},
};

static void operands_are_compared(void **state)
{
    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(orders); i++) {
        bool less, equal, greater;
        struct sc_bytes left = orders[i].left, right = orders[i].right;
        assert_true(sc_relation_evaluate(SC_RELATION_LESS, left, right, &less));
        assert_true(sc_relation_evaluate(SC_RELATION_EQUAL, left, right, &equal));
        assert_true(sc_relation_evaluate(SC_RELATION_GREATER, left, right, &greater));
        assert_int_equal(less, orders[i].order == '<');
        assert_int_equal(equal, orders[i].order == '=');
        assert_int_equal(greater, orders[i].order == '>');
        assert_true(sc_relation_evaluate(SC_RELATION_LESS | SC_RELATION_EQUAL, left, right, &less));
        assert_int_equal(less, orders[i].order != '>');
        assert_true(
            sc_relation_evaluate(SC_RELATION_LESS | SC_RELATION_GREATER, left, right, &less));
        assert_int_equal(less, orders[i].order != '=');
    }
}

static void levels_are_compared_part_by_part(void **state)
{
    static const struct {
        struct sc_bytes left, right;
        bool less, good;
    } levels[] = {
        {SC_BYTES("2"), SC_BYTES("3.6"), true, true},
        {SC_BYTES("3.6"), SC_BYTES("3.10"), true, true},
        {SC_BYTES("3.10"), SC_BYTES("3.6"), false, true},
        {SC_BYTES("3"), SC_BYTES("3.0.0"), false, true},
        {SC_BYTES(" 3.6.1"), SC_BYTES("3.6.2"), true, true},
        {SC_BYTES(""), SC_BYTES("3.6"), false, false},
        {SC_BYTES("3.6"), SC_BYTES("x"), false, false},
        {SC_BYTES("3."), SC_BYTES("3.6"), false, false},
        {SC_BYTES("3..6"), SC_BYTES("3.6"), false, false},
        {SC_BYTES("3.6.1.2"), SC_BYTES("3.6"), false, false},
        {SC_BYTES("3-6"), SC_BYTES("3.6"), false, false},
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(levels); i++) {
        bool truth = false;
        assert_int_equal(sc_relation_evaluate(SC_RELATION_LESS | SC_RELATION_LEVEL, levels[i].left,
                                              levels[i].right, &truth),
                         levels[i].good);
        assert_int_equal(truth, levels[i].less);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_are_parsed),
        cmocka_unit_test(a_text_ends_where_it_ends),
        cmocka_unit_test(operands_are_compared),
        cmocka_unit_test(levels_are_compared_part_by_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
