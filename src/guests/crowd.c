/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lines of who is idle and who is busy, and the users by how much they
 * have. Whom to let in, and whom to close, is the service's decision.
 */
#include "guests/crowd.h"

#include <assert.h>
#include <stdlib.h>

void sc_crowd_init(struct sc_crowd *crowd)
{
    *crowd = (struct sc_crowd){0};
    LIST_INIT(&crowd->users);
    TAILQ_INIT(&crowd->all);
    LIST_INIT(&crowd->cursors);
    TAILQ_INIT(&crowd->idle);
    TAILQ_INIT(&crowd->busy);
    sc_heap_init(&crowd->most);
    sc_heap_init(&crowd->most_bytes);
}

void sc_crowd_fini(struct sc_crowd *crowd)
{
    struct sc_user *user;

    assert(crowd->guests == 0);
    while ((user = LIST_FIRST(&crowd->users)))
        sc_crowd_forget_user(crowd, user);
    sc_heap_fini(&crowd->most);
    sc_heap_fini(&crowd->most_bytes);
}

struct sc_user *sc_crowd_find_user(const struct sc_crowd *crowd, int64_t id)
{
    struct sc_user *user;

    LIST_FOREACH (user, &crowd->users, link)
        if (user->id == id)
            break;
    return user;
}

struct sc_user *sc_crowd_get_user(struct sc_crowd *crowd, int64_t id)
{
    struct sc_user *user = sc_crowd_find_user(crowd, id);

    if (user)
        return user;
    if (sc_heap_reserve(&crowd->most, crowd->user_count + 1) < 0 ||
        sc_heap_reserve(&crowd->most_bytes, crowd->user_count + 1) < 0)
        return NULL;
    user = calloc(1, sizeof(*user));
    if (!user)
        return NULL;
    user->crowd = crowd;
    user->id = id;
    /* Among equals the order must not change: no two users have the same number. */
    user->most.serial = user->most_bytes.serial = (uint64_t)id;
    TAILQ_INIT(&user->idle);
    TAILQ_INIT(&user->busy);
    TAILQ_INIT(&user->ready);
    LIST_INIT(&user->unread_of);
    LIST_INSERT_HEAD(&crowd->users, user, link);
    sc_heap_push(&crowd->most, &user->most);
    sc_heap_push(&crowd->most_bytes, &user->most_bytes);
    crowd->user_count++;
    return user;
}

void sc_crowd_forget_user(struct sc_crowd *crowd, struct sc_user *user)
{
    struct sc_crowd_cursor *cursor;

    assert(user->guests == 0);
    LIST_FOREACH (cursor, &crowd->cursors, link)
        if (cursor->next_user == user)
            cursor->next_user = LIST_NEXT(user, link);
    LIST_REMOVE(user, link);
    sc_heap_remove(&crowd->most, &user->most);
    sc_heap_remove(&crowd->most_bytes, &user->most_bytes);
    crowd->user_count--;
    free(user);
}

/* The heaps have the smallest key first, so who has most has the most negative one. */
static void crowd_rank(struct sc_heap *heap, struct sc_heap_key *key, size_t number)
{
    key->expires = -(int64_t)number;
    sc_heap_update(heap, key);
}

static struct sc_guest_line *guest_crowd_line(const struct sc_guest *guest)
{
    return guest->busy ? &guest->user->crowd->busy : &guest->user->crowd->idle;
}

static struct sc_guest_line *guest_user_line(const struct sc_guest *guest)
{
    return guest->busy ? &guest->user->busy : &guest->user->idle;
}

static void guest_enter_lines(struct sc_guest *guest)
{
    TAILQ_INSERT_TAIL(guest_crowd_line(guest), guest, line);
    TAILQ_INSERT_TAIL(guest_user_line(guest), guest, user_line);
}

static void guest_leave_lines(struct sc_guest *guest)
{
    TAILQ_REMOVE(guest_crowd_line(guest), guest, line);
    TAILQ_REMOVE(guest_user_line(guest), guest, user_line);
}

void sc_guest_join(struct sc_guest *guest, struct sc_user *user, int64_t now)
{
    *guest = (struct sc_guest){.user = user, .since = now, .owner = -1};
    TAILQ_INSERT_TAIL(&user->crowd->all, guest, all);
    guest_enter_lines(guest);
    user->guests++;
    user->crowd->guests++;
    crowd_rank(&user->crowd->most, &user->most, user->guests);
}

void sc_guest_leave(struct sc_guest *guest)
{
    struct sc_user *user = guest->user;
    struct sc_crowd_cursor *cursor;

    LIST_FOREACH (cursor, &user->crowd->cursors, link)
        if (cursor->next_guest == guest)
            cursor->next_guest = TAILQ_NEXT(guest, all);
    TAILQ_REMOVE(&user->crowd->all, guest, all);
    sc_guest_set_bytes(guest, 0);
    guest_leave_lines(guest);
    user->guests--;
    user->crowd->guests--;
    crowd_rank(&user->crowd->most, &user->most, user->guests);
    guest->user = NULL;
}

void sc_guest_set_busy(struct sc_guest *guest, bool busy, int64_t now)
{
    guest_leave_lines(guest);
    guest->busy = busy;
    guest->since = now;
    guest_enter_lines(guest);
}

void sc_guest_set_bytes(struct sc_guest *guest, size_t bytes)
{
    struct sc_user *user = guest->user;

    if (guest->bytes == bytes)
        return;
    user->bytes += bytes - guest->bytes;
    user->crowd->bytes += bytes - guest->bytes;
    guest->bytes = bytes;
    crowd_rank(&user->crowd->most_bytes, &user->most_bytes, user->bytes);
}

void sc_crowd_cursor_init(struct sc_crowd_cursor *cursor, struct sc_crowd *crowd)
{
    cursor->next_guest = TAILQ_FIRST(&crowd->all);
    cursor->next_user = LIST_FIRST(&crowd->users);
    LIST_INSERT_HEAD(&crowd->cursors, cursor, link);
}

void sc_crowd_cursor_fini(struct sc_crowd_cursor *cursor)
{
    LIST_REMOVE(cursor, link);
}

struct sc_guest *sc_crowd_cursor_next_guest(struct sc_crowd_cursor *cursor)
{
    struct sc_guest *guest = cursor->next_guest;

    if (guest)
        cursor->next_guest = TAILQ_NEXT(guest, all);
    return guest;
}

struct sc_user *sc_crowd_cursor_next_user(struct sc_crowd_cursor *cursor)
{
    struct sc_user *user = cursor->next_user;

    if (user)
        cursor->next_user = LIST_NEXT(user, link);
    return user;
}

struct sc_user *sc_crowd_user_with_most(const struct sc_crowd *crowd, struct sc_user *newcomer)
{
    struct sc_heap_key *first = sc_heap_top(&crowd->most);
    struct sc_user *user = first ? SC_CONTAINER_OF(first, struct sc_user, most) : NULL;

    if (newcomer && newcomer->guests > 0 && (!user || newcomer->guests + 1 >= user->guests))
        return newcomer;
    return user;
}

struct sc_user *sc_crowd_user_with_most_bytes(const struct sc_crowd *crowd)
{
    struct sc_heap_key *first = sc_heap_top(&crowd->most_bytes);

    return first ? SC_CONTAINER_OF(first, struct sc_user, most_bytes) : NULL;
}
