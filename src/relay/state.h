/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_STATE_H
#define SC_RELAY_STATE_H

/*
 * What is known of a relay at any moment; private to this room.
 */

#include <stdbool.h>

#include "base/log.h"
#include "relay/asker.h"
#include "relay/past.h"
#include "relay/relayed.h"
#include "relay/settings.h"
#include "relay/tally.h"
#include "session/engine.h"

/* How many there are. */
struct sc_relay_counts {
    size_t askers;
    size_t sessions;   /* open, or on their way to it; not those that are only ending */
    size_t handshakes; /* under way, or waiting to begin */
};

/* What the user may have now, beyond the settings. */
struct sc_relay_allowance {
    size_t handshakes; /* under way at once */
    bool sessions;     /* one more; else one must go for each that comes */
    bool askers;       /* likewise */
};

struct sc_relay_options {
    struct sc_loop *loop; /* borrowed, like the others */
    struct sc_log *log;
    struct sc_engines *engines;
    int64_t user;
    uint64_t instance;    /* unlike that of any relay before */
    size_t most_sessions; /* that descriptors suffice for */
    struct sc_relay_settings settings;
    /* Null, or: this one wants to see everybody's sessions; they are to be put behind. */
    void (*list_others)(void *context, struct sc_asker *asker);
    void (*changed)(void *context);                            /* the counts have */
    void (*left)(void *context, const struct sc_asker *asker); /* who had asked, for anything */
    void *context;
};

struct sc_relay {
    struct sc_relay_options options;
    struct sc_relay_allowance allowance;
    struct sc_relay_counts counts;
    struct sc_asker_list askers;
    struct sc_relayed_list sessions;
    struct sc_relayed_list waiting; /* for a handshake to end */
    struct sc_relayed_options session_options;
    struct sc_past past;
    struct sc_tally tally;
    uint64_t last_id;
    size_t total; /* sessions, those that are only ending included */
    size_t shaking;
    bool stopping;
    struct sc_log_limit limited;
};

static inline int64_t sc_relay_now(const struct sc_relay *relay)
{
    return sc_loop_now(relay->options.loop);
}

#endif
