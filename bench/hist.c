/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A histogram with buckets of equal relative width. It never allocates, and adding to it is a
 * shift and an increment.
 */
#include "hist.h"

#include <string.h>

#define SUB_COUNT (1u << SC_HIST_SUB_BITS)

void sc_hist_reset(struct sc_hist *hist)
{
    memset(hist, 0, sizeof(*hist));
}

static unsigned hist_slot_of(uint64_t ns)
{
    if (ns < SUB_COUNT)
        return (unsigned)ns;
    if (ns >> (SC_HIST_TOP_BIT + 1))
        return SC_HIST_SLOTS - 1;
    unsigned shift = 63u - (unsigned)__builtin_clzll(ns) - SC_HIST_SUB_BITS;
    return ((shift + 1) << SC_HIST_SUB_BITS) + (unsigned)((ns >> shift) & (SUB_COUNT - 1));
}

/* The middle of what a slot stands for. */
static double hist_slot_value(unsigned slot)
{
    if (slot < SUB_COUNT)
        return slot;
    unsigned shift = (slot >> SC_HIST_SUB_BITS) - 1;
    uint64_t low = (uint64_t)(SUB_COUNT + (slot & (SUB_COUNT - 1))) << shift;
    return (double)low + (double)((uint64_t)1 << shift) / 2;
}

void sc_hist_add(struct sc_hist *hist, uint64_t ns)
{
    hist->slots[hist_slot_of(ns)]++;
    hist->count++;
}

double sc_hist_quantile(const struct sc_hist *hist, double part)
{
    uint64_t want = (uint64_t)(part * (double)hist->count);
    uint64_t seen = 0;

    for (unsigned slot = 0; slot < SC_HIST_SLOTS; slot++) {
        seen += hist->slots[slot];
        if (seen > want)
            return hist_slot_value(slot);
    }
    return 0;
}
