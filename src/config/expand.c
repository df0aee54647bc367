/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * References and conditions in a value, as Postfix reads them, by recursive
 * descent within limits. What a name stands for is asked of the caller; how
 * two operands compare is decided in relation.c.
 */
#include "config/expand.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config/relation.h"

enum { SHOWN = 100 /* bytes of a value that a message repeats */ };

/* A name whose value is being expanded, and the one in whose value it stands. */
struct frame {
    struct sc_bytes name;
    const struct frame *outer;
};

struct expansion {
    struct sc_buf *out;
    const struct sc_expand_names *names;
    struct sc_expand_problem *problem;
    const struct frame *frame;
    size_t start; /* of our result in the buffer */
    size_t depth;
    size_t work;
};

static int expand_text(struct expansion *x, struct sc_bytes text);

static int expand_fail(struct expansion *x, const char *format, ...) SC_PRINTF(2, 3);
static int expand_fail(struct expansion *x, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(x->problem->text, sizeof(x->problem->text), format, arguments);
    va_end(arguments);
    x->problem->name = x->frame->name;
    return -EINVAL;
}

static int expand_fail_at(struct expansion *x, const char *what, struct sc_bytes at)
{
    return expand_fail(x, "%s at \"%.*s\"", what, at.length < SHOWN ? (int)at.length : SHOWN,
                       at.data);
}

/* A few short lines can stand for any length, so the result is bounded as it grows. */
static int expand_append(struct expansion *x, struct sc_bytes text)
{
    if (text.length > SC_EXPAND_LENGTH_MAX ||
        sc_buf_length(x->out) - x->start > SC_EXPAND_LENGTH_MAX - text.length)
        return expand_fail(x, "the value is longer than %d bytes", SC_EXPAND_LENGTH_MAX);
    return sc_buf_append(x->out, text);
}

static bool expand_begins_with(struct sc_bytes text, char c)
{
    return text.length > 0 && text.data[0] == c;
}

static void expand_advance(struct sc_bytes *text, size_t count)
{
    text->data += count;
    text->length -= count;
}

static void expand_skip_blanks(struct sc_bytes *text)
{
    while (text->length > 0 &&
           (text->data[0] == ' ' || (text->data[0] >= '\t' && text->data[0] <= '\r')))
        expand_advance(text, 1);
}

static bool expand_is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static struct sc_bytes expand_take_name(struct sc_bytes *rest)
{
    struct sc_bytes name = {rest->data, 0};

    while (name.length < rest->length && expand_is_name_char(rest->data[name.length]))
        name.length++;
    expand_advance(rest, name.length);
    return name;
}

/*
 * Takes the text between an opening character, at which the rest begins, and
 * its partner. Only characters of the same kind are counted, also after "$".
 */
static bool expand_take_enclosed(struct sc_bytes *rest, struct sc_bytes *inside)
{
    char open = rest->data[0];
    char close = open == '{' ? '}' : ')';
    size_t level = 0;

    for (size_t i = 0; i < rest->length; i++) {
        if (rest->data[i] == open)
            level++;
        else if (rest->data[i] == close && --level == 0) {
            *inside = (struct sc_bytes){rest->data + 1, i - 1};
            expand_advance(rest, i + 1);
            return true;
        }
    }
    return false;
}

/*
 * The frames are the names on the way here: one of them again would never
 * end. What is not defined is empty, as for Postfix.
 */
static int expand_name(struct expansion *x, struct sc_bytes name)
{
    const char *value = x->names->find(x->names->context, name);
    struct frame frame = {name, x->frame};

    if (!value)
        return 0;
    for (const struct frame *f = x->frame; f; f = f->outer)
        if (sc_bytes_equal(f->name, name))
            return expand_fail(x, "the value of %.*s refers to itself",
                               name.length < SHOWN ? (int)name.length : SHOWN, name.data);
    x->frame = &frame;
    int error = expand_text(x, sc_bytes_of(value));
    x->frame = frame.outer;
    return error;
}

/* One of the texts after "?" or ":": in braces with blanks around, or all that is left. */
static int expand_take_branch(struct expansion *x, struct sc_bytes *rest, struct sc_bytes *branch)
{
    struct sc_bytes text = *rest;

    expand_skip_blanks(&text);
    if (!expand_begins_with(text, '{')) {
        *branch = *rest;
        expand_advance(rest, rest->length);
        return 0;
    }
    if (!expand_take_enclosed(&text, branch))
        return expand_fail_at(x, "unclosed brace", text);
    expand_skip_blanks(&text);
    *rest = text;
    return 0;
}

/* The rest begins with "?" or ":". */
static int expand_branches(struct expansion *x, bool truth, struct sc_bytes rest)
{
    struct sc_bytes first, second = {0};
    bool first_if = expand_begins_with(rest, '?');

    expand_advance(&rest, 1);
    int error = expand_take_branch(x, &rest, &first);
    if (error == 0 && first_if && rest.length > 0) {
        if (!expand_begins_with(rest, ':'))
            return expand_fail_at(x, "\":\" expected", rest);
        expand_advance(&rest, 1);
        error = expand_take_branch(x, &rest, &second);
    }
    if (error < 0)
        return error;
    if (rest.length > 0)
        return expand_fail_at(x, "unexpected text", rest);
    return expand_text(x, truth == first_if ? first : second);
}

