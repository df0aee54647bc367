/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One relayed session: what is done when one of its two sides is ready, and
 * when it ends. It knows neither sockets nor TLS.
 */
#include "session/tunnel.h"

#include <assert.h>

#include "session/deadline.h"

enum {
    LATER_MS = 1,   /* until something is tried again that no event tells of */
    LOOK_MS = 1000, /* how often it is seen whether a caller who is not heard is still there */
};

void sc_tunnel_init(struct sc_tunnel *tunnel, struct sc_engine *engine,
                    const struct sc_tunnel_limits *limits, int64_t handshake, int64_t now)
{
    *tunnel = (struct sc_tunnel){
        .engine = engine,
        .limits = limits,
        .phase = SC_TUNNEL_HANDSHAKE,
        .handshake_limit = handshake,
        .progress_at = now,
        .drain_from = INT64_MAX,
    };
    sc_half_init(&tunnel->up);
    sc_half_init(&tunnel->down);
    tunnel->down.again = true;
}

void sc_tunnel_fini(struct sc_tunnel *tunnel)
{
    sc_half_fini(&tunnel->up);
    sc_half_fini(&tunnel->down);
}

static void tunnel_note_cause(struct sc_tunnel *tunnel, enum sc_tunnel_cause cause)
{
    if (tunnel->cause == SC_TUNNEL_CAUSE_NONE)
        tunnel->cause = cause;
}

static void tunnel_finish(struct sc_tunnel *tunnel, enum sc_tunnel_cause cause)
{
    tunnel_note_cause(tunnel, cause);
    sc_half_shut(&tunnel->up);
    sc_half_shut(&tunnel->down);
    tunnel->plain = NULL;
    tunnel->phase = SC_TUNNEL_GONE;
}

static void tunnel_note_progress(struct sc_tunnel *tunnel, int64_t now)
{
    tunnel->progress_at = now;
    tunnel->rests = false;
}

/* Nobody takes what comes down; what comes up is another matter. */
static void tunnel_drop_down(struct sc_tunnel *tunnel)
{
    tunnel->drops = true;
    if (sc_half_has_waiting(&tunnel->down))
        tunnel->is_clean = false;
    sc_half_drop_waiting(&tunnel->down);
    sc_half_wake(&tunnel->down);
}

/* Nothing can be said to the far end any more; what it has said may still be there. */
static void tunnel_lose_far(struct sc_tunnel *tunnel, enum sc_tunnel_cause cause)
{
    tunnel_note_cause(tunnel, cause);
    sc_half_shut(&tunnel->up);
    tunnel->is_lost = true;
}

/* What was taken and cannot be passed on now is kept. */
static void tunnel_keep(struct sc_tunnel *tunnel, struct sc_half *half, struct sc_bytes rest)
{
    if (sc_buf_append(&half->waiting, rest) == 0)
        return;
    /* Bytes would be missing, and neither side would know. */
    tunnel->is_clean = false;
    tunnel_finish(tunnel, SC_TUNNEL_CAUSE_MEMORY);
}

/* Passes bytes up. Returns how many were taken; if not all, what is waited for is noted. */
static size_t tunnel_push(struct sc_tunnel *tunnel, struct sc_bytes bytes, int64_t now)
{
    size_t done = 0;

    while (done < bytes.length) {
        struct sc_bytes rest = {bytes.data + done, bytes.length - done};
        size_t length = 0;
        enum sc_engine_result result = tunnel->engine->verbs->write(tunnel->engine, rest, &length);
        if (result == SC_ENGINE_DONE) {
            assert(length > 0 && length <= rest.length);
            done += length;
            tunnel_note_progress(tunnel, now);
            continue;
        }
        if (sc_engine_must_wait(result)) {
            sc_half_wait_for_engine(&tunnel->up, result);
        } else {
            tunnel_lose_far(tunnel, SC_TUNNEL_CAUSE_FAILED);
            sc_half_wake(&tunnel->down);
        }
        break;
    }
    return done;
}

/* The caller has gone: all that it wrote has been taken. */
static void tunnel_lose_caller(struct sc_tunnel *tunnel)
{
    tunnel_note_cause(tunnel, SC_TUNNEL_CAUSE_CALLER);
    tunnel_drop_down(tunnel);
    tunnel->plain = NULL;
}

