/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/stamp.h"

#include <stdio.h>

void sc_stamp(char text[SC_STAMP_SIZE], time_t when)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm = {0};

    localtime_r(&when, &tm);
    snprintf(text, SC_STAMP_SIZE, "%s %2d %02d:%02d:%02d", months[tm.tm_mon], tm.tm_mday,
             tm.tm_hour, tm.tm_min, tm.tm_sec);
}
