/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_WHO_H
#define SC_CONTROL_WHO_H

/*
 * Who asks, and what he may: all; look at all; look at and drop what is in his
 * own space; or nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "control/ask.h"

enum sc_access { SC_ACCESS_NONE, SC_ACCESS_OWN, SC_ACCESS_LOOK, SC_ACCESS_ALL };

struct sc_who {
    enum sc_access access;
    int64_t user;  /* as the kernel says */
    int64_t space; /* of his labels; with sharers, theirs too */
};

/* Has a static life. */
const char *sc_who_access_name(enum sc_access access);

/* Whether he may ask for this at all; what he then sees is bounded by sc_who_sees(). */
bool sc_who_may(const struct sc_who *who, const struct sc_ask *ask);

/* Whether he sees what is in that space. */
static inline bool sc_who_sees(const struct sc_who *who, int64_t space)
{
    return who->access > SC_ACCESS_OWN || (who->access == SC_ACCESS_OWN && who->space == space);
}

#endif