static int expand_take_operand(struct expansion *x, struct sc_bytes *rest, struct sc_bytes *operand)
{
    if (!expand_begins_with(*rest, '{'))
        return expand_fail_at(x, "\"{text}\" expected", *rest);
    if (!expand_take_enclosed(rest, operand))
        return expand_fail_at(x, "unclosed brace", *rest);
    expand_skip_blanks(rest);
    return 0;
}

/* Both operands are expanded at the end of the buffer, compared and dropped. */
static int expand_evaluate(struct expansion *x, struct sc_bytes left, enum sc_relation relation,
                           struct sc_bytes right, bool *truth)
{
    size_t start = sc_buf_length(x->out);
    int error = expand_text(x, left);

    if (error < 0)
        return error;
    size_t middle = sc_buf_length(x->out);
    error = expand_text(x, right);
    if (error < 0)
        return error;
    const char *data = sc_buf_bytes(x->out).data;
    left = (struct sc_bytes){data + start, middle - start};
    right = (struct sc_bytes){data + middle, sc_buf_length(x->out) - middle};
    if (!sc_relation_evaluate(relation, left, right, truth))
        error = expand_fail(x, "not both are compatibility levels: {%.*s} and {%.*s}",
                            left.length < SHOWN ? (int)left.length : SHOWN, left.data,
                            right.length < SHOWN ? (int)right.length : SHOWN, right.data);
    sc_buf_truncate(x->out, start);
    return error;
}

/* The text is "{a} == {b}", perhaps with branches; without, truth is the word "true". */
static int expand_relation(struct expansion *x, struct sc_bytes text)
{
    struct sc_bytes left, right;
    enum sc_relation relation;
    bool truth;
    int error = expand_take_operand(x, &text, &left);

    if (error < 0)
        return error;
    size_t length = sc_relation_parse(text, &relation);
    if (length == 0)
        return expand_fail_at(x, "one of == != < <= > >= expected", text);
    expand_advance(&text, length);
    expand_skip_blanks(&text);
    error = expand_take_operand(x, &text, &right);
    if (error == 0)
        error = expand_evaluate(x, left, relation, right, &truth);
    if (error < 0)
        return error;
    if (text.length == 0)
        return truth ? expand_append(x, SC_BYTES("true")) : 0;
    if (!expand_begins_with(text, '?') && !expand_begins_with(text, ':'))
        return expand_fail_at(x, "\"?\" or \":\" expected", text);
    return expand_branches(x, truth, text);
}

/* What stands between "${" and "}". */
static int expand_expression(struct expansion *x, struct sc_bytes text)
{
    struct sc_bytes rest = text;

    expand_skip_blanks(&rest);
    if (expand_begins_with(rest, '{'))
        return expand_relation(x, rest);
    struct sc_bytes name = expand_take_name(&rest);
    expand_skip_blanks(&rest);
    bool conditional = expand_begins_with(rest, '?') || expand_begins_with(rest, ':');
    if (rest.length > 0 && !conditional)
        return expand_fail_at(x, "bad name", text);
    if (name.length == 0)
        return expand_fail(x, "empty name after \"$\"");
    if (!conditional)
        return expand_name(x, name);
    const char *value = x->names->find(x->names->context, name);
    return expand_branches(x, value && *value != '\0', rest);
}

/* The text begins after a "$"; what that refers to is taken from it. */
static int expand_reference(struct expansion *x, struct sc_bytes *text)
{
    struct sc_bytes inside;

    if (expand_begins_with(*text, '$')) {
        expand_advance(text, 1);
        return expand_append(x, SC_BYTES("$"));
    }
    if (expand_begins_with(*text, '{') || expand_begins_with(*text, '(')) {
        if (!expand_take_enclosed(text, &inside))
            return expand_fail_at(x, "unclosed brace after \"$\"", *text);
        return expand_expression(x, inside);
    }
    struct sc_bytes name = expand_take_name(text);
    if (name.length == 0)
        return expand_fail(x, "empty name after \"$\"");
    return expand_name(x, name);
}

/*
 * Work is counted besides depth: a name that is referred to twice, by names
 * that are referred to twice, and so on, doubles with every level.
 */
static int expand_text(struct expansion *x, struct sc_bytes text)
{
    int error = 0;

    x->work += text.length + 1;
    if (x->work > SC_EXPAND_WORK_MAX)
        return expand_fail(x, "too much to expand");
    if (x->depth > SC_EXPAND_DEPTH_MAX)
        return expand_fail(x, "nested deeper than %d levels", SC_EXPAND_DEPTH_MAX);
    x->depth++;
    while (error == 0 && text.length > 0) {
        const char *dollar = memchr(text.data, '$', text.length);
        size_t plain = dollar ? (size_t)(dollar - text.data) : text.length;
        error = expand_append(x, (struct sc_bytes){text.data, plain});
        expand_advance(&text, plain);
        if (error < 0 || !dollar)
            break;
        expand_advance(&text, 1);
        error = expand_reference(x, &text);
    }
    x->depth--;
    return error;
}

int sc_expand(struct sc_buf *out, struct sc_bytes name, const char *value,
              const struct sc_expand_names *names, struct sc_expand_problem *problem)
{
    struct frame frame = {name, NULL};
    struct expansion x = {
        .out = out,
        .names = names,
        .problem = problem,
        .frame = &frame,
        .start = sc_buf_length(out),
    };

    return expand_text(&x, sc_bytes_of(value));
}
