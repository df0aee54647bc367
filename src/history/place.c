/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One place's books. What its bonds lead to, and when it makes room, is not
 * known here.
 */
#include "history/place.h"

#include <string.h>

struct sc_bytes sc_place_label(const struct sc_place *place)
{
    return (struct sc_bytes){sc_label_start(&place->label) + SC_PLACE_PREFIX,
                             place->label.length - SC_PLACE_PREFIX};
}

bool sc_place_is(const struct sc_place *place, const struct sc_place_name *name)
{
    return place->kind == name->kind && place->user == name->user &&
           sc_bytes_equal(sc_place_label(place), name->label);
}

uint64_t sc_place_misses(const struct sc_place *place)
{
    uint64_t misses = 0;

    for (size_t i = 0; i < SC_MISSES; i++)
        misses += place->misses[i];
    return misses;
}

void sc_place_note_saved(struct sc_place *place)
{
    place->saves++;
    place->live++;
    place->latest = SC_MISS_IN_USE;
}

/* What was there before the place was may leave too. */
static void place_lessen(struct sc_place *place)
{
    if (place->live > 0)
        place->live--;
}

void sc_place_note_taken(struct sc_place *place)
{
    place->hits++;
    place->latest = SC_MISS_IN_USE;
    place_lessen(place);
}

void sc_place_note_lost(struct sc_place *place, struct sc_loss loss)
{
    place_lessen(place);
    place->latest = (uint8_t)loss.reason;
    if (place->lost[loss.reason] < UINT16_MAX)
        place->lost[loss.reason]++;
    if (loss.reason != SC_MISS_EVICTED)
        return;
    place->limit = loss.limit;
    place->limit_is_own = loss.own;
}

enum sc_miss sc_place_reason(const struct sc_place *place)
{
    for (enum sc_miss reason = 0; reason < SC_MISSES; reason++)
        if (place->lost[reason] > 0)
            return reason;
    return (enum sc_miss)place->latest;
}

void sc_place_spend(struct sc_place *place, enum sc_miss reason)
{
    if (place->lost[reason] > 0)
        place->lost[reason]--;
}
