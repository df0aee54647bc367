/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A far end and a caller without sockets and without TLS, for tests of the
 * tunnel between them. It decides nothing about what a test does with them.
 */
#include "support/check.h"

#include "support/relayed.h"

#include <stdlib.h>
#include <string.h>

enum { SETTLED_BY = 100000, FOR_EVER = 1000 * 1000 * 1000 };

const struct sc_tunnel_limits relayed_usual = {
    .handshake_time_limit = 30 * 1000,
    .idle_limit = 3600 * 1000,
    .lifetime_limit = 3600 * 1000,
    .close_time_limit = 10 * 1000,
    .drain_time = 5 * 1000,
};

char relayed_byte(size_t place)
{
    return (char)(unsigned char)((place * 167 + place / 251) & 0xff);
}

static struct relayed *relayed_of_engine(struct sc_engine *engine)
{
    return SC_CONTAINER_OF(engine, struct relayed, engine);
}

static struct relayed *relayed_of_plain(struct sc_plain *plain)
{
    return SC_CONTAINER_OF(plain, struct relayed, plain);
}

static int relayed_choose(struct relayed *relayed, int count)
{
    return relayed->choose && count > 1 ? relayed->choose(relayed, count) : 0;
}

static size_t relayed_least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* Some of it, at least one: all by default, or as the chooser says one only. */
static size_t relayed_some(struct relayed *relayed, size_t most)
{
    return most > 1 && relayed_choose(relayed, 2) == 1 ? 1 : most;
}

static void engine_begin(struct sc_engine *engine)
{
    relayed_of_engine(engine)->quirk = false;
}

static enum sc_engine_result engine_handshake(struct sc_engine *engine, bool *moved)
{
    struct relayed *relayed = relayed_of_engine(engine);

    *moved = false;
    if (relayed->far == FAR_HANGS_UP || relayed->far == FAR_IS_LOST)
        return SC_ENGINE_FAILED;
    if (!relayed->shakes_hands)
        return SC_ENGINE_WANT_READ;
    *moved = true;
    return SC_ENGINE_DONE;
}

static enum sc_engine_result engine_read(struct sc_engine *engine, void *bytes, size_t size,
                                         size_t *length)
{
    struct relayed *relayed = relayed_of_engine(engine);
    size_t there = relayed->far_wrote - relayed->opened;

    assert_true(sc_buf_length(&relayed->tunnel.down.waiting) == 0);
    assert_true(size > 0);
    if (there > 0 && relayed_choose(relayed, 2) == 1) {
        relayed->quirk = true;
        return SC_ENGINE_AGAIN;
    }
    if (there > 0) {
        *length = relayed_some(relayed, relayed_least(there, size));
        for (size_t i = 0; i < *length; i++)
            ((char *)bytes)[i] = relayed_byte(relayed->opened + i);
        relayed->opened += *length;
        return SC_ENGINE_DONE;
    }
    switch (relayed->far) {
    case FAR_SAYS_FAREWELL:
        return SC_ENGINE_CLOSED;
    case FAR_HANGS_UP:
        return SC_ENGINE_TRUNCATED;
    case FAR_IS_LOST:
        return SC_ENGINE_FAILED;
    case FAR_SPEAKS:
        break;
    }
    return SC_ENGINE_WANT_READ;
}

static enum sc_engine_result engine_write(struct sc_engine *engine, struct sc_bytes bytes,
                                          size_t *length)
{
    struct relayed *relayed = relayed_of_engine(engine);
    size_t room = relayed->net_size - (relayed->pushed - relayed->far_heard);

    assert_true(bytes.length > 0 && bytes.length >= relayed->offered);
    assert_false(relayed->far_sees_farewell);
    if (relayed->is_broken)
        return SC_ENGINE_FAILED;
    if (room > 0 && relayed_choose(relayed, 2) == 1) {
        relayed->quirk = true;
        relayed->offered = bytes.length;
        return relayed_choose(relayed, 2) == 1 ? SC_ENGINE_LATER : SC_ENGINE_AGAIN;
    }
    if (room == 0) {
        relayed->offered = bytes.length;
        return SC_ENGINE_WANT_WRITE;
    }
    *length = relayed_some(relayed, relayed_least(bytes.length, room));
    for (size_t i = 0; i < *length; i++)
        assert_int_equal(bytes.data[i], relayed_byte(relayed->pushed + i));
    relayed->pushed += *length;
    relayed->offered = 0;
    return SC_ENGINE_DONE;
}

