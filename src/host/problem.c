/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first thing that is wrong with a command line. It is reported by whoever
 * has a log.
 */
#include "host/problem.h"

#include <stdarg.h>
#include <stdio.h>

void sc_problem_note(struct sc_problem *problem, const char *format, ...)
{
    va_list values;

    if (problem->text[0] != '\0')
        return;
    va_start(values, format);
    vsnprintf(problem->text, sizeof(problem->text), format, values);
    va_end(values);
}
