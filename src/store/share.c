/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who has most, and so must give. What it is that they have, and who they
 * are, is not known here; nor does anything leave by this file.
 */
#include "store/share.h"

void sc_share_init(struct sc_share *share)
{
    sc_heap_init(&share->givers);
    sc_heap_init(&share->keepers);
}

void sc_share_fini(struct sc_share *share)
{
    sc_heap_fini(&share->givers);
    sc_heap_fini(&share->keepers);
}

int sc_share_reserve(struct sc_share *share, size_t members)
{
    int error = sc_heap_reserve(&share->givers, members);

    return error < 0 ? error : sc_heap_reserve(&share->keepers, members);
}

void sc_member_init(struct sc_member *member, uint64_t rank)
{
    *member = (struct sc_member){.key = {.serial = rank}};
}

void sc_share_set(struct sc_share *share, struct sc_member *member, size_t total, bool can_go)
{
    struct sc_heap *wanted = can_go ? &share->givers : total > 0 ? &share->keepers : NULL;
    int64_t key = -(int64_t)total;

    if (member->in == wanted) {
        if (member->key.expires == key)
            return;
        member->key.expires = key;
        sc_heap_update(wanted, &member->key);
        return;
    }
    if (member->in)
        sc_heap_remove(member->in, &member->key);
    member->key.expires = key;
    member->in = wanted;
    if (wanted)
        sc_heap_push(wanted, &member->key);
}

static struct sc_member *share_top(const struct sc_heap *heap)
{
    struct sc_heap_key *key = sc_heap_top(heap);

    return key ? SC_CONTAINER_OF(key, struct sc_member, key) : NULL;
}

struct sc_member *sc_share_first(const struct sc_share *share)
{
    return share_top(&share->givers);
}

struct sc_member *sc_share_victim(const struct sc_share *share, struct sc_member *newcomer,
                                  size_t amount)
{
    struct sc_member *giver = share_top(&share->givers);
    const struct sc_member *keeper = share_top(&share->keepers);

    if (!newcomer || !giver || giver == newcomer)
        return giver;
    size_t wanted = sc_member_total(newcomer) + amount;
    if (sc_member_total(giver) > wanted)
        return giver;
    if (newcomer->in == &share->givers)
        return newcomer;
    /* Somebody has more and cannot give: that is no reason to refuse the newcomer. */
    return keeper && sc_member_total(keeper) > wanted ? giver : NULL;
}
