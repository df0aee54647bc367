/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_SPELLING_H
#define SC_CONFIG_SPELLING_H

/*
 * Names that look as if they were meant for us, and are not ours. It is no
 * error: Postfix has names of the same kind, and a later version may too.
 */

#include "config/dict.h"

/* Warns of such names, with the nearest one that is known; of a few, if there are many. */
void sc_spelling_check(const struct sc_dict *dict, struct sc_diag *diag);

#endif
