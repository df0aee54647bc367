/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_TALLY_H
#define SC_RELAY_TALLY_H

/*
 * What is counted of sessions. Counters only grow, and are added up over the
 * processes that serve users; whoever wants an interval takes the difference
 * of two readings. Pure.
 */

#include <stdint.h>

#include "session/state.h"
#include "wire/tls.h"

enum sc_tally_counter {
#define SC_TALLY(id, family, labels, help) SC_##id,
#include "relay/tally.def"
#undef SC_TALLY
    SC_TALLIES
};

struct sc_tally {
    uint64_t counters[SC_TALLIES];
};

/* A line of tally.def. Everything has a static life. */
struct sc_tally_about {
    const char *family;
    const char *labels;
    const char *help; /* of the family, with its first counter; else empty */
};

const struct sc_tally_about *sc_tally_about(enum sc_tally_counter counter);

static inline void sc_tally_add(struct sc_tally *tally, enum sc_tally_counter counter,
                                uint64_t number)
{
    tally->counters[counter] += number;
}

/* A request that came to no session, or to no handshake. */
void sc_tally_refusal(struct sc_tally *tally, enum sc_tls_reason reason);

/* A handshake that was completed after so many milliseconds. */
void sc_tally_handshake(struct sc_tally *tally, int64_t took_ms);

/* A session that was given to a caller, and has ended. */
void sc_tally_ending(struct sc_tally *tally, const struct sc_tunnel *tunnel);

/* Adds everything of another one. */
void sc_tally_merge(struct sc_tally *tally, const struct sc_tally *other);

/* Takes away what an earlier reading had. */
void sc_tally_subtract(struct sc_tally *tally, const struct sc_tally *earlier);

#endif
