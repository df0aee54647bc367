/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_PAINT_H
#define SC_CTL_PAINT_H

/*
 * Text with marks in it that say how it is to look. What makes a screen writes
 * marks; whoever shows it turns them into colours, or drops them. A mark is
 * one byte that no text has which went through oneline or was made here.
 */

#include <stdbool.h>
#include <stdio.h>

#define SC_CTL_PLAIN  "\001" /* ends what was begun */
#define SC_CTL_STRONG "\002" /* titles */
#define SC_CTL_FAINT  "\003" /* what may be overlooked */
#define SC_CTL_GOOD   "\004"
#define SC_CTL_BAD    "\005"
#define SC_CTL_HEAD   "\006" /* the line over a table */
#define SC_CTL_CHOSEN "\007" /* the line that the cursor is on */

enum { SC_CTL_PAINTS = 8 };

/* Writes a text to a terminal or a file; without @colour the marks are dropped. */
void sc_ctl_paint(FILE *out, const char *text, bool colour);

/*
 * Whether a stream shall have colours: --color "always" or "never" decides, or
 * null; then NO_COLOR, and whether it is a terminal that is not dumb.
 */
bool sc_ctl_paint_is_wanted(const char *option, FILE *out);

#endif
