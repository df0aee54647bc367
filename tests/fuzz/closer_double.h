/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_FUZZ_CLOSER_DOUBLE_H
#define SC_TESTS_FUZZ_CLOSER_DOUBLE_H

/*
 * Stands in for io/closer, without its helpers: what was taken is closed at
 * the next flush, in order, unless the closer is told to hang. So it is known
 * at each moment what is open, and a server whose closer has fallen behind is
 * one byte of an input away. It has tests of its own elsewhere.
 */

#include <stdbool.h>

#include "close/closer.h"

struct sc_closer *closer_double_new(void);

/* Closes what is left. */
void closer_double_free(struct sc_closer *closer);

/* From now on nothing is closed; or again. */
void closer_double_hang(struct sc_closer *closer, bool hangs);

#endif
