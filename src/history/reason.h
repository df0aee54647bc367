/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HISTORY_REASON_H
#define SC_HISTORY_REASON_H

/*
 * Why a look-up has missed: one reason each, the gravest that applies.
 */

#include <stdbool.h>
#include <stdint.h>

/* In the order of what weighs most, which is that of stats/counters.def too. */
enum sc_miss {
    SC_MISS_DEAD,    /* there was one, and it was dead */
    SC_MISS_EVICTED, /* a limit took it */
    SC_MISS_DROPPED, /* an operator did */
    SC_MISS_UNBOUND, /* connections are there, the binding to them is gone */
    SC_MISS_EXPIRED, /* it was saved longer ago than is granted */
    SC_MISS_IN_USE,  /* all that were saved are taken */
    SC_MISS_UNKNOWN, /* nothing is known to have been saved */
    SC_MISSES
};

/* How an entry was lost. */
struct sc_loss {
    enum sc_miss reason; /* that a miss will be put down to */
    uint8_t limit;       /* which one took it, if one did: a number of the caller's */
    bool own;            /* and that is a limit of the place alone */
};

enum { SC_HISTORY_LIMITS = 16 };

/* Has a static life. */
const char *sc_miss_name(enum sc_miss reason);

#endif