static void tunnel_take_up(struct sc_tunnel *tunnel, int64_t now, char *scratch)
{
    struct sc_half *up = &tunnel->up;
    size_t length = 0;

    switch (tunnel->plain->verbs->receive(tunnel->plain, scratch, SC_TUNNEL_UP_MAX, &length)) {
    case SC_PLAIN_DONE:
        up->waits = SC_TUNNEL_PLAIN_READ;
        up->bytes += length;
        up->spoke_at = now;
        tunnel->far_was_last = false;
        size_t done = tunnel_push(tunnel, (struct sc_bytes){scratch, length}, now);
        if (done < length && up->state == SC_HALF_OPEN)
            tunnel_keep(tunnel, up, (struct sc_bytes){scratch + done, length - done});
        break;
    case SC_PLAIN_WAIT:
        up->waits = SC_TUNNEL_PLAIN_READ;
        break;
    case SC_PLAIN_LATER:
        up->later = true;
        break;
    case SC_PLAIN_ENDED:
        up->state = SC_HALF_DRAINING;
        tunnel_note_progress(tunnel, now);
        break;
    case SC_PLAIN_GONE:
        up->state = SC_HALF_DRAINING;
        tunnel_note_progress(tunnel, now);
        tunnel_lose_caller(tunnel);
        break;
    }
}

static void tunnel_say_farewell(struct sc_tunnel *tunnel, int64_t now)
{
    enum sc_engine_result result = tunnel->engine->verbs->farewell(tunnel->engine);

    if (sc_engine_must_wait(result)) {
        sc_half_wait_for_engine(&tunnel->up, result);
        return;
    }
    sc_half_shut(&tunnel->up);
    tunnel_note_progress(tunnel, now);
}

static void tunnel_go_up(struct sc_tunnel *tunnel, int64_t now, char *scratch)
{
    struct sc_half *up = &tunnel->up;

    sc_half_begin(up);
    if (sc_half_has_waiting(up)) {
        size_t done = tunnel_push(tunnel, sc_buf_bytes(&up->waiting), now);
        if (up->state == SC_HALF_SHUT)
            return; /* The far end was lost, and what waited with it. */
        sc_buf_consume(&up->waiting, done);
        if (sc_half_has_waiting(up))
            return;
        sc_half_drop_waiting(up);
    }
    if (up->state == SC_HALF_OPEN)
        tunnel_take_up(tunnel, now, scratch);
    if (up->state == SC_HALF_DRAINING && !sc_half_has_waiting(up))
        tunnel_say_farewell(tunnel, now);
}

/* Passes bytes down. Returns how many are done with; if not all, what is waited for is noted. */
static size_t tunnel_deliver(struct sc_tunnel *tunnel, struct sc_bytes bytes, int64_t now)
{
    size_t done = 0;

    while (done < bytes.length && !tunnel->drops) {
        struct sc_bytes rest = {bytes.data + done, bytes.length - done};
        size_t length = 0;
        enum sc_plain_result result = tunnel->plain->verbs->send(tunnel->plain, rest, &length);
        if (result == SC_PLAIN_WAIT || result == SC_PLAIN_LATER) {
            tunnel->down.waits = result == SC_PLAIN_WAIT ? SC_TUNNEL_PLAIN_WRITE : 0;
            tunnel->down.later = result == SC_PLAIN_LATER;
            return done;
        }
        if (result != SC_PLAIN_DONE) {
            tunnel->is_clean = false;
            tunnel->drops = true;
            break;
        }
        assert(length > 0 && length <= rest.length);
        done += length;
        tunnel_note_progress(tunnel, now);
    }
    return bytes.length;
}

