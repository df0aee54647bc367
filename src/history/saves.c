/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The saves of one place, matched with look-ups for all times to live in one
 * pass. What comes of many look-ups is added up elsewhere.
 */
#include "history/saves.h"

#include <string.h>

static const int64_t times[SC_CURVE_TIMES] = {1000,  2000,  3000,   5000,   10000,  20000,
                                              30000, 60000, 120000, 300000, 600000, 1800000};

int64_t sc_curve_time(size_t i)
{
    return times[i];
}

static void saves_remove(struct sc_saves *saves, size_t at, size_t count)
{
    saves->count = (uint8_t)(saves->count - count);
    memmove(&saves->saves[at], &saves->saves[at + count],
            (saves->count - at) * sizeof(saves->saves[0]));
}

void sc_saves_add(struct sc_saves *saves, uint32_t now)
{
    if (saves->count == SC_SAVES_MOST)
        saves_remove(saves, 0, 1);
    saves->saves[saves->count++] = (struct sc_save){.saved = now};
}

void sc_saves_forget(struct sc_saves *saves, uint32_t now, int64_t horizon)
{
    size_t old = 0;

    while (old < saves->count && (int64_t)(uint32_t)(now - saves->saves[old].saved) >= horizon)
        old++;
    if (old > 0)
        saves_remove(saves, 0, old);
}

/* The first of the times that is at least so long. */
static uint8_t saves_time_from(int64_t level)
{
    uint8_t at = 0;

    while (at < SC_CURVE_TIMES && times[at] < level)
        at++;
    return at;
}

static void saves_take(int64_t age, int64_t level, int64_t needed, struct sc_takings *takings)
{
    struct sc_taken *taken = &takings->taken[takings->count];

    taken->from = saves_time_from(level);
    taken->until = needed == SC_LEVEL_NONE ? SC_CURVE_TIMES : saves_time_from(needed);
    taken->age = age;
    if (taken->from < taken->until && takings->count < SC_SAVES_MOST)
        takings->count++;
}

int64_t sc_saves_look(struct sc_saves *saves, uint32_t now, bool newest_first, int64_t floor,
                      int64_t needed, struct sc_takings *takings)
{
    size_t gone = SC_SAVES_MOST;

    takings->count = 0;
    for (size_t i = 0; i < saves->count; i++) {
        size_t at = newest_first ? (size_t)saves->count - 1 - i : i;
        struct sc_save *save = &saves->saves[at];
        int64_t age = (uint32_t)(now - save->saved);
        int64_t level = age + 1; /* What is kept for its age has just expired. */
        if (level < save->taken_below)
            level = save->taken_below;
        if (level < floor)
            level = floor;
        if (level >= needed)
            continue;
        saves_take(age, level, needed, takings);
        if (needed == SC_LEVEL_NONE)
            gone = at;
        else
            save->taken_below = needed < UINT32_MAX ? (uint32_t)needed : UINT32_MAX;
        needed = level;
    }
    if (gone < SC_SAVES_MOST)
        saves_remove(saves, gone, 1);
    return needed;
}
