/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Texts about a configuration, made here and kept or told by the caller. Which
 * of them ends a program is not decided here.
 */
#include "config/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void sc_diag_warn(struct sc_diag *diag, const char *format, ...)
{
    char text[SC_DIAG_TEXT_MAX];
    va_list arguments;

    if (!diag->warn)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    diag->warn(diag->context, text);
}

int sc_diag_fatal(struct sc_diag *diag, int error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(diag->fatal, sizeof(diag->fatal), format, arguments);
    va_end(arguments);
    return error;
}

int sc_diag_out_of_memory(struct sc_diag *diag)
{
    return sc_diag_fatal(diag, -ENOMEM, "out of memory while reading the configuration");
}
