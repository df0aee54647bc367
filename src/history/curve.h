/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HISTORY_CURVE_H
#define SC_HISTORY_CURVE_H

/*
 * How many look-ups would have found a connection with each of some times to
 * live, and how many connections would have been held for it: the gain and
 * its price. Kept as differences from one time to the next, so that a look-up
 * changes a few numbers only.
 */

#include "history/saves.h"

struct sc_curve {
    uint64_t saves;
    int64_t hits[SC_CURVE_TIMES]; /* more with this time to live than with the one before */
    int64_t ages[SC_CURVE_TIMES]; /* ms that those which were found had lain; likewise */
};

/* The same for one place, in less memory: it has at most 2^31 look-ups. */
struct sc_small_curve {
    int64_t ages[SC_CURVE_TIMES];
    int32_t hits[SC_CURVE_TIMES];
    uint32_t saves;
};

/* What a curve says of one time to live. */
struct sc_curve_point {
    int64_t ttl; /* ms */
    uint64_t hits;
    double held; /* connections, on an average of the time that the curve is of */
};

void sc_curve_add(struct sc_curve *curve, const struct sc_takings *takings);
void sc_small_curve_add(struct sc_small_curve *curve, const struct sc_takings *takings);

/* @elapsed, in milliseconds, is how long the curve has been drawn. */
void sc_curve_read(const struct sc_curve *curve, int64_t elapsed,
                   struct sc_curve_point points[SC_CURVE_TIMES]);
void sc_small_curve_read(const struct sc_small_curve *curve, int64_t elapsed,
                         struct sc_curve_point points[SC_CURVE_TIMES]);

#endif
