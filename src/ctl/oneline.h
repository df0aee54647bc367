/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_ONELINE_H
#define SC_CTL_ONELINE_H

/*
 * A label for the eye, in one line of a screen: its fields joined by a blank,
 * those at the end that say nothing dropped, and what does not fit cut with an
 * ellipsis. Whatever bytes strangers have put into it, it is as wide as it is
 * said to be and moves no cursor: what does not print, or has no width of its
 * own, is shown as \xHH. It cannot be read back: an ID stands beside it.
 *
 * Widths are those of the locale that is set (LC_CTYPE).
 */

#include <stdbool.h>
#include <stddef.h>

/* Room for a line of @width columns: no character is longer. */
#define SC_CTL_ONELINE_SIZE(width) ((size_t)(width)*4 + 1)

enum { SC_CTL_ONELINE_WIDEST = 400 };

/*
 * Writes at most @width columns, which is at least 1 and at most
 * SC_CTL_ONELINE_WIDEST, and returns how many there are. Without @is_utf8
 * nothing but ASCII is written.
 */
int sc_ctl_oneline(char *line, const char *label, int width, bool is_utf8);

#endif
