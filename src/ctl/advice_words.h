/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_ADVICE_WORDS_H
#define SC_CTL_ADVICE_WORDS_H

/*
 * Advice in sentences, one place for the text and the page: what each reason
 * means, what was found, and what to do about it in the words of the program
 * that asks, Postfix or another.
 */

#include "advice.h"

/* What a reason means, as the end of "there was none, because ..." */
const char *sc_ctl_advice_explain_reason(enum sc_ctl_reason reason);

/* A headline without a full stop, and a paragraph. */
const char *sc_ctl_advice_title(const struct sc_ctl_proposal *proposal);
const char *sc_ctl_advice_paragraph(const struct sc_ctl_advice *advice,
                                    const struct sc_ctl_proposal *proposal);

enum { SC_CTL_ADVICE_LINE = SC_CTL_ADVICE_VALUE + 80 };

/* The line for a configuration file, or the places that it speaks of; false: there is none. */
bool sc_ctl_advice_setting(const struct sc_ctl_proposal *proposal, char line[SC_CTL_ADVICE_LINE]);

/* The command to try it with; false: it cannot be tried for a while. */
bool sc_ctl_advice_trial(const struct sc_ctl_proposal *proposal, char line[SC_CTL_ADVICE_LINE]);

/* The same sentence about all of it. */
void sc_ctl_advice_print_totals(const struct sc_ctl_advice *advice, FILE *out);

#endif
