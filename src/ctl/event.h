/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_EVENT_H
#define SC_CTL_EVENT_H

/*
 * What `watch` shows: a line for each thing that happened, when it did.
 */

#include <time.h>

#include "facts.h"
#include "sheet.h"

/*
 * Prints an event that came @now, which is shown in local time, or how many did
 * not fit. Other kinds of records print nothing.
 */
void sc_ctl_event_print(const struct sc_ctl_facts *facts, const struct sc_ctl_sheet *sheet,
                        const char *instance, time_t now, FILE *out);

#endif
