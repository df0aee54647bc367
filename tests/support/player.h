/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_PLAYER_H
#define SC_TESTS_PLAYER_H

/*
 * Plays a client's bytes to a session, in any pieces, the way a server would,
 * and writes down every event as a line of text. Two ways of cutting the same
 * bytes are right when they leave the same transcript.
 *
 * How a request is answered is taken from recorded answers, which must then
 * be, byte for byte, what the replies of this project say; or, without them,
 * a save_endp gets its dummy and a look-up hits when its label starts with
 * "hit".
 *
 * Every piece lies against a guard page and is spoilt after it was kept. The
 * player also keeps the books of descriptors: none is said to belong to two
 * events, or to any event if none came.
 */

#include <stdbool.h>
#include <stdio.h>

#include "support/guarded.h"
#include "wire/session.h"

struct player {
    struct sc_session session;
    struct guarded guarded;
    enum guarded_side side;
    bool has_answers;
    struct sc_bytes answers; /* those still to come */
    FILE *transcript_file;
    char *transcript; /* a string, up to date after every piece */
    size_t transcript_length;
    bool holds_descriptor;
    bool is_over;
    bool keeps_giving; /* a descriptor that is asked for is not sent yet */
};

void player_init(struct player *player, size_t limit);
void player_fini(struct player *player);

/* Starts again with a new session. */
void player_restart(struct player *player);

/* The answers that must come from now on. */
void player_answer_from(struct player *player, struct sc_bytes answers);

/* Plays a piece. After a violation nothing more is read. */
void player_feed(struct player *player, struct sc_bytes bytes, enum sc_passed passed);

/* The same in pieces of @piece bytes, the descriptor with the last. */
void player_feed_by(struct player *player, struct sc_bytes bytes, enum sc_passed passed,
                    size_t piece);

/* Ends what keeps_giving held up: the descriptor is sent, and reading goes on. */
void player_give(struct player *player);

#endif
