/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BASE_STAMP_H
#define SC_BASE_STAMP_H

/*
 * A point in time as syslog writes it, in local time: "Nov 23 19:14:05". The
 * names of months are English, whatever the locale.
 */

#include <time.h>

enum { SC_STAMP_SIZE = 64 }; /* bytes, with room for any number in a field */

void sc_stamp(char text[SC_STAMP_SIZE], time_t when);

/* The same, but a day of one digit has a zero in front: "Dec 03 19:14:05". */
void sc_stamp_with_zero(char text[SC_STAMP_SIZE], time_t when);

#endif
