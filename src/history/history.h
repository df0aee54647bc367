/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HISTORY_HISTORY_H
#define SC_HISTORY_HISTORY_H

/*
 * What became of what was saved and of those who looked for it: why look-ups
 * missed, and what another time to live would have changed. It is told each
 * event, and never asks.
 *
 * A *look-up* is one request at one place. An *acquisition* is what an
 * operator means by it: all look-ups of a client for one connection. Each
 * miss of either has one reason.
 *
 * Totals never lose: what was counted at a place that has made room for
 * another is added to what was forgotten. Where there is no memory for a
 * place, or the limit is 0, only totals are counted, and reasons are unknown.
 *
 * Pure: time is an argument, in milliseconds that never go back.
 */

#include "history/settings.h"
#include "history/shelf.h"

/* What a limit has taken, and what was asked for afterwards. */
enum { SC_LIMIT_SCALE = 24 };

struct sc_history_limit {
    uint32_t taken;
    uint64_t lost;                   /* look-ups that missed for it */
    uint64_t within[SC_LIMIT_SCALE]; /* those that 1, 2, 4... more would have helped */
};

struct sc_history_forgotten {
    uint64_t places;
    uint64_t lookups;
    uint64_t hits;
    uint64_t misses;
};

struct sc_history {
    struct sc_shelf shelf;
    struct sc_history_settings settings;
    bool newest_first; /* the order of reuse */
    int64_t since;     /* when it began */
    uint64_t reused;   /* acquisitions */
    uint64_t missed[SC_MISSES];
    struct sc_curve curve; /* of acquisitions */
    struct sc_history_forgotten forgotten;
    struct sc_history_limit limits[SC_HISTORY_LIMITS];
};

/* The look-ups of one client for one connection. All zero is one that has not begun. */
struct sc_acquisition {
    bool open;
    enum sc_miss reason;             /* the gravest so far */
    int64_t needed;                  /* the time to live that would have sufficed so far */
    struct sc_place_ref destination; /* that was looked up last */
};

void sc_history_init(struct sc_history *history, const unsigned char key[SC_SHELF_KEY_LENGTH],
                     int64_t now);
void sc_history_fini(struct sc_history *history);

void sc_history_configure(struct sc_history *history, const struct sc_history_settings *settings,
                          bool newest_first, int64_t now);

static inline bool sc_history_is_kept(const struct sc_history *history)
{
    return history->settings.history_limit > 0;
}

/* --- what comes and goes -------------------------------------------------- */

void sc_history_saved(struct sc_history *history, int64_t now,
                      const struct sc_place_name *endpoint);
void sc_history_taken(struct sc_history *history, const struct sc_place_name *endpoint);
void sc_history_lost(struct sc_history *history, const struct sc_place_name *endpoint,
                     struct sc_loss loss);
void sc_history_bound(struct sc_history *history, int64_t now,
                      const struct sc_place_name *destination, const struct sc_place_name *endpoint,
                      bool renewed);
void sc_history_unbound(struct sc_history *history, const struct sc_place_name *destination,
                        struct sc_loss loss);

/* --- look-ups ------------------------------------------------------------- */

/* One at a place, and whether it has found something there. Returns the reason, if not. */
enum sc_miss sc_history_look(struct sc_history *history, int64_t now,
                             struct sc_acquisition *acquisition, const struct sc_place_name *name,
                             bool found);

/* Somebody has come to an endpoint by its destination. */
void sc_history_reach(struct sc_history *history, int64_t now,
                      const struct sc_place_name *endpoint);

/* --- acquisitions --------------------------------------------------------- */

void sc_acquisition_begin(struct sc_acquisition *acquisition);

/* What it got was found by its destination. */
void sc_acquisition_note_hit(const struct sc_acquisition *acquisition, struct sc_history *history);

/* Counts it, if it has begun; false: it had not. */
bool sc_acquisition_end(struct sc_acquisition *acquisition, struct sc_history *history,
                        bool reused);

/* --- looking at it -------------------------------------------------------- */

/* How many more the limit must grow by so that nine in ten of what was missed were there. */
uint64_t sc_history_limit_more(const struct sc_history_limit *limit);

/*
 * The shortest of the times whose share of @lookups comes within a twentieth of
 * the most that any time to live gives: where a curve becomes flat.
 */
size_t sc_history_knee(const struct sc_curve_point points[SC_CURVE_TIMES], size_t count,
                       uint64_t lookups);

#endif