static enum sc_engine_result engine_farewell(struct sc_engine *engine)
{
    struct relayed *relayed = relayed_of_engine(engine);

    assert_int_equal(relayed->offered, 0);
    assert_false(relayed->far_sees_farewell);
    if (relayed->is_broken)
        return SC_ENGINE_DONE;
    if (relayed->pushed - relayed->far_heard >= relayed->net_size)
        return SC_ENGINE_WANT_WRITE;
    relayed->far_sees_farewell = true;
    return SC_ENGINE_DONE;
}

static enum sc_engine_result engine_discard(struct sc_engine *engine, void *bytes, size_t size)
{
    struct relayed *relayed = relayed_of_engine(engine);

    (void)bytes;
    (void)size;
    assert_true(relayed->far_sees_farewell || relayed->is_broken);
    if (relayed->opened < relayed->far_wrote) {
        relayed->opened = relayed->far_wrote;
        return SC_ENGINE_DONE;
    }
    return relayed->far == FAR_SPEAKS ? SC_ENGINE_WANT_READ : SC_ENGINE_CLOSED;
}

static bool engine_is_amid(const struct sc_engine *engine)
{
    (void)engine;
    return false;
}

static void engine_rest(struct sc_engine *engine)
{
    relayed_of_engine(engine)->has_rested = true;
}

static enum sc_plain_result plain_receive(struct sc_plain *plain, void *bytes, size_t size,
                                          size_t *length)
{
    struct relayed *relayed = relayed_of_plain(plain);
    size_t there = relayed->caller_wrote - relayed->taken;

    assert_true(sc_buf_length(&relayed->tunnel.up.waiting) == 0);
    assert_true(size == SC_TUNNEL_UP_MAX);
    if (there > 0 && relayed_choose(relayed, 2) == 1) {
        relayed->quirk = true;
        return SC_PLAIN_LATER;
    }
    if (there > 0) {
        *length = relayed_some(relayed, relayed_least(there, size));
        for (size_t i = 0; i < *length; i++)
            ((char *)bytes)[i] = relayed_byte(relayed->taken + i);
        relayed->taken += *length;
        return SC_PLAIN_DONE;
    }
    if (relayed->caller_left)
        return SC_PLAIN_GONE;
    return relayed->caller_ended ? SC_PLAIN_ENDED : SC_PLAIN_WAIT;
}

static enum sc_plain_result plain_send(struct sc_plain *plain, struct sc_bytes bytes,
                                       size_t *length)
{
    struct relayed *relayed = relayed_of_plain(plain);
    size_t room = relayed->pipe_size - (relayed->delivered - relayed->caller_heard);

    assert_true(bytes.length > 0);
    assert_false(relayed->caller_sees_end);
    if (relayed->caller_left || relayed->caller_deaf)
        return SC_PLAIN_GONE;
    if (room > 0 && relayed_choose(relayed, 2) == 1) {
        relayed->quirk = true;
        return SC_PLAIN_LATER;
    }
    if (room == 0)
        return SC_PLAIN_WAIT;
    *length = relayed_some(relayed, relayed_least(bytes.length, room));
    for (size_t i = 0; i < *length; i++)
        assert_int_equal(bytes.data[i], relayed_byte(relayed->delivered + i));
    relayed->delivered += *length;
    return SC_PLAIN_DONE;
}

static void plain_end(struct sc_plain *plain)
{
    relayed_of_plain(plain)->caller_sees_end = true;
}

static bool plain_is_gone(struct sc_plain *plain)
{
    return relayed_of_plain(plain)->caller_left;
}

static const struct sc_engine_verbs engine_verbs = {
    .begin = engine_begin,
    .handshake = engine_handshake,
    .read = engine_read,
    .write = engine_write,
    .farewell = engine_farewell,
    .discard = engine_discard,
    .is_amid = engine_is_amid,
    .rest = engine_rest,
};

static const struct sc_plain_verbs plain_verbs = {
    .receive = plain_receive,
    .send = plain_send,
    .end = plain_end,
    .is_gone = plain_is_gone,
};

void relayed_init(struct relayed *relayed, size_t net_size, size_t pipe_size)
{
    *relayed = (struct relayed){
        .limits = {FOR_EVER, FOR_EVER, FOR_EVER, FOR_EVER, FOR_EVER},
        .engine = {&engine_verbs},
        .plain = {&plain_verbs},
        .net_size = net_size,
        .pipe_size = pipe_size,
        .scratch = malloc(SC_TUNNEL_DOWN_MAX),
    };
    assert_non_null(relayed->scratch);
    sc_tunnel_init(&relayed->tunnel, &relayed->engine, &relayed->limits, 0, relayed->now);
}

