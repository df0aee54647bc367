/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compares the operands of a condition: bytes, numbers of any length, levels.
 * Where they stand in a value, and what follows from the outcome, is the
 * affair of expand.c.
 */
#include "config/relation.h"

#include <string.h>

enum { LEVEL_PARTS = 3 };

static const struct {
    struct sc_bytes text;
    enum sc_relation relation;
} relations[] = {
    {SC_BYTES_INIT("=="), SC_RELATION_EQUAL},
    {SC_BYTES_INIT("!="), SC_RELATION_LESS | SC_RELATION_GREATER},
    {SC_BYTES_INIT("<"), SC_RELATION_LESS},
    {SC_BYTES_INIT("<="), SC_RELATION_LESS | SC_RELATION_EQUAL},
    {SC_BYTES_INIT(">"), SC_RELATION_GREATER},
    {SC_BYTES_INIT(">="), SC_RELATION_GREATER | SC_RELATION_EQUAL},
};

static size_t relation_span(struct sc_bytes text, const char *accepted)
{
    size_t length = 0;

    while (length < text.length && text.data[length] != '\0' && strchr(accepted, text.data[length]))
        length++;
    return length;
}

size_t sc_relation_parse(struct sc_bytes text, enum sc_relation *relation)
{
    static const struct sc_bytes level = SC_BYTES_INIT("level");
    struct sc_bytes sign = {text.data, relation_span(text, "=!<>")};
    struct sc_bytes suffix = {text.data + sign.length, level.length};

    for (size_t i = 0; i < SC_COUNT_OF(relations); i++) {
        if (!sc_bytes_equal(sign, relations[i].text))
            continue;
        *relation = relations[i].relation;
        if (text.length - sign.length < level.length || !sc_bytes_equal(suffix, level))
            return sign.length;
        *relation |= SC_RELATION_LEVEL;
        return sign.length + level.length;
    }
    return 0;
}

static int relation_compare_bytes(struct sc_bytes left, struct sc_bytes right)
{
    size_t common = left.length < right.length ? left.length : right.length;
    int order = common > 0 ? memcmp(left.data, right.data, common) : 0;

    return order != 0 ? order : (left.length > right.length) - (left.length < right.length);
}

/* A sign makes it bytes. */
static bool relation_is_number(struct sc_bytes text)
{
    return text.length > 0 && relation_span(text, "0123456789") == text.length;
}

static struct sc_bytes relation_without_zeros(struct sc_bytes number)
{
    size_t zeros = relation_span(number, "0");

    if (zeros == 0)
        return number; /* perhaps with no bytes to point to */
    return (struct sc_bytes){number.data + zeros, number.length - zeros};
}

/* Of two without leading zeros the longer is larger; so no number is too large to compare. */
static int relation_compare_numbers(struct sc_bytes left, struct sc_bytes right)
{
    left = relation_without_zeros(left);
    right = relation_without_zeros(right);
    if (left.length != right.length)
        return left.length < right.length ? -1 : 1;
    return relation_compare_bytes(left, right);
}

/* Parts that are not there are empty, which as a number is zero. */
static bool relation_parse_level(struct sc_bytes text, struct sc_bytes parts[LEVEL_PARTS])
{
    size_t blanks = relation_span(text, " \t\n\v\f\r");

    text = (struct sc_bytes){text.data + blanks, text.length - blanks};
    for (size_t i = 0; i < LEVEL_PARTS; i++)
        parts[i] = (struct sc_bytes){NULL, 0};
    for (size_t i = 0; i < LEVEL_PARTS; i++) {
        parts[i] = (struct sc_bytes){text.data, relation_span(text, "0123456789")};
        text = (struct sc_bytes){text.data + parts[i].length, text.length - parts[i].length};
        if (parts[i].length == 0)
            return false;
        if (text.length == 0)
            return true;
        if (text.data[0] != '.')
            return false;
        text = (struct sc_bytes){text.data + 1, text.length - 1};
    }
    return false;
}

static bool relation_compare_levels(struct sc_bytes left, struct sc_bytes right, int *order)
{
    struct sc_bytes one[LEVEL_PARTS], other[LEVEL_PARTS];

    if (!relation_parse_level(left, one) || !relation_parse_level(right, other))
        return false;
    *order = 0;
    for (size_t i = 0; i < LEVEL_PARTS && *order == 0; i++)
        *order = relation_compare_numbers(one[i], other[i]);
    return true;
}

bool sc_relation_evaluate(enum sc_relation relation, struct sc_bytes left, struct sc_bytes right,
                          bool *truth)
{
    int order;

    if (relation & SC_RELATION_LEVEL) {
        if (!relation_compare_levels(left, right, &order))
            return false;
    } else if (relation_is_number(left) && relation_is_number(right)) {
        order = relation_compare_numbers(left, right);
    } else {
        order = relation_compare_bytes(left, right);
    }
    *truth = relation & (order == 0  ? SC_RELATION_EQUAL
                         : order < 0 ? SC_RELATION_LESS
                                     : SC_RELATION_GREATER);
    return true;
}
