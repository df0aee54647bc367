/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Complaints to the user, one line each. What was wrong is decided elsewhere,
 * and so is what it means for the program.
 */
#include "complaint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void complaint_begin(const struct sc_ctl_voice *voice, const char *format, va_list values)
    __attribute__((format(printf, 2, 0)));

static void complaint_begin(const struct sc_ctl_voice *voice, const char *format, va_list values)
{
    const char *place = voice->place ? voice->place : voice->command;

    /* After the results so far, in case both go to one place. */
    fflush(stdout);
    fputs("scachectl: ", stderr);
    if (place)
        fprintf(stderr, "%s: ", place);
    vfprintf(stderr, format, values);
}

void sc_ctl_complain(const struct sc_ctl_voice *voice, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    complaint_begin(voice, format, values);
    va_end(values);
    putc('\n', stderr);
}

int sc_ctl_misused(const struct sc_ctl_voice *voice, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    complaint_begin(voice, format, values);
    va_end(values);
    fprintf(stderr, "; see scachectl %s%s--help\n", voice->command ? voice->command : "",
            voice->command ? " " : "");
    return SC_CTL_USAGE;
}

int sc_ctl_exhausted(const struct sc_ctl_voice *voice)
{
    sc_ctl_complain(voice, "%s", strerror(ENOMEM));
    return SC_CTL_TROUBLE;
}
