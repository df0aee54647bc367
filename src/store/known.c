/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is remembered of connections that were delivered, by the cookies of
 * their sockets. It holds no descriptor, and does not judge age and use.
 */
#include "store/known.h"

#include "store/cursor.h"
#include "store/hash.h"
#include "store/space.h"

/* How many are remembered where nothing else limits their number. */
enum { KNOWN_MOST = 65536, KNOWN_FOR_EACH = 2 };

static bool known_is_wanted(const struct sc_store *store)
{
    const struct sc_store_limits *limits = &store->limits;

    return limits->lifetime_limit > 0 || limits->use_limit > 0 || limits->remember;
}

static size_t known_most(const struct sc_store *store)
{
    const struct sc_store_limits *limits = &store->limits;

    if (!known_is_wanted(store))
        return 0;
    if (limits->known > 0)
        return limits->known;
    return limits->session_limit > 0 ? KNOWN_FOR_EACH * limits->session_limit : KNOWN_MOST;
}

static struct sc_bytes known_label(const uint64_t *cookie)
{
    return (struct sc_bytes){(const char *)cookie, sizeof(*cookie)};
}

static size_t known_size(void)
{
    return SC_LABEL_START(struct sc_known) + sizeof(uint64_t);
}

struct sc_known *sc_known_find(const struct sc_store *store, uint64_t cookie)
{
    if (store->known.labels == 0)
        return NULL;
    struct sc_bytes label = known_label(&cookie);
    struct sc_label *found = sc_table_find(&store->known, sc_hash_label(store, label), label);
    return found ? SC_CONTAINER_OF(found, struct sc_known, label) : NULL;
}

/* Into the lines of all and of his, as the last to have gone out: both are in that order. */
static void known_enter(struct sc_known *known, struct sc_space *space)
{
    struct sc_store *store = space->store;

    known->space = space;
    TAILQ_INSERT_TAIL(&store->known_line, known, link);
    TAILQ_INSERT_TAIL(&space->known_line, known, link_of_space);
    store->sizes.known++;
    space->sizes.known++;
    if (sc_store_is_shared(store))
        sc_space_share_known(space);
}

static void known_leave(struct sc_known *known)
{
    struct sc_space *space = known->space;
    struct sc_store *store = space->store;

    sc_cursor_leave_known(store, known);
    TAILQ_REMOVE(&store->known_line, known, link);
    TAILQ_REMOVE(&space->known_line, known, link_of_space);
    store->sizes.known--;
    space->sizes.known--;
    if (sc_store_is_shared(store))
        sc_space_share_known(space);
}

static struct sc_known *known_new(struct sc_store *store, uint64_t cookie)
{
    struct sc_known *known = sc_pool_alloc(&store->pool, known_size());
    struct sc_bytes label = known_label(&cookie);

    if (!known)
        return NULL;
    sc_label_init(&known->label, sc_hash_label(store, label), label);
    if (sc_table_add(&store->known, &known->label) < 0) {
        sc_pool_free(&store->pool, known, known_size());
        return NULL;
    }
    return known;
}

void sc_known_forget(struct sc_known *known)
{
    struct sc_store *store = known->space->store;

    known_leave(known);
    sc_table_remove(&store->known, &known->label);
    sc_pool_free(&store->pool, known, known_size());
}

/* The first of a user's line went out the longest ago. False: he has no share left. */
static bool known_make_room(struct sc_space *newcomer)
{
    struct sc_store *store = newcomer->store;

    if (store->sizes.known < known_most(store))
        return true;
    struct sc_space *victim = sc_space_victim(store, SC_SHARE_KNOWN, newcomer, 1);
    if (!victim)
        return false;
    sc_known_forget(TAILQ_FIRST(&victim->known_line));
    return true;
}

void sc_known_add(struct sc_space *space, int64_t now, uint64_t cookie, int64_t since,
                  uint32_t uses)
{
    struct sc_store *store = space->store;

    if (cookie == 0 || !known_is_wanted(store))
        return;
    struct sc_known *known = sc_known_find(store, cookie);
    if (known) {
        /* It was saved twice: the longer story holds for both. */
        since = known->since < since ? known->since : since;
        uses = known->uses > uses ? known->uses : uses;
        known_leave(known);
    } else {
        if (!known_make_room(space))
            return;
        known = known_new(store, cookie);
        if (!known)
            return;
    }
    known->out = now;
    known->since = since;
    known->uses = uses;
    known_enter(known, space);
    sc_store_expect(store, sc_known_next_expiry(store));
}

int64_t sc_known_next_expiry(const struct sc_store *store)
{
    const struct sc_known *first = TAILQ_FIRST(&store->known_line);

    if (!first || store->limits.lifetime_limit == 0)
        return INT64_MAX;
    return sc_time_add(first->out, store->limits.lifetime_limit);
}

bool sc_known_expire(struct sc_store *store, size_t steps)
{
    while (sc_known_next_expiry(store) <= store->now) {
        if (steps-- == 0)
            return true;
        sc_known_forget(TAILQ_FIRST(&store->known_line));
    }
    return false;
}

bool sc_known_settle(struct sc_store *store, size_t steps)
{
    while (store->sizes.known > known_most(store)) {
        if (steps-- == 0)
            return true;
        struct sc_space *victim = sc_space_richest(store, SC_SHARE_KNOWN);
        sc_known_forget(TAILQ_FIRST(&victim->known_line));
    }
    return false;
}

void sc_store_remember(struct sc_space *space, int64_t now, uint64_t cookie, int64_t known_for,
                       uint32_t uses)
{
    sc_store_see_time(space->store, now);
    sc_known_add(space, now, cookie, now - (known_for > 0 ? known_for : 0), uses);
}

uint64_t sc_known_cookie(const struct sc_known *known)
{
    uint64_t cookie;

    memcpy(&cookie, sc_label_start(&known->label), sizeof(cookie));
    return cookie;
}

struct sc_space *sc_known_space(const struct sc_known *known)
{
    return known->space;
}

int64_t sc_known_for(const struct sc_known *known, int64_t now)
{
    return now - known->since;
}

uint32_t sc_known_uses(const struct sc_known *known)
{
    return known->uses;
}
