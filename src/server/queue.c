/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which guests are served, user by user. How they are served is
 * not known here.
 */
#include "server/queue.h"

void sc_queue_init(struct sc_queue *queue)
{
    TAILQ_INIT(&queue->users);
    queue->waiting = 0;
}

void sc_queue_add(struct sc_queue *queue, struct sc_guest *guest)
{
    struct sc_user *user = guest->user;

    if (guest->waits)
        return;
    if (TAILQ_EMPTY(&user->ready))
        TAILQ_INSERT_TAIL(&queue->users, user, turn);
    TAILQ_INSERT_TAIL(&user->ready, guest, ready);
    guest->waits = true;
    queue->waiting++;
}

void sc_queue_remove(struct sc_queue *queue, struct sc_guest *guest)
{
    struct sc_user *user = guest->user;

    if (!guest->waits)
        return;
    TAILQ_REMOVE(&user->ready, guest, ready);
    if (TAILQ_EMPTY(&user->ready))
        TAILQ_REMOVE(&queue->users, user, turn);
    guest->waits = false;
    queue->waiting--;
}

struct sc_guest *sc_queue_take(struct sc_queue *queue)
{
    struct sc_user *user = TAILQ_FIRST(&queue->users);

    if (!user)
        return NULL;
    struct sc_guest *guest = TAILQ_FIRST(&user->ready);
    sc_queue_remove(queue, guest);
    if (!TAILQ_EMPTY(&user->ready) && TAILQ_NEXT(user, turn)) {
        TAILQ_REMOVE(&queue->users, user, turn);
        TAILQ_INSERT_TAIL(&queue->users, user, turn);
    }
    return guest;
}