/* What the engine has said last; bytes that came before are taken care of. */
static void tunnel_heed(struct sc_tunnel *tunnel, enum sc_engine_result result, int64_t now)
{
    struct sc_half *down = &tunnel->down;

    if (result == SC_ENGINE_DONE) {
        down->again = true;
    } else if (result == SC_ENGINE_CLOSED) {
        tunnel_note_cause(tunnel, SC_TUNNEL_CAUSE_FAR);
        tunnel->is_clean = !tunnel->drops;
        down->state = SC_HALF_DRAINING;
        tunnel_note_progress(tunnel, now);
    } else if (!sc_engine_must_wait(result)) {
        tunnel_lose_far(tunnel, result == SC_ENGINE_TRUNCATED ? SC_TUNNEL_CAUSE_TRUNCATED
                                                              : SC_TUNNEL_CAUSE_FAILED);
        down->state = SC_HALF_DRAINING;
    } else {
        sc_half_wait_for_engine(down, result);
        /* From whom nothing more can be had but this, that was it. */
        if (tunnel->is_lost && !down->again && !down->later)
            down->state = SC_HALF_DRAINING;
    }
}

static void tunnel_take_down(struct sc_tunnel *tunnel, int64_t now, char *scratch)
{
    struct sc_half *down = &tunnel->down;
    enum sc_engine_result result = SC_ENGINE_DONE;
    size_t filled = 0;

    while (filled < SC_TUNNEL_DOWN_MAX && result == SC_ENGINE_DONE) {
        size_t length = 0;
        result = tunnel->engine->verbs->read(tunnel->engine, scratch + filled,
                                             SC_TUNNEL_DOWN_MAX - filled, &length);
        if (result == SC_ENGINE_DONE)
            filled += length;
    }
    if (filled > 0) {
        down->bytes += filled;
        down->spoke_at = now;
        tunnel->far_was_last = true;
        if (!tunnel->drops)
            tunnel_note_progress(tunnel, now);
    }
    size_t done = tunnel_deliver(tunnel, (struct sc_bytes){scratch, filled}, now);
    bool is_blocked = done < filled;
    int waits = down->waits;
    bool later = down->later;
    tunnel_heed(tunnel, result, now);
    if (!is_blocked)
        return;
    /* Nothing more is taken until this has been. */
    tunnel->down.waits = waits;
    tunnel->down.later = later;
    tunnel->down.again = false;
    tunnel_keep(tunnel, down, (struct sc_bytes){scratch + done, filled - done});
}

static void tunnel_go_down(struct sc_tunnel *tunnel, int64_t now, char *scratch)
{
    struct sc_half *down = &tunnel->down;

    sc_half_begin(down);
    if (sc_half_has_waiting(down)) {
        sc_buf_consume(&down->waiting, tunnel_deliver(tunnel, sc_buf_bytes(&down->waiting), now));
        if (sc_half_has_waiting(down))
            return;
        sc_half_drop_waiting(down);
    }
    if (down->state == SC_HALF_OPEN)
        tunnel_take_down(tunnel, now, scratch);
    if (down->state != SC_HALF_DRAINING || sc_half_has_waiting(down))
        return;
    if (tunnel->plain)
        tunnel->plain->verbs->end(tunnel->plain);
    sc_half_shut(down);
}

/* Whether nobody would see it if the caller left: nothing of its end is waited for just now. */
static bool tunnel_must_look(const struct sc_tunnel *tunnel)
{
    return tunnel->plain && !tunnel->drops && (tunnel->down.waits & SC_TUNNEL_PLAIN_WRITE) == 0 &&
           (tunnel->up.state == SC_HALF_SHUT || sc_half_has_waiting(&tunnel->up));
}

/* What the caller wrote before it left is still to be taken. */
static void tunnel_look_for_caller(struct sc_tunnel *tunnel)
{
    if (tunnel_must_look(tunnel) && tunnel->plain->verbs->is_gone(tunnel->plain))
        tunnel_drop_down(tunnel);
    if (tunnel->plain && tunnel->drops && tunnel->up.state == SC_HALF_SHUT)
        tunnel_lose_caller(tunnel);
}

static void tunnel_start_lingering(struct sc_tunnel *tunnel, int64_t now)
{
    tunnel->phase = SC_TUNNEL_LINGER;
    sc_half_shut(&tunnel->down);
    tunnel->down.again = true;
    tunnel_note_progress(tunnel, now);
}

