/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_SPAN_H
#define SC_CTL_SPAN_H

/*
 * Times and amounts as a person reads them, in few columns and in ASCII.
 */

#include <stddef.h>
#include <stdint.h>

enum { SC_CTL_SPAN_SIZE = 24 };

/* "0ms" "350ms" "12.3s" "3m05s" "2h10m" "5d03h"; negative: "-". */
const char *sc_ctl_span_time(char text[SC_CTL_SPAN_SIZE], int64_t milliseconds);

/* "0" "9999" "12.3k" "4.56M" "7.8G": at most five columns up to 999 G. */
const char *sc_ctl_span_count(char text[SC_CTL_SPAN_SIZE], double number);

/* "12,345,678" */
const char *sc_ctl_span_whole(char text[SC_CTL_SPAN_SIZE], uint64_t number);

/* "512 B" "1.2 MB" "128 MB", by powers of 1,024. */
const char *sc_ctl_span_bytes(char text[SC_CTL_SPAN_SIZE], double bytes);

/* "90.1 %"; of nothing: "-". */
const char *sc_ctl_span_share(char text[SC_CTL_SPAN_SIZE], double part, double whole);

#endif
