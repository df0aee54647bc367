/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes numbers short. Which of them matter is not known here.
 */
#include "span.h"

#include <stdio.h>
#include <string.h>

enum { SPAN_SECOND = 1000, SPAN_MINUTE = 60, SPAN_HOUR = 3600, SPAN_DAY = 86400 };

static const char *span_pair(char text[SC_CTL_SPAN_SIZE], int64_t large, char large_unit,
                             int64_t small, char small_unit)
{
    snprintf(text, SC_CTL_SPAN_SIZE, "%lld%c%02lld%c", (long long)large, large_unit,
             (long long)small, small_unit);
    return text;
}

const char *sc_ctl_span_time(char text[SC_CTL_SPAN_SIZE], int64_t milliseconds)
{
    int64_t seconds = milliseconds / SPAN_SECOND;

    if (milliseconds < 0)
        return "-";
    if (seconds >= SPAN_DAY)
        return span_pair(text, seconds / SPAN_DAY, 'd', seconds % SPAN_DAY / SPAN_HOUR, 'h');
    if (seconds >= SPAN_HOUR)
        return span_pair(text, seconds / SPAN_HOUR, 'h', seconds % SPAN_HOUR / SPAN_MINUTE, 'm');
    if (seconds >= SPAN_MINUTE)
        return span_pair(text, seconds / SPAN_MINUTE, 'm', seconds % SPAN_MINUTE, 's');
    if (seconds > 0)
        snprintf(text, SC_CTL_SPAN_SIZE, "%lld.%llds", (long long)seconds,
                 (long long)(milliseconds % SPAN_SECOND / 100));
    else
        snprintf(text, SC_CTL_SPAN_SIZE, "%lldms", (long long)milliseconds);
    return text;
}

/* Three digits that count. */
static const char *span_scaled(char text[SC_CTL_SPAN_SIZE], double number, const char *unit)
{
    int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;

    snprintf(text, SC_CTL_SPAN_SIZE, "%.*f%s", decimals, number, unit);
    return text;
}

const char *sc_ctl_span_count(char text[SC_CTL_SPAN_SIZE], double number)
{
    static const char *const units[] = {"k", "M", "G"};
    size_t unit = 0;

    if (number < 9999.5) {
        snprintf(text, SC_CTL_SPAN_SIZE, "%.0f", number);
        return text;
    }
    number /= 1000;
    while (number >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        number /= 1000;
        unit++;
    }
    return span_scaled(text, number, units[unit]);
}

const char *sc_ctl_span_whole(char text[SC_CTL_SPAN_SIZE], uint64_t number)
{
    char digits[SC_CTL_SPAN_SIZE];
    int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
    char *to = text;

    /* The longest number has 20 digits and 6 commas: too long, so it goes without these. */
    if (length > 15)
        return strcpy(text, digits);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

const char *sc_ctl_span_bytes(char text[SC_CTL_SPAN_SIZE], double bytes)
{
    static const char *const units[] = {" kB", " MB", " GB", " TB"};
    size_t unit = 0;

    if (bytes < 1024) {
        snprintf(text, SC_CTL_SPAN_SIZE, "%.0f B", bytes);
        return text;
    }
    bytes /= 1024;
    while (bytes >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        bytes /= 1024;
        unit++;
    }
    return span_scaled(text, bytes, units[unit]);
}

const char *sc_ctl_span_share(char text[SC_CTL_SPAN_SIZE], double part, double whole)
{
    if (whole <= 0)
        return "-";
    snprintf(text, SC_CTL_SPAN_SIZE, "%.1f %%", 100 * part / whole);
    return text;
}
