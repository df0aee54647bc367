/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_SHEET_H
#define SC_CTL_SHEET_H

/*
 * What a screen is drawn on: how wide it is, and whether it shows more than
 * ASCII. LC_CTYPE must have been set.
 */

#include <stdbool.h>
#include <stdio.h>

struct sc_ctl_sheet {
    int width;
    bool is_utf8;
};

/* That of a stream: the terminal's width, or COLUMNS; a file has room for whole labels. */
struct sc_ctl_sheet sc_ctl_sheet_of(FILE *out);

#endif