/* Nothing is left to pass on, one way or the other. */
static void tunnel_conclude(struct sc_tunnel *tunnel, int64_t now)
{
    if (tunnel->phase != SC_TUNNEL_OPEN)
        return;
    tunnel_look_for_caller(tunnel);
    if (tunnel->up.state != SC_HALF_SHUT)
        return;
    if (tunnel->down.state == SC_HALF_SHUT || (tunnel->is_lost && !tunnel->plain))
        tunnel_finish(tunnel, SC_TUNNEL_CAUSE_FAR);
    else if (!tunnel->plain)
        tunnel_start_lingering(tunnel, now);
}

static void tunnel_go_both(struct sc_tunnel *tunnel, int ready, int64_t now, char *scratch)
{
    if (tunnel->up.state != SC_HALF_SHUT && sc_half_is_due(&tunnel->up, ready))
        tunnel_go_up(tunnel, now, scratch);
    if (tunnel->phase == SC_TUNNEL_OPEN && tunnel->down.state != SC_HALF_SHUT &&
        sc_half_is_due(&tunnel->down, ready))
        tunnel_go_down(tunnel, now, scratch);
    tunnel_conclude(tunnel, now);
}

static void tunnel_shake_hands(struct sc_tunnel *tunnel, int64_t now)
{
    bool moved = false;
    enum sc_engine_result result = tunnel->engine->verbs->handshake(tunnel->engine, &moved);

    if (moved)
        tunnel_note_progress(tunnel, now);
    if (result == SC_ENGINE_DONE) {
        sc_half_begin(&tunnel->down);
        tunnel->phase = SC_TUNNEL_READY;
        tunnel->opened_at = now;
        tunnel_note_progress(tunnel, now);
    } else if (sc_engine_must_wait(result)) {
        sc_half_wait_for_engine(&tunnel->down, result);
    } else {
        tunnel_finish(tunnel, SC_TUNNEL_CAUSE_FAILED);
    }
}

static void tunnel_linger(struct sc_tunnel *tunnel, char *scratch)
{
    enum sc_engine_result result =
        tunnel->engine->verbs->discard(tunnel->engine, scratch, SC_TUNNEL_DOWN_MAX);

    if (result == SC_ENGINE_DONE)
        result = SC_ENGINE_WANT_READ; /* It tells of what is left. */
    if (sc_engine_must_wait(result))
        sc_half_wait_for_engine(&tunnel->down, result);
    else
        tunnel_finish(tunnel, SC_TUNNEL_CAUSE_CALLER);
}

/* It was to end at a quiet moment: is this one, or has that been waited for long enough? */
static void tunnel_end_quietly(struct sc_tunnel *tunnel, int64_t now, char *scratch)
{
    /* Words may just have come that nobody has looked at yet. */
    tunnel_go_both(tunnel, SC_TUNNEL_ALL, now, scratch);
    if (sc_deadline_passed(tunnel, now) == SC_DEADLINE_DRAIN)
        sc_tunnel_dismiss(tunnel, tunnel->drain_cause, now);
}

static void tunnel_heed_clock(struct sc_tunnel *tunnel, int64_t now, char *scratch)
{
    switch (sc_deadline_passed(tunnel, now)) {
    case SC_DEADLINE_HANDSHAKE:
        tunnel_finish(tunnel, SC_TUNNEL_CAUSE_HANDSHAKE_TIME);
        break;
    case SC_DEADLINE_LINGER:
        tunnel_finish(tunnel, SC_TUNNEL_CAUSE_CALLER);
        break;
    case SC_DEADLINE_CLOSE:
        if (sc_half_has_waiting(&tunnel->down))
            tunnel->is_clean = false;
        tunnel->cause = SC_TUNNEL_CAUSE_CLOSE_TIME;
        tunnel_finish(tunnel, SC_TUNNEL_CAUSE_CLOSE_TIME);
        break;
    case SC_DEADLINE_LIFE:
        tunnel->drain_from = tunnel->opened_at + tunnel->limits->lifetime_limit;
        tunnel->drain_cause = SC_TUNNEL_CAUSE_LIFETIME;
        break;
    case SC_DEADLINE_DRAIN:
        tunnel_end_quietly(tunnel, now, scratch);
        break;
    case SC_DEADLINE_IDLE:
        sc_tunnel_dismiss(tunnel, SC_TUNNEL_CAUSE_IDLE, now);
        break;
    case SC_DEADLINE_REST:
        tunnel->engine->verbs->rest(tunnel->engine);
        tunnel->rests = true;
        break;
    case SC_DEADLINE_NONE:
        break;
    }
}

