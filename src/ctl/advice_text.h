/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_ADVICE_TEXT_H
#define SC_CTL_ADVICE_TEXT_H

/*
 * Advice as `advise` shows it, and as it gives it to programs.
 */

#include "advice.h"
#include "record.h"
#include "sheet.h"

/* Writes marks of paint.h. */
void sc_ctl_advice_print(const struct sc_ctl_advice *advice, const struct sc_ctl_sheet *sheet,
                         FILE *out);

/* One object in a line. */
void sc_ctl_advice_print_json(const struct sc_ctl_advice *advice, struct sc_ctl_out *out);

#endif
