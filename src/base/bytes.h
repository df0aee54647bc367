/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BASE_BYTES_H
#define SC_BASE_BYTES_H

/*
 * A view of bytes that somebody else owns: labels, properties, names and
 * values. It holds any byte, is not terminated by NUL, and is valid only as
 * long as its owner says. The empty view may have a null pointer.
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct sc_bytes {
    const char *data;
    size_t length;
};

#define SC_BYTES(literal) ((struct sc_bytes){"" literal, sizeof(literal) - 1})

/* The same for what is initialised before the program runs, where ISO C wants no expression. */
#define SC_BYTES_INIT(literal)                                                                     \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

static inline struct sc_bytes sc_bytes_of(const char *text)
{
    return (struct sc_bytes){text, strlen(text)};
}

static inline bool sc_bytes_equal(struct sc_bytes one, struct sc_bytes other)
{
    return one.length == other.length &&
           (one.length == 0 || memcmp(one.data, other.data, one.length) == 0);
}

#endif
