/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_ADVICE_PAGE_H
#define SC_CTL_ADVICE_PAGE_H

/*
 * Advice as one page of HTML for those who would rather look: nothing is
 * loaded from elsewhere, no script is run, and it is readable light and dark,
 * on paper, and by those who do not see the picture.
 */

#include <stdio.h>
#include <time.h>

#include "advice.h"

/* @when: the wall clock, shown in local time. */
void sc_ctl_advice_print_page(const struct sc_ctl_advice *advice, time_t when, FILE *out);

#endif
