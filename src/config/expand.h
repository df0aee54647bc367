/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_EXPAND_H
#define SC_CONFIG_EXPAND_H

/*
 * What "$" does in a value of main.cf: $name, ${name}, ${name?text},
 * ${name:text}, ${name?{text}:{text}}, ${{a} == {b} ? {text} : {text}}, also
 * with parentheses outside, nested, and "$$". It works as Postfix 3.7 does,
 * with these differences:
 * - "${ }" and "${?text}" have an empty name and are errors like "${}";
 * - whole numbers of any length are compared.
 *
 * Pure: names are looked up by a call-back, and nothing is kept. A name is
 * tested for being empty as it was written; only what is wanted is expanded,
 * so an error in a branch not taken does no harm. Hostile values cannot take
 * more room, time or stack than the limits below.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "base/util.h"

enum {
    SC_EXPAND_LENGTH_MAX = 1024 * 1024,    /* bytes of the result */
    SC_EXPAND_DEPTH_MAX = 100,             /* texts inside texts, as in Postfix */
    SC_EXPAND_WORK_MAX = 32 * 1024 * 1024, /* bytes looked at, again and again */
    SC_EXPAND_PROBLEM_MAX = 256
};

/* Looks a name up: its value as written, which must stay as it is; null: undefined. */
struct sc_expand_names {
    const char *(*find)(const void *context, struct sc_bytes name);
    const void *context;
};

struct sc_expand_problem {
    char text[SC_EXPAND_PROBLEM_MAX];
    struct sc_bytes name; /* in whose value it is; a view of the names' own texts */
};

/*
 * Appends to a buffer the value, expanded, of a name. Returns 0; -EINVAL with
 * the problem described; or -ENOMEM. After a failure the buffer may have grown.
 */
SC_MUST_CHECK int sc_expand(struct sc_buf *out, struct sc_bytes name, const char *value,
                            const struct sc_expand_names *names, struct sc_expand_problem *problem);

#endif
