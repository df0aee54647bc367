/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What reasons are called. Which one holds, places say.
 */
#include "history/reason.h"

const char *sc_miss_name(enum sc_miss reason)
{
    static const char *const names[SC_MISSES] = {
        [SC_MISS_DEAD] = "dead",       [SC_MISS_EVICTED] = "evicted", [SC_MISS_DROPPED] = "dropped",
        [SC_MISS_UNBOUND] = "unbound", [SC_MISS_EXPIRED] = "expired", [SC_MISS_IN_USE] = "in_use",
        [SC_MISS_UNKNOWN] = "unknown",
    };

    return names[reason];
}
