/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_PLAY_H
#define SC_TESTS_PLAY_H

/*
 * A store and its model side by side, with what the script of the model test
 * plays with, and the comparisons of the two.
 */

#include "store/store.h"
#include "support/model.h"
#include "support/random.h"
#include "support/snapshot.h"

enum { PROPERTIES = 6, HELD_MOST = 40, COOKIES = 60 };

/* What the script prefers for a while, so that small and large both come. */
struct weather {
    uint32_t labels;
    uint32_t spaces;
    uint32_t longest_ttl;
    uint32_t ttl_step; /* a coarse one makes many expire at once */
    uint32_t tick;     /* time passes by less than this before an operation */
    uint32_t saves;    /* in a hundred operations */
};

/* A cursor, and what it has shown of endpoints and destinations. */
struct play_cursor {
    bool running;
    struct sc_store_cursor cursor;
    bool shown[MODEL_SPACES][MODEL_LABELS];
};

struct play {
    struct random random;
    struct weather weather;
    struct model model;
    struct sc_store *store;
    struct sc_space *spaces[MODEL_SPACES]; /* null: there is none just now */
    struct sc_connection *held[HELD_MOST];
    size_t held_count;
    struct play_cursor cursors[MODEL_CURSORS];
    int64_t now;
    int next_fd;
    size_t found;
    size_t refused;
    size_t reaped;
    size_t largest;
    size_t cursor_ends;
    size_t ends[SC_ENDS];
    char labels[MODEL_LABELS][SNAPSHOT_TEXT];
    char properties[PROPERTIES][SNAPSHOT_TEXT];
    struct model_events events; /* as the observer was told */
    struct snapshot seen;
    struct snapshot wanted;
};

struct play *play_new(uint64_t seed);
void play_free(struct play *play);

uint32_t play_below(struct play *play, uint32_t limit);
bool play_one_in(struct play *play, uint32_t chances);
int play_any_label(struct play *play);
int play_any_space(struct play *play);
int64_t play_any_ttl(struct play *play);

/* The store's space of this number, a new one if there is none. */
struct sc_space *play_space(struct play *play, int space);

struct sc_bytes play_label(const struct play *play, int label);
struct sc_bytes play_property_of_fd(int fd, char buffer[SNAPSHOT_TEXT]);

/* Both have found the same, and hold it. */
void play_hold(struct play *play, struct sc_connection *found, int wanted);
void play_assert_is_held(struct play *play, const struct sc_connection *connection);

void play_renew_space(struct play *play);

#endif
