/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events written into places and totals. How places are kept, and how saves
 * are matched, is not known here.
 */
#include "history/history.h"

#include <string.h>

static void history_note_leaving(struct sc_shelf *shelf, const struct sc_place *place)
{
    struct sc_history_forgotten *forgotten =
        &SC_CONTAINER_OF(shelf, struct sc_history, shelf)->forgotten;

    forgotten->places++;
    forgotten->lookups += place->lookups;
    forgotten->hits += place->hits;
    forgotten->misses += sc_place_misses(place);
}

void sc_history_init(struct sc_history *history, const unsigned char key[SC_SHELF_KEY_LENGTH],
                     int64_t now)
{
    *history = (struct sc_history){.since = now};
    sc_shelf_init(&history->shelf, key);
    history->shelf.leaves = history_note_leaving;
}

void sc_history_fini(struct sc_history *history)
{
    sc_shelf_fini(&history->shelf);
}

void sc_history_configure(struct sc_history *history, const struct sc_history_settings *settings,
                          bool newest_first, int64_t now)
{
    if (!sc_history_is_kept(history) && settings->history_limit > 0)
        history->since = now;
    history->settings = *settings;
    history->newest_first = newest_first;
    sc_shelf_set_limit(&history->shelf, settings->history_limit);
}

/* --- what comes and goes -------------------------------------------------- */

/* Saves older than that explain nothing; and times of 32 bits must not wrap. */
static void history_forget_saves(const struct sc_history *history, struct sc_place *place,
                                 int64_t now)
{
    if (now - place->saved >= history->settings.history_time)
        place->past->saves.count = 0;
    sc_saves_forget(&place->past->saves, (uint32_t)now, history->settings.history_time);
}

void sc_history_saved(struct sc_history *history, int64_t now, const struct sc_place_name *endpoint)
{
    struct sc_place *place = sc_shelf_get(&history->shelf, endpoint);
    struct sc_place_past *past = place ? sc_shelf_past(&history->shelf, place) : NULL;

    history->curve.saves++;
    if (!place)
        return;
    sc_place_note_saved(place);
    if (!past)
        return;
    history_forget_saves(history, place, now);
    place->saved = now;
    past->curve.saves++;
    sc_saves_add(&past->saves, (uint32_t)now);
}

void sc_history_taken(struct sc_history *history, const struct sc_place_name *endpoint)
{
    struct sc_place *place = sc_shelf_find(&history->shelf, endpoint);

    if (place)
        sc_place_note_taken(place);
}

void sc_history_lost(struct sc_history *history, const struct sc_place_name *endpoint,
                     struct sc_loss loss)
{
    struct sc_place *place = sc_shelf_find(&history->shelf, endpoint);

    if (loss.reason == SC_MISS_EVICTED)
        history->limits[loss.limit].taken++;
    if (!place)
        return;
    sc_place_note_lost(place, loss);
    if (loss.reason == SC_MISS_EVICTED)
        place->evicted_as = history->limits[loss.limit].taken;
}

/* The bond to an endpoint, or the one for it: the one that was renewed the longest ago. */
static size_t history_bond_at(const struct sc_place_bond *bonds, struct sc_place_ref endpoint)
{
    for (size_t i = 0; i < SC_PLACE_BONDS; i++)
        if (bonds[i].endpoint.serial == endpoint.serial || bonds[i].endpoint.serial == 0)
            return i;
    return SC_PLACE_BONDS - 1;
}

void sc_history_bound(struct sc_history *history, int64_t now,
                      const struct sc_place_name *destination, const struct sc_place_name *endpoint,
                      bool renewed)
{
    struct sc_shelf *shelf = &history->shelf;
    struct sc_place *to = sc_shelf_get(shelf, endpoint);
    /* Getting the second may have put away the first. */
    struct sc_place_ref ref = to ? to->ref : (struct sc_place_ref){0};
    struct sc_place *place = sc_shelf_get(shelf, destination);
    struct sc_place_bond *bonds = place ? sc_shelf_bonds(shelf, place) : NULL;

    if (!place)
        return;
    place->live += !renewed;
    place->latest = SC_MISS_UNKNOWN;
    if (!bonds || !sc_shelf_follow(shelf, ref))
        return;
    size_t at = history_bond_at(bonds, ref);
    memmove(&bonds[1], &bonds[0], at * sizeof(bonds[0]));
    bonds[0] = (struct sc_place_bond){ref, now};
}

void sc_history_unbound(struct sc_history *history, const struct sc_place_name *destination,
                        struct sc_loss loss)
{
    struct sc_place *place = sc_shelf_find(&history->shelf, destination);

    if (!place)
        return;
    sc_place_note_lost(place, loss);
    /* It explains a miss only while nothing is known of what it was bound to. */
    sc_place_spend(place, loss.reason);
}

/* --- what if -------------------------------------------------------------- */

/* Goes through an endpoint's saves, for the acquisition and, if it was asked for, for itself. */
static void history_match(struct sc_history *history, int64_t now,
                          struct sc_acquisition *acquisition, struct sc_place *endpoint,
                          int64_t floor)
{
    struct sc_place_past *past = endpoint->past;
    struct sc_takings takings;

    if (!past)
        return;
    history_forget_saves(history, endpoint, now);
    acquisition->needed = sc_saves_look(&past->saves, (uint32_t)now, history->newest_first, floor,
                                        acquisition->needed, &takings);
    sc_curve_add(&history->curve, &takings);
    sc_small_curve_add(&past->curve, &takings);
}

