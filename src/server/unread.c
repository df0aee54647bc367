/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counts descriptors that clients have not received, and says when one has
 * too many. It sends nothing, and ends no client.
 */
#include "server/unread.h"

#include <stdlib.h>

#include "io/pass.h"

void sc_unread_init(struct sc_unread *unread, struct sc_user *user, int fd)
{
    *unread = (struct sc_unread){.user = user, .fd = fd};
}

void sc_unread_note_sent(struct sc_unread *unread, struct sc_common *common)
{
    if (unread->count == 0)
        LIST_INSERT_HEAD(&unread->user->unread_of, unread, link);
    unread->count++;
    unread->user->unread++;
    common->unread++;
}

void sc_unread_note_received(struct sc_unread *unread, struct sc_common *common)
{
    if (unread->count == 0)
        return;
    LIST_REMOVE(unread, link);
    unread->user->unread -= unread->count;
    common->unread -= unread->count;
    unread->count = 0;
}

static bool unread_was_received(struct sc_unread *unread, struct sc_common *common)
{
    if (unread->count > 0 && sc_pass_has_unread(unread->fd))
        return false;
    sc_unread_note_received(unread, common);
    return true;
}

static size_t unread_share(const struct sc_unread *unread, const struct sc_common *common)
{
    return sc_budget_unread_share(&common->budget, common->unread - unread->user->unread);
}

/* Asks after all of a user's, since many may have been received by now. */
static void unread_recount(struct sc_user *user, struct sc_common *common)
{
    struct sc_unread *unread = LIST_FIRST(&user->unread_of);

    while (unread) {
        struct sc_unread *next = LIST_NEXT(unread, link);
        (void)unread_was_received(unread, common);
        unread = next;
    }
}

static bool unread_refuse(struct sc_unread *unread, struct sc_common *common)
{
    const struct sc_user *user = unread->user;

    sc_stats_count(&common->stats, SC_UNREAD_WAITS);
    sc_common_warn(common, SC_NOTICE_UNREAD,
                   "user %lld leaves %zu descriptors unread: further ones wait",
                   (long long)user->id, user->unread);
    return false;
}

bool sc_unread_may_send(struct sc_unread *unread, struct sc_common *common)
{
    struct sc_user *user = unread->user;

    if (user->unread < unread_share(unread, common) / 2)
        return true;
    if (!unread_was_received(unread, common))
        return unread_refuse(unread, common);
    if (user->unread < unread_share(unread, common))
        return true;
    int64_t now = sc_loop_now(common->loop);
    if (user->recounted != now)
        unread_recount(user, common);
    user->recounted = now;
    return user->unread < unread_share(unread, common) || unread_refuse(unread, common);
}

int sc_unread_leave(struct sc_unread *unread, struct sc_common *common)
{
    int fd = unread->fd;

    if (unread_was_received(unread, common))
        return fd;
    struct sc_unread *kept = malloc(sizeof(*kept));
    if (kept) {
        sc_unread_init(kept, unread->user, fd);
        LIST_INSERT_HEAD(&kept->user->unread_of, kept, link);
        TAILQ_INSERT_TAIL(&common->lingers, kept, lingering);
        kept->count = unread->count;
        LIST_REMOVE(unread, link);
        unread->count = 0;
        common->lingering++;
        return -1;
    }
    sc_unread_note_received(unread, common);
    return fd;
}

void sc_unread_sweep(struct sc_common *common, bool all)
{
    struct sc_unread *kept = TAILQ_FIRST(&common->lingers);

    while (kept) {
        struct sc_unread *next = TAILQ_NEXT(kept, lingering);
        if (all)
            sc_unread_note_received(kept, common);
        if (unread_was_received(kept, common)) {
            TAILQ_REMOVE(&common->lingers, kept, lingering);
            common->lingering--;
            sc_common_close_unknown(common, kept->fd, kept->user->id);
            free(kept);
        }
        kept = next;
    }
}
