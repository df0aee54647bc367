/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_ITEM_H
#define SC_CTL_ITEM_H

/*
 * One record for the eye, a line for each of its values: all there is about a
 * connection or a binding. Labels are shown a line for each field. Of a
 * property that Postfix's SMTP client has written, what it says about uses and
 * the end is told, too; nobody acts on it.
 */

#include <stdio.h>
#include <time.h>

#include "facts.h"
#include "sheet.h"

/* Writes marks of paint.h. @now: of the clock that tells the date. */
void sc_ctl_item_print(const struct sc_ctl_facts *facts, const struct sc_ctl_sheet *sheet,
                       const char *instance, time_t now, FILE *out);

#endif
