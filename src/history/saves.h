/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HISTORY_SAVES_H
#define SC_HISTORY_SAVES_H

/*
 * What if connections had been kept for some other time? For all such times
 * at once: a save that was not matched by a look-up yet has a level, the
 * shortest time to live with which it would still be there. That is at least
 * its age; and more, if with shorter ones an earlier look-up has taken it. A
 * look-up goes through the saves in the order of reuse. With each that it
 * meets it needs less time to live, if that one's level is lower; and that one
 * is left to longer times only, those with which the look-up had found
 * something before it came there. What was met first is gone in any case.
 *
 * Of a place the last SC_SAVES_MOST saves are remembered. Pure: the clock is
 * an argument, in milliseconds of 32 bits that may wrap; whoever owns the
 * saves forgets them before ages could.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SC_SAVES_MOST = 16,
    SC_CURVE_TIMES = 12,
};

/* No time to live would have sufficed. */
#define SC_LEVEL_NONE INT64_MAX

struct sc_save {
    uint32_t saved;
    uint32_t taken_below; /* level, as far as it is more than the age; ms */
};

struct sc_saves {
    struct sc_save saves[SC_SAVES_MOST]; /* the oldest first */
    uint8_t count;
};

/* One save that a look-up takes with the times to live from one to before another. */
struct sc_taken {
    uint8_t from; /* places among the times of a curve */
    uint8_t until;
    int64_t age;
};

/* All that one look-up takes. */
struct sc_takings {
    struct sc_taken taken[SC_SAVES_MOST];
    size_t count;
};

/* The times to live, in milliseconds and growing, about which curves tell. */
int64_t sc_curve_time(size_t i);

void sc_saves_add(struct sc_saves *saves, uint32_t now);

/* Forgets what was saved longer ago than so many milliseconds. */
void sc_saves_forget(struct sc_saves *saves, uint32_t now, int64_t horizon);

/*
 * A look-up that would have been content with a time to live of @needed
 * before; SC_LEVEL_NONE: with none. @floor is one that the way to these saves
 * needs in any case. Returns what it needs now, and adds what it takes.
 */
int64_t sc_saves_look(struct sc_saves *saves, uint32_t now, bool newest_first, int64_t floor,
                      int64_t needed, struct sc_takings *takings);

#endif
