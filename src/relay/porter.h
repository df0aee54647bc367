/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_PORTER_H
#define SC_RELAY_PORTER_H

/*
 * The process that lets people in, and shows each the way to the worker that
 * serves his user. It reads not a byte of theirs and holds nothing of theirs
 * longer than it takes to pass a socket on; what one user does in his worker
 * it does not feel.
 *
 * Limits that all users share are kept here: at a limit the user who has most
 * gives one up, the newcomer counted.
 */

#include <stdbool.h>

#include "base/log.h"
#include "close/closer.h"
#include "loop/loop.h"
#include "relay/state.h"

struct sc_porter;

struct sc_porter_options {
    struct sc_loop *loop; /* borrowed, like the next two */
    struct sc_log *log;
    struct sc_closer *closer;
    int cradle;        /* taken over */
    uint64_t instance; /* random: no server before had it */
    struct sc_relay_settings settings;
    /* Whether a client whom the kernel says is @user may come in. */
    bool (*admit)(void *context, int client, int64_t user);
    void (*drained)(void *context); /* after drain: nobody is left */
    void *context;
};

/* Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_porter_new(struct sc_porter **porter, const struct sc_porter_options *options);
void sc_porter_free(struct sc_porter *porter);

/* Lets people in who come to a listening, non-blocking socket, which stays the caller's. */
SC_MUST_CHECK int sc_porter_listen(struct sc_porter *porter, int listener);

void sc_porter_configure(struct sc_porter *porter, const struct sc_relay_settings *settings);

/* Nobody is let in any more, and sessions end when they are quiet. */
void sc_porter_drain(struct sc_porter *porter);
bool sc_porter_is_drained(const struct sc_porter *porter);

/* All that was counted, and how many there are now. */
void sc_porter_count(const struct sc_porter *porter, struct sc_tally *tally,
                     struct sc_relay_counts *counts, size_t *users);

#endif
