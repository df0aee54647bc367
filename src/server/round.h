/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_ROUND_H
#define SC_SERVER_ROUND_H

/*
 * Who is served together. At the end of a turn of the loop those who wait are
 * taken from the queue, a few at a time, and led through the steps of service
 * side by side: all are heard, all are thought about, what they want is found
 * and looked at by one call, all are spoken to. What is done several times in
 * a row finds its code in the processor's cache, ours as well as the kernel's;
 * that takes a tenth off the processor time of a request (doc/performance.md).
 *
 * A turn ends after a few milliseconds, whoever still waits then is served in
 * the next one; and whoever has said much is served a little of it at a time.
 */

#include "loop/timer.h"
#include "server/client.h"

enum { SC_ROUND_MOST = 8, SC_ROUND_SCRATCH = 64 * 1024 };

struct sc_round {
    struct sc_common *common;
    struct sc_timer retry;
    char *scratch;                       /* what those who are served have said */
    struct sc_buf spares[SC_ROUND_MOST]; /* lent for answers, so that who is idle needs none */
    size_t spare_count;
    int64_t crowded_since; /* since when too many descriptors wait to be closed */
};

/* Returns 0 or -ENOMEM; a round that is all zero may be ended. */
SC_MUST_CHECK int sc_round_init(struct sc_round *round, struct sc_common *common);
void sc_round_fini(struct sc_round *round);

/* Serves those who wait, until nobody does or the turn has lasted long enough. */
void sc_round_serve(struct sc_round *round);

#endif
