/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_RELATION_H
#define SC_CONFIG_RELATION_H

/*
 * The comparisons that a value of main.cf may make. Operands that both
 * consist of digits only are whole numbers, of any length; others are bytes,
 * compared in order. With "level" after the operator both must be
 * compatibility levels of Postfix, such as 2 or 3.6 or 3.6.1.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/util.h"

enum sc_relation {
    SC_RELATION_EQUAL = 1 << 0,
    SC_RELATION_LESS = 1 << 1,
    SC_RELATION_GREATER = 1 << 2,
    SC_RELATION_LEVEL = 1 << 3 /* added to one or two of the others */
};

/* Returns the length of the operator at the front of a text, 0 when there is none. */
SC_MUST_CHECK size_t sc_relation_parse(struct sc_bytes text, enum sc_relation *relation);

/* Returns false when operands that should be levels are none. */
SC_MUST_CHECK bool sc_relation_evaluate(enum sc_relation relation, struct sc_bytes left,
                                        struct sc_bytes right, bool *truth);

#endif