void relayed_open(struct relayed *relayed, size_t net_size, size_t pipe_size)
{
    relayed_init(relayed, net_size, pipe_size);
    relayed->shakes_hands = true;
    relayed_settle(relayed);
    assert_int_equal(relayed->tunnel.phase, SC_TUNNEL_READY);
    sc_tunnel_open(&relayed->tunnel, &relayed->plain, relayed->now);
}

void relayed_close(struct relayed *relayed)
{
    sc_tunnel_fini(&relayed->tunnel);
    free(relayed->scratch);
}

size_t relayed_caller_writes(struct relayed *relayed, size_t length)
{
    size_t room = relayed->pipe_size - (relayed->caller_wrote - relayed->taken);
    bool may = !relayed->caller_left && !relayed->caller_ended && relayed->tunnel.plain;
    size_t done = may ? relayed_least(length, room) : 0;

    relayed->caller_wrote += done;
    return done;
}

size_t relayed_caller_reads(struct relayed *relayed, size_t length)
{
    size_t done = relayed_least(length, relayed->delivered - relayed->caller_heard);

    if (relayed->caller_left || relayed->caller_deaf)
        return 0;
    relayed->caller_heard += done;
    return done;
}

size_t relayed_far_writes(struct relayed *relayed, size_t length)
{
    size_t room = relayed->net_size - (relayed->far_wrote - relayed->opened);
    size_t done = relayed->far == FAR_SPEAKS ? relayed_least(length, room) : 0;

    relayed->far_wrote += done;
    return done;
}

size_t relayed_far_reads(struct relayed *relayed, size_t length)
{
    size_t done = relayed_least(length, relayed->pushed - relayed->far_heard);

    if (relayed->far == FAR_IS_LOST)
        return 0;
    relayed->far_heard += done;
    return done;
}

int relayed_ready(const struct relayed *relayed)
{
    int ready = 0;

    if (relayed->far_wrote > relayed->opened || relayed->far != FAR_SPEAKS ||
        (relayed->tunnel.phase == SC_TUNNEL_HANDSHAKE && relayed->shakes_hands))
        ready |= SC_TUNNEL_FAR_READ;
    if (relayed->pushed - relayed->far_heard < relayed->net_size || relayed->is_broken)
        ready |= SC_TUNNEL_FAR_WRITE;
    /* Of a socket that was closed there are no events. */
    if (!relayed->tunnel.plain)
        return ready;
    if (relayed->caller_wrote > relayed->taken || relayed->caller_left || relayed->caller_ended)
        ready |= SC_TUNNEL_PLAIN_READ;
    if (relayed->delivered - relayed->caller_heard < relayed->pipe_size || relayed->caller_left ||
        relayed->caller_deaf)
        ready |= SC_TUNNEL_PLAIN_WRITE;
    return ready;
}

bool relayed_turn(struct relayed *relayed)
{
    int ready = relayed_ready(relayed) & sc_tunnel_wants(&relayed->tunnel);

    if (ready == 0 && sc_tunnel_due(&relayed->tunnel, relayed->now) > relayed->now)
        return false;
    sc_tunnel_turn(&relayed->tunnel, ready, relayed->now, relayed->scratch);
    return true;
}

void relayed_settle(struct relayed *relayed)
{
    int turns = 0;

    while (relayed_turn(relayed))
        assert_true(++turns < SETTLED_BY);
}

void relayed_wait(struct relayed *relayed, int64_t until)
{
    int64_t due = sc_tunnel_due(&relayed->tunnel, relayed->now);

    relayed->now = due < until ? due : until;
    sc_tunnel_turn(&relayed->tunnel, 0, relayed->now, relayed->scratch);
}

void relayed_begin(struct relayed *relayed)
{
    relayed_open(relayed, RELAYED_NET, RELAYED_PIPE);
    relayed->limits = relayed_usual;
    relayed_settle(relayed);
}

void relayed_pass(struct relayed *relayed, int64_t until)
{
    while (relayed->now < until)
        relayed_wait(relayed, until);
}

void relayed_assert_gone(struct relayed *relayed, enum sc_tunnel_cause cause, enum sc_tls_end end)
{
    relayed_settle(relayed);
    assert_int_equal(relayed->tunnel.phase, SC_TUNNEL_GONE);
    assert_int_equal(relayed->tunnel.cause, cause);
    assert_int_equal(sc_tunnel_end(&relayed->tunnel), end);
}
