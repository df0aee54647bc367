/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_QUEUE_H
#define SC_SERVER_QUEUE_H

/*
 * Who waits to be served. Users take turns, one guest of each; a user's own
 * guests are served in the order in which they came. So however many guests
 * of one user speak at once, another's waits for one of them at most.
 *
 * Pure. A guest may be in it once, and must be removed before it goes.
 */

#include <stdbool.h>
#include <stddef.h>

#include "guests/crowd.h"

TAILQ_HEAD(sc_user_turns, sc_user);

struct sc_queue {
    struct sc_user_turns users; /* who have a guest that waits, the next first */
    size_t waiting;             /* guests */
};

void sc_queue_init(struct sc_queue *queue);

/* Guests that wait already are let be. */
void sc_queue_add(struct sc_queue *queue, struct sc_guest *guest);

/* Guests that do not wait are let be. */
void sc_queue_remove(struct sc_queue *queue, struct sc_guest *guest);

/* Takes out whose turn it is; null: nobody waits. */
struct sc_guest *sc_queue_take(struct sc_queue *queue);

#endif
