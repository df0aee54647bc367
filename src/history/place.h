/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HISTORY_PLACE_H
#define SC_HISTORY_PLACE_H

/*
 * What is remembered of one destination or endpoint of one user: how often it
 * was looked up and with what success, and what became of what was saved.
 *
 * Each loss explains one miss, so that an old one does not go on doing so: it
 * is kept until a miss has been put down to it. When there is none left, what
 * has happened last explains the miss.
 *
 * A place belongs to a shelf. Others refer to it by index and serial, since it
 * may have to make room for another at any time.
 */

#include <sys/queue.h>

#include "base/table.h"
#include "history/curve.h"
#include "history/reason.h"

enum sc_place_kind { SC_PLACE_DESTINATION, SC_PLACE_ENDPOINT };
enum sc_place_segment { SC_SEGMENT_NEW, SC_SEGMENT_KEPT, SC_SEGMENTS };

/* Which place: how it is found, and a number that remembers where it was; or null. */
struct sc_place_name {
    enum sc_place_kind kind;
    int64_t user;
    struct sc_bytes label;
    uint32_t *slot; /* 0 at first; it belongs to whoever has the label */
};

struct sc_place_ref {
    uint32_t index;
    uint32_t serial; /* 0: to nothing */
};

/* An endpoint that a destination is or was bound to. */
struct sc_place_bond {
    struct sc_place_ref endpoint;
    int64_t since; /* when it was bound or renewed last */
};

enum { SC_PLACE_BONDS = 4 };

/* What only an endpoint has, from its first save on. */
struct sc_place_past {
    struct sc_small_curve curve;
    struct sc_saves saves;
};

struct sc_place {
    TAILQ_ENTRY(sc_place) link;
    struct sc_place_ref ref;
    int64_t user;
    int64_t looked_up; /* last */
    int64_t saved;     /* the same */
    union {
        struct sc_place_past *past;  /* of an endpoint; null: nothing was saved */
        struct sc_place_bond *bonds; /* of a destination, the one renewed last first; likewise */
    };
    uint32_t lookups;
    uint32_t hits; /* delivered */
    uint32_t saves;
    uint32_t misses[SC_MISSES];
    uint32_t live;            /* connections or bindings that are there, held ones too */
    uint32_t evicted_as;      /* which one of those that the limit has taken */
    uint16_t lost[SC_MISSES]; /* and not put to any account yet */
    uint8_t kind;
    uint8_t segment;
    uint8_t latest; /* what a miss is put down to else */
    uint8_t limit;  /* that took one last */
    bool limit_is_own;
    struct sc_label label; /* last: kind and user, then the label itself */
};

enum { SC_PLACE_PREFIX = 1 + sizeof(int64_t) };

struct sc_bytes sc_place_label(const struct sc_place *place);
bool sc_place_is(const struct sc_place *place, const struct sc_place_name *name);

uint64_t sc_place_misses(const struct sc_place *place);

void sc_place_note_saved(struct sc_place *place);
void sc_place_note_taken(struct sc_place *place);
void sc_place_note_lost(struct sc_place *place, struct sc_loss loss);

/* What a miss here is put down to, and then is. */
enum sc_miss sc_place_reason(const struct sc_place *place);
void sc_place_spend(struct sc_place *place, enum sc_miss reason);

#endif