static void history_match_bonds(struct sc_history *history, int64_t now,
                                struct sc_acquisition *acquisition,
                                const struct sc_place *destination)
{
    const struct sc_place_bond *bonds = destination->bonds;

    for (size_t i = 0; bonds && i < SC_PLACE_BONDS; i++) {
        struct sc_place *endpoint = sc_shelf_follow(&history->shelf, bonds[i].endpoint);
        if (endpoint)
            history_match(history, now, acquisition, endpoint, now - bonds[i].since + 1);
    }
}

/* --- reasons -------------------------------------------------------------- */

/* How many more places would have kept what was evicted here. */
static void history_note_eviction(struct sc_history *history, const struct sc_place *place)
{
    struct sc_history_limit *limit = &history->limits[place->limit];
    uint32_t more =
        place->limit_is_own ? place->lost[SC_MISS_EVICTED] : limit->taken - place->evicted_as + 1;
    size_t scale = 0;

    while (scale < SC_LIMIT_SCALE - 1 && (UINT32_C(1) << scale) < more)
        scale++;
    limit->lost++;
    limit->within[scale]++;
}

static enum sc_miss history_explain(struct sc_history *history, struct sc_place *place)
{
    enum sc_miss reason = sc_place_reason(place);

    if (reason == SC_MISS_EVICTED && place->lost[reason] > 0)
        history_note_eviction(history, place);
    sc_place_spend(place, reason);
    return reason;
}

/* Of a destination: what is so at the endpoints that it is or was bound to. */
static enum sc_miss history_explain_bonds(struct sc_history *history, struct sc_place *destination)
{
    struct sc_place *gravest = NULL;
    enum sc_miss reason = SC_MISSES;

    for (size_t i = 0; destination->bonds && i < SC_PLACE_BONDS; i++) {
        struct sc_place *endpoint =
            sc_shelf_follow(&history->shelf, destination->bonds[i].endpoint);
        if (!endpoint)
            continue;
        enum sc_miss its = sc_place_reason(endpoint);
        if (destination->live == 0 && endpoint->live > 0 && its > SC_MISS_UNBOUND)
            its = SC_MISS_UNBOUND;
        if (its >= reason)
            continue;
        reason = its;
        gravest = endpoint;
    }
    if (!gravest)
        return history_explain(history, destination);
    return reason == SC_MISS_UNBOUND ? reason : history_explain(history, gravest);
}

enum sc_miss sc_history_look(struct sc_history *history, int64_t now,
                             struct sc_acquisition *acquisition, const struct sc_place_name *name,
                             bool found)
{
    struct sc_place *place = sc_shelf_get(&history->shelf, name);
    bool by_destination = name->kind == SC_PLACE_DESTINATION;

    if (by_destination)
        acquisition->destination = place ? place->ref : (struct sc_place_ref){0};
    if (!place)
        return SC_MISS_UNKNOWN;
    sc_shelf_touch(&history->shelf, place, now);
    if (by_destination)
        history_match_bonds(history, now, acquisition, place);
    else
        history_match(history, now, acquisition, place, 0);
    if (found)
        return SC_MISS_UNKNOWN;
    enum sc_miss reason =
        by_destination ? history_explain_bonds(history, place) : history_explain(history, place);
    place->misses[reason]++;
    if (reason < acquisition->reason)
        acquisition->reason = reason;
    return reason;
}

void sc_history_reach(struct sc_history *history, int64_t now, const struct sc_place_name *endpoint)
{
    struct sc_place *place = sc_shelf_get(&history->shelf, endpoint);

    if (place)
        sc_shelf_touch(&history->shelf, place, now);
}

/* --- acquisitions --------------------------------------------------------- */

void sc_acquisition_begin(struct sc_acquisition *acquisition)
{
    *acquisition = (struct sc_acquisition){
        .open = true,
        .reason = SC_MISS_UNKNOWN,
        .needed = SC_LEVEL_NONE,
    };
}

void sc_acquisition_note_hit(const struct sc_acquisition *acquisition, struct sc_history *history)
{
    struct sc_place *place = sc_shelf_follow(&history->shelf, acquisition->destination);

    if (place)
        place->hits++;
}

bool sc_acquisition_end(struct sc_acquisition *acquisition, struct sc_history *history, bool reused)
{
    if (!acquisition->open)
        return false;
    acquisition->open = false;
    if (reused)
        history->reused++;
    else
        history->missed[acquisition->reason]++;
    return true;
}

/* --- looking at it -------------------------------------------------------- */

uint64_t sc_history_limit_more(const struct sc_history_limit *limit)
{
    uint64_t helped = 0;

    for (size_t scale = 0; scale < SC_LIMIT_SCALE; scale++) {
        helped += limit->within[scale];
        if (helped > 0 && helped >= limit->lost - limit->lost / 10)
            return UINT64_C(1) << scale;
    }
    return 0;
}

size_t sc_history_knee(const struct sc_curve_point points[SC_CURVE_TIMES], size_t count,
                       uint64_t lookups)
{
    size_t knee = 0;

    for (size_t i = 1; i < count; i++)
        if ((points[i].hits - points[knee].hits) * 20 > lookups)
            knee = i;
    return knee;
}
