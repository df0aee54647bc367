/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_ORIGIN_H
#define SC_CONFIG_ORIGIN_H

/*
 * Where a name was set: by an option of the command line, in a line of one of
 * the files that were read, or nowhere. Files are told by number, so that an
 * origin may go from one reading to the next.
 */

#include <stdbool.h>
#include <stddef.h>

/* At most two files are read: main.cf, or the one that was named; and scache.cf. */
enum { SC_ORIGIN_FILES = 2 };

struct sc_origin {
    const char *option; /* such as "-o", or null; of static storage */
    unsigned file;      /* below SC_ORIGIN_FILES */
    size_t line;        /* 0: in no file */
};

static inline bool sc_origin_is_preset(struct sc_origin origin)
{
    return !origin.option && origin.line == 0;
}

/* Writes such as "/etc/postfix/main.cf, line 4", "option -o" or "default", and returns it. */
const char *sc_origin_print(struct sc_origin origin, char *const files[SC_ORIGIN_FILES], char *text,
                            size_t size);

#endif
