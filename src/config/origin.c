/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Origins as messages tell them.
 */
#include "config/origin.h"

#include <stdio.h>

const char *sc_origin_print(struct sc_origin origin, char *const files[SC_ORIGIN_FILES], char *text,
                            size_t size)
{
    if (origin.option)
        snprintf(text, size, "option %s", origin.option);
    else if (origin.line > 0)
        snprintf(text, size, "%s, line %zu", files[origin.file], origin.line);
    else
        snprintf(text, size, "default");
    return text;
}
