/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing a date as logs have it, in local time and in English. The clock is
 * not read here, and the time zone must have been read before.
 */
#include "base/stamp.h"

#include <stdio.h>

static void stamp_write(char text[SC_STAMP_SIZE], time_t when, const char *zero)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm = {0};

    localtime_r(&when, &tm);
    snprintf(text, SC_STAMP_SIZE, "%s %s%d %02d:%02d:%02d", months[tm.tm_mon],
             tm.tm_mday < 10 ? zero : "", tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void sc_stamp(char text[SC_STAMP_SIZE], time_t when)
{
    stamp_write(text, when, " ");
}

void sc_stamp_with_zero(char text[SC_STAMP_SIZE], time_t when)
{
    stamp_write(text, when, "0");
}
