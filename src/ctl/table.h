/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_TABLE_H
#define SC_CTL_TABLE_H

/*
 * Lists for the eye: a head, and a line for each record of a kind. Labels take
 * what the other columns leave of the width. A kind that is not known has no
 * table, and a record that lacks what a column wants shows a dash there.
 */

#include <stdio.h>

#include "facts.h"
#include "sheet.h"

struct sc_ctl_table;

/* The table of records of a kind ("connection"); null: none. */
const struct sc_ctl_table *sc_ctl_table_find(const char *kind);

/* Both write marks of paint.h, and a newline. @instance: what IDs are of. */
void sc_ctl_table_print_head(const struct sc_ctl_table *table, const struct sc_ctl_sheet *sheet,
                             FILE *out);
void sc_ctl_table_print_row(const struct sc_ctl_table *table, const struct sc_ctl_sheet *sheet,
                            const struct sc_ctl_facts *facts, const char *instance, FILE *out);

#endif