enum sc_tunnel_phase sc_tunnel_turn(struct sc_tunnel *tunnel, int ready, int64_t now, char *scratch)
{
    tunnel->engine->verbs->begin(tunnel->engine);
    if (tunnel->phase == SC_TUNNEL_HANDSHAKE && sc_half_is_due(&tunnel->down, ready))
        tunnel_shake_hands(tunnel, now);
    else if (tunnel->phase == SC_TUNNEL_OPEN)
        tunnel_go_both(tunnel, ready, now, scratch);
    else if (tunnel->phase == SC_TUNNEL_LINGER && sc_half_is_due(&tunnel->down, ready))
        tunnel_linger(tunnel, scratch);
    tunnel_heed_clock(tunnel, now, scratch);
    return tunnel->phase;
}

void sc_tunnel_open(struct sc_tunnel *tunnel, struct sc_plain *plain, int64_t now)
{
    assert(tunnel->phase == SC_TUNNEL_READY);
    tunnel->plain = plain;
    tunnel->phase = SC_TUNNEL_OPEN;
    tunnel_note_progress(tunnel, now);
    tunnel->up.waits = SC_TUNNEL_PLAIN_READ;
    tunnel->down.again = true;
}

int sc_tunnel_wants(const struct sc_tunnel *tunnel)
{
    return tunnel->phase == SC_TUNNEL_GONE ? 0 : tunnel->up.waits | tunnel->down.waits;
}

int64_t sc_tunnel_due(const struct sc_tunnel *tunnel, int64_t now)
{
    int64_t due = sc_deadline_next(tunnel);

    if (tunnel->up.again || tunnel->down.again)
        return now;
    if ((tunnel->up.later || tunnel->down.later) && due > now + LATER_MS)
        due = now + LATER_MS;
    if (tunnel->phase == SC_TUNNEL_OPEN && tunnel_must_look(tunnel) && due > now + LOOK_MS)
        due = now + LOOK_MS;
    return due;
}

void sc_tunnel_drain(struct sc_tunnel *tunnel, int64_t now)
{
    if (tunnel->drain_from <= now)
        return;
    tunnel->drain_from = now;
    tunnel->drain_cause = SC_TUNNEL_CAUSE_STOPPED;
}

void sc_tunnel_dismiss(struct sc_tunnel *tunnel, enum sc_tunnel_cause cause, int64_t now)
{
    if (tunnel->phase == SC_TUNNEL_HANDSHAKE || tunnel->phase == SC_TUNNEL_READY)
        tunnel_finish(tunnel, cause);
    if (tunnel->phase != SC_TUNNEL_OPEN || !tunnel->plain)
        return;
    tunnel_note_cause(tunnel, cause);
    tunnel_drop_down(tunnel);
    tunnel->plain = NULL;
    if (tunnel->up.state == SC_HALF_OPEN)
        tunnel->up.state = SC_HALF_DRAINING;
    sc_half_wake(&tunnel->up);
    tunnel_note_progress(tunnel, now);
}

bool sc_tunnel_has_let_go(const struct sc_tunnel *tunnel)
{
    return !tunnel->plain;
}

enum sc_tls_end sc_tunnel_end(const struct sc_tunnel *tunnel)
{
    if (tunnel->is_clean)
        return SC_TLS_END_CLEAN;
    if (tunnel->cause == SC_TUNNEL_CAUSE_NONE)
        return SC_TLS_END_OPEN;
    return tunnel->cause == SC_TUNNEL_CAUSE_TRUNCATED ? SC_TLS_END_TRUNCATED : SC_TLS_END_ERROR;
}

size_t sc_tunnel_under_way(const struct sc_tunnel *tunnel)
{
    return sc_buf_length(&tunnel->up.waiting) + sc_buf_length(&tunnel->down.waiting);
}
