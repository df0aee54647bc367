/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_CF_H
#define SC_CONFIG_CF_H

/*
 * The syntax of main.cf: logical lines of "name = value", and overrides from
 * the command line. The result is a set of names, each with its last value as
 * it was written and the place where it was. What a name means, and what a
 * "$" in a value does, is not known here.
 *
 * The set owns its entries; an entry lives until its name is set again or the
 * set ends. A file of more than SC_CF_FILE_MAX bytes is refused, and that is
 * the limit of a logical line too. Memory is at most a small multiple of it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/util.h"
#include "config/diag.h"
#include "config/origin.h"

enum { SC_CF_FILE_MAX = 16 * 1024 * 1024 };

struct sc_cf_entry {
    struct sc_bytes name;
    const char *value;
    struct sc_origin origin; /* the first line of the logical one */
    char text[];             /* holds name and value, each ended by NUL */
};

struct sc_cf {
    void *tree; /* of tsearch(3), by name */
};

void sc_cf_init(struct sc_cf *cf);
void sc_cf_fini(struct sc_cf *cf);

/* A file: its name for messages, and its number for origins. */
struct sc_cf_file {
    const char *path;
    unsigned number;
    bool of_postfix; /* which takes a byte order mark for a part of the first name */
    bool optional;   /* when there is none, that is -ENOENT and no more is said */
};

/*
 * Adds the contents of a text, which is destroyed on the way. Returns 0;
 * -EINVAL for a line without "="; -ENOMEM. After a failure the set is whole
 * and holds what came before.
 */
SC_MUST_CHECK int sc_cf_parse(struct sc_cf *cf, const struct sc_cf_file *file, char *text,
                              size_t length, struct sc_diag *diag);

/* Adds the contents of a file. Returns like sc_cf_parse(), or -EFBIG, or as sc_file_read() does. */
SC_MUST_CHECK int sc_cf_read(struct sc_cf *cf, const struct sc_cf_file *file, struct sc_diag *diag);

/*
 * Adds one "name = value" of the command line, silently instead of what was
 * there; blanks around both are dropped. Returns 0, -EINVAL or -ENOMEM.
 */
SC_MUST_CHECK int sc_cf_override(struct sc_cf *cf, const char *text, struct sc_diag *diag);

/* Sets a name. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_cf_set(struct sc_cf *cf, struct sc_bytes name, struct sc_bytes value,
                            struct sc_origin origin);

/* Calls back for each entry, in the order of names. */
void sc_cf_walk(const struct sc_cf *cf,
                void (*visit)(const struct sc_cf_entry *entry, void *context), void *context);

/* Returns the entry, or null. */
const struct sc_cf_entry *sc_cf_find(const struct sc_cf *cf, struct sc_bytes name);

#endif
