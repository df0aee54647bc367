/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_SUMMARY_H
#define SC_CTL_SUMMARY_H

/*
 * What `stats` shows: is it used, why was there no connection, how full is it,
 * how soon does it answer. A dozen lines, of all that has happened since the
 * server was started or between two readings.
 */

#include <stdint.h>
#include <stdio.h>

#include "facts.h"
#include "reading.h"

struct sc_ctl_period {
    const struct sc_ctl_reading *now;
    const struct sc_ctl_reading *before; /* null: since the start */
    int64_t milliseconds;                /* how long it was */
};

/* The line over it: who answers, by the greeting. Writes marks of paint.h. */
void sc_ctl_summary_print_server(const struct sc_ctl_facts *greeting, int64_t up_ms, FILE *out);

void sc_ctl_summary_print(const struct sc_ctl_period *period, FILE *out);

/* The same in one line, for one after the other, and the head over these. */
void sc_ctl_summary_print_line(const struct sc_ctl_period *period, FILE *out);
void sc_ctl_summary_print_head(FILE *out);

#endif
