/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Median, smallest and largest of a few numbers. What they are figures of is
 * the caller's affair.
 */
#include "spread.h"

#include <stdlib.h>
#include <string.h>

static int spread_compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return a < b ? -1 : a > b;
}

struct sc_spread sc_spread_of(const double *values, unsigned count)
{
    double sorted[SC_SPREAD_MOST];
    if (count == 0)
        return (struct sc_spread){0};
    memcpy(sorted, values, count * sizeof(*values));
    qsort(sorted, count, sizeof(*sorted), spread_compare);
    double median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    return (struct sc_spread){.median = median, .min = sorted[0], .max = sorted[count - 1]};
}
