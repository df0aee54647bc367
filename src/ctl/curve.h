/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_CURVE_H
#define SC_CTL_CURVE_H

/*
 * What would have been: for each time to live, which share of the visits would
 * have found a connection, and how many connections would have been held for
 * it, the price beside the gain. Points are in the order of their times.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "facts.h"
#include "sheet.h"

struct sc_ctl_point {
    double ttl;    /* seconds */
    double reused; /* share of one */
    double held;   /* connections */
    bool is_known; /* far ends are known to wait so long */
};

struct sc_ctl_curve {
    struct sc_ctl_point *points; /* owned */
    size_t count;
};

void sc_ctl_curve_init(struct sc_ctl_curve *curve);
void sc_ctl_curve_fini(struct sc_ctl_curve *curve);

/* Adds a record of kind "curve"; one of another kind is passed over. Returns 0 or -ENOMEM. */
SC_CTL_MUST_CHECK int sc_ctl_curve_add(struct sc_ctl_curve *curve,
                                       const struct sc_ctl_facts *facts);

/* The share at a time to live, between two points on the line that joins them; of none, 0. */
double sc_ctl_curve_at(const struct sc_ctl_curve *curve, double ttl);

/*
 * The shortest time that gives nine tenths of what is to be gained over
 * @reused; null: there is less than a hundredth to gain.
 */
const struct sc_ctl_point *sc_ctl_curve_knee(const struct sc_ctl_curve *curve, double reused);

/* A line for each point, with a bar; @ttl: the present one is marked; 0: none is. */
void sc_ctl_curve_print(const struct sc_ctl_curve *curve, double ttl,
                        const struct sc_ctl_sheet *sheet, FILE *out);

#endif
