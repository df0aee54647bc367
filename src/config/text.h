/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_TEXT_H
#define SC_CONFIG_TEXT_H

/*
 * A copy of bytes as a text of the caller's, ended by NUL. It calls malloc
 * itself, so that a test which makes allocations fail reaches it; strdup(3)
 * allocates inside the C library, where it does not.
 */

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* Returns null when out of memory. */
static inline char *sc_text_dup(struct sc_bytes text)
{
    char *copy = malloc(text.length + 1);

    if (!copy)
        return NULL;
    if (text.length > 0)
        memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    return copy;
}

#endif
