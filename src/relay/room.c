/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits of a relay, and who makes room at them. How much the user may have
 * beside others is decided elsewhere, and told by the allowance.
 */
#include "relay/room.h"

#include "session/deadline.h"

enum {
    QUIET_MS = 1000, /* what was in use a moment ago is about to be used again */
    ENDING = 16,     /* sessions that may be ending beyond the limit, and an eighth of it */
    UNREAD_MAX = 64, /* descriptors given and not taken; the kernel counts them for all users */
};

/* Idle ones only need no room of their own in the end, but meanwhile they have descriptors. */
static size_t room_most(const struct sc_relay *relay)
{
    size_t most = relay->options.most_sessions;
    size_t limit = relay->options.settings.user_session_limit;

    return limit > 0 && limit < most ? limit : most;
}

static bool room_can_go(const struct sc_relay *relay, const struct sc_relayed *relayed)
{
    int64_t now = sc_relay_now(relay);

    return relayed->counted && relayed->given && relayed->tunnel.progress_at + QUIET_MS <= now &&
           sc_deadline_is_quiet(&relayed->tunnel, now);
}

bool sc_room_yield_session(struct sc_relay *relay)
{
    struct sc_relayed *relayed, *longest = NULL;

    TAILQ_FOREACH (relayed, &relay->sessions, link)
        if (room_can_go(relay, relayed) &&
            (!longest || relayed->tunnel.progress_at < longest->tunnel.progress_at))
            longest = relayed;
    if (!longest)
        return false;
    longest->counted = false;
    relay->counts.sessions--;
    sc_relayed_dismiss(longest, SC_TUNNEL_CAUSE_LIMIT);
    return true;
}

/* Given descriptors that lie unread are looked for only when there may be too many. */
static bool room_has_too_many_unread(const struct sc_relay *relay)
{
    const struct sc_asker *asker;
    size_t unread = 0;

    if (relay->counts.askers < UNREAD_MAX)
        return false;
    TAILQ_FOREACH (asker, &relay->askers, link)
        unread += sc_asker_has_unread(asker);
    return unread >= UNREAD_MAX;
}

bool sc_room_for_session(struct sc_relay *relay, const struct sc_asker *asker)
{
    size_t most = room_most(relay);

    if (relay->total >= most + most / 8 + ENDING || sc_asker_has_unread(asker) ||
        room_has_too_many_unread(relay))
        return false;
    if (relay->counts.sessions < most && relay->allowance.sessions)
        return true;
    return sc_room_yield_session(relay);
}

bool sc_room_yield_asker(struct sc_relay *relay)
{
    struct sc_asker *asker, *longest = NULL;

    TAILQ_FOREACH (asker, &relay->askers, link)
        if (sc_asker_is_idle(asker) && !sc_asker_has_unread(asker) &&
            (!longest || asker->since < longest->since))
            longest = asker;
    if (longest)
        longest->calls->left(longest);
    return longest != NULL;
}

bool sc_room_for_asker(struct sc_relay *relay)
{
    if (relay->counts.askers < relay->options.settings.client_limit && relay->allowance.askers)
        return true;
    return sc_room_yield_asker(relay);
}
