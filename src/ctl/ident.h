/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_IDENT_H
#define SC_CTL_IDENT_H

/*
 * What stands beside a line of a screen, so that `show` and `drop` can be told
 * which it was: "127.3fa2" is number 127 of the server's instance that is
 * called 3fa2, so a screen from before a restart means nothing after it; and
 * "x1b4d03c7" is a place, told by its kind, user and label. A place's is not
 * for ever: two could have the same, and whoever acts on one looks first.
 */

#include <stdbool.h>
#include <stdint.h>

#include "facts.h"

enum { SC_CTL_IDENT_SIZE = 32, SC_CTL_IDENT_DIGITS = 20 };

struct sc_ctl_ident {
    bool is_place;
    uint32_t hash;                        /* of the place, or of the instance */
    char digits[SC_CTL_IDENT_DIGITS + 1]; /* of a number */
};

/* That of a record. @instance: as the server's greeting has it. */
const char *sc_ctl_ident_write(char text[SC_CTL_IDENT_SIZE], const struct sc_ctl_facts *facts,
                               const char *instance);

/* False: a word is none. */
bool sc_ctl_ident_read(struct sc_ctl_ident *ident, const char *word);

/* Whether a number is one of this instance. */
bool sc_ctl_ident_is_of(const struct sc_ctl_ident *ident, const char *instance);

/* Whether it is this record's. */
bool sc_ctl_ident_is(const struct sc_ctl_ident *ident, const struct sc_ctl_facts *facts);

#endif
