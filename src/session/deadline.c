/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits of time of a tunnel. All but its life count from the last progress,
 * so that what is slow is no worse than what is fast.
 */
#include "session/deadline.h"

enum {
    QUIET_MS = 100, /* a pause this long behind the far end's last word is a quiet moment */
    REST_MS = 1000, /* idle this long: memory is given back */
};

static int64_t deadline_earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

static int64_t deadline_of_handshake(const struct sc_tunnel *tunnel)
{
    int64_t limit = tunnel->limits->handshake_time_limit;

    if (tunnel->handshake_limit > 0)
        limit = deadline_earlier(limit, tunnel->handshake_limit);
    return tunnel->progress_at + limit;
}

static int64_t deadline_of_closing(const struct sc_tunnel *tunnel)
{
    bool closing = tunnel->phase == SC_TUNNEL_LINGER || tunnel->drops ||
                   tunnel->up.state == SC_HALF_DRAINING || tunnel->down.state == SC_HALF_DRAINING;

    return closing ? tunnel->progress_at + tunnel->limits->close_time_limit : INT64_MAX;
}

static int64_t deadline_of_idleness(const struct sc_tunnel *tunnel)
{
    return tunnel->plain ? tunnel->progress_at + tunnel->limits->idle_limit : INT64_MAX;
}

/* From when on a quiet moment is to be waited for. */
static int64_t deadline_of_life(const struct sc_tunnel *tunnel)
{
    if (!tunnel->plain || tunnel->drain_from != INT64_MAX)
        return INT64_MAX;
    return tunnel->opened_at + tunnel->limits->lifetime_limit;
}

static int64_t deadline_of_rest(const struct sc_tunnel *tunnel)
{
    return tunnel->rests ? INT64_MAX : tunnel->progress_at + REST_MS;
}

static int64_t deadline_spoke_at(const struct sc_tunnel *tunnel)
{
    return tunnel->up.spoke_at > tunnel->down.spoke_at ? tunnel->up.spoke_at
                                                       : tunnel->down.spoke_at;
}

/* Whether a pause is all that is missing to a quiet moment. */
static bool deadline_may_be_quiet(const struct sc_tunnel *tunnel)
{
    return !sc_half_has_waiting(&tunnel->up) && !sc_half_has_waiting(&tunnel->down) &&
           !tunnel->engine->verbs->is_amid(tunnel->engine) &&
           (tunnel->far_was_last || deadline_spoke_at(tunnel) < 0);
}

bool sc_deadline_is_quiet(const struct sc_tunnel *tunnel, int64_t now)
{
    int64_t spoke_at = deadline_spoke_at(tunnel);

    return tunnel->phase == SC_TUNNEL_OPEN && deadline_may_be_quiet(tunnel) &&
           (spoke_at < 0 || now - spoke_at >= QUIET_MS);
}

/* When the waiting for a quiet moment ends, with or without one. */
static int64_t deadline_of_draining(const struct sc_tunnel *tunnel)
{
    int64_t from = tunnel->drain_from;

    if (!tunnel->plain || from == INT64_MAX)
        return INT64_MAX;
    int64_t last = from + tunnel->limits->drain_time;
    if (!deadline_may_be_quiet(tunnel))
        return last;
    int64_t spoke_at = deadline_spoke_at(tunnel);
    int64_t quiet = spoke_at < 0 ? from : spoke_at + QUIET_MS;
    return deadline_earlier(last, quiet > from ? quiet : from);
}

enum sc_deadline sc_deadline_passed(const struct sc_tunnel *tunnel, int64_t now)
{
    if (tunnel->phase == SC_TUNNEL_HANDSHAKE)
        return now >= deadline_of_handshake(tunnel) ? SC_DEADLINE_HANDSHAKE : SC_DEADLINE_NONE;
    if (tunnel->phase == SC_TUNNEL_LINGER)
        return now >= deadline_of_closing(tunnel) ? SC_DEADLINE_LINGER : SC_DEADLINE_NONE;
    if (tunnel->phase != SC_TUNNEL_OPEN)
        return SC_DEADLINE_NONE;
    if (now >= deadline_of_closing(tunnel))
        return SC_DEADLINE_CLOSE;
    if (now >= deadline_of_life(tunnel))
        return SC_DEADLINE_LIFE;
    if (now >= deadline_of_draining(tunnel))
        return SC_DEADLINE_DRAIN;
    if (now >= deadline_of_idleness(tunnel))
        return SC_DEADLINE_IDLE;
    return now >= deadline_of_rest(tunnel) ? SC_DEADLINE_REST : SC_DEADLINE_NONE;
}

int64_t sc_deadline_next(const struct sc_tunnel *tunnel)
{
    int64_t next;

    switch (tunnel->phase) {
    case SC_TUNNEL_HANDSHAKE:
        return deadline_of_handshake(tunnel);
    case SC_TUNNEL_LINGER:
        return deadline_of_closing(tunnel);
    case SC_TUNNEL_OPEN:
        next = deadline_earlier(deadline_of_closing(tunnel), deadline_of_life(tunnel));
        next = deadline_earlier(next, deadline_of_draining(tunnel));
        next = deadline_earlier(next, deadline_of_idleness(tunnel));
        return deadline_earlier(next, deadline_of_rest(tunnel));
    case SC_TUNNEL_READY:
    case SC_TUNNEL_GONE:
        break;
    }
    return INT64_MAX;
}
