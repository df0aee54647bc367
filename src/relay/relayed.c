/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions on the loop: waits for what their tunnels want. Who may have one,
 * and what is said about it, others decide.
 */
#include "relay/relayed.h"

#include <stdlib.h>
#include <string.h>

#include "io/pair.h"
#include "io/remote.h"

static int64_t relayed_now(const struct sc_relayed *relayed)
{
    return sc_loop_now(relayed->options.loop);
}

static int relayed_watch_events(int wants, int read, int write)
{
    return ((wants & read) != 0 ? SC_WATCH_READ : SC_WATCH_NONE) |
           ((wants & write) != 0 ? SC_WATCH_WRITE : SC_WATCH_NONE);
}

static int relayed_ready_of(int events, int read, int write)
{
    return ((events & SC_WATCH_READ) != 0 ? read : 0) |
           ((events & SC_WATCH_WRITE) != 0 ? write : 0);
}

/* Waits for what the tunnel wants now, after it has gone on. */
static void relayed_wait(struct sc_relayed *relayed)
{
    int wants = sc_tunnel_wants(&relayed->tunnel);

    sc_watch_want(&relayed->far_watch,
                  relayed_watch_events(wants, SC_TUNNEL_FAR_READ, SC_TUNNEL_FAR_WRITE));
    if (relayed->plain.fd >= 0)
        sc_watch_want(&relayed->plain_watch,
                      relayed_watch_events(wants, SC_TUNNEL_PLAIN_READ, SC_TUNNEL_PLAIN_WRITE));
    sc_timer_set(&relayed->timer, sc_tunnel_due(&relayed->tunnel, relayed_now(relayed)));
}

static void relayed_let_go_of_caller(struct sc_relayed *relayed)
{
    if (relayed->plain.fd < 0 || !sc_tunnel_has_let_go(&relayed->tunnel))
        return;
    sc_watch_want(&relayed->plain_watch, SC_WATCH_NONE);
    sc_plain_end_close(&relayed->plain);
}

static void relayed_turn(struct sc_relayed *relayed, int ready)
{
    enum sc_tunnel_phase before = relayed->tunnel.phase;
    enum sc_tunnel_phase phase =
        sc_tunnel_turn(&relayed->tunnel, ready, relayed_now(relayed), relayed->options.scratch);

    relayed_let_go_of_caller(relayed);
    relayed_wait(relayed);
    if (phase == SC_TUNNEL_GONE)
        relayed->options.calls->over(relayed);
    else if (phase == SC_TUNNEL_READY && before != SC_TUNNEL_READY)
        relayed->options.calls->ready(relayed);
}

/* Nothing that happens on its socket would be seen. */
static void relayed_give_up(struct sc_relayed *relayed)
{
    sc_tunnel_dismiss(&relayed->tunnel, SC_TUNNEL_CAUSE_MEMORY, relayed_now(relayed));
    relayed->unwatched = true;
    sc_timer_set(&relayed->timer, relayed_now(relayed));
}

static void relayed_on_far(struct sc_watch *watch, int events)
{
    struct sc_relayed *relayed = SC_CONTAINER_OF(watch, struct sc_relayed, far_watch);

    if (events == SC_WATCH_REFUSED)
        relayed_give_up(relayed);
    else
        relayed_turn(relayed, relayed_ready_of(events, SC_TUNNEL_FAR_READ, SC_TUNNEL_FAR_WRITE));
}

static void relayed_on_plain(struct sc_watch *watch, int events)
{
    struct sc_relayed *relayed = SC_CONTAINER_OF(watch, struct sc_relayed, plain_watch);

    if (events == SC_WATCH_REFUSED)
        relayed_give_up(relayed);
    else
        relayed_turn(relayed,
                     relayed_ready_of(events, SC_TUNNEL_PLAIN_READ, SC_TUNNEL_PLAIN_WRITE));
}

static void relayed_on_timer(struct sc_timer *timer)
{
    struct sc_relayed *relayed = SC_CONTAINER_OF(timer, struct sc_relayed, timer);

    if (relayed->unwatched)
        relayed->options.calls->over(relayed);
    else
        relayed_turn(relayed, 0);
}

struct sc_relayed *sc_relayed_new(const struct sc_relayed_options *options, int fd)
{
    struct sc_relayed *relayed = calloc(1, sizeof(*relayed));

    if (!relayed || sc_timer_init(&relayed->timer, options->loop, relayed_on_timer) < 0) {
        free(relayed);
        sc_remote_close(fd);
        return NULL;
    }
    relayed->options = *options;
    relayed->began_at = sc_loop_now(options->loop);
    sc_far_end_init(&relayed->far, fd);
    relayed->plain.fd = -1;
    sc_watch_init(&relayed->far_watch, options->loop, fd, relayed_on_far);
    return relayed;
}

void sc_relayed_free(struct sc_relayed *relayed)
{
    sc_timer_fini(&relayed->timer);
    sc_watch_want(&relayed->far_watch, SC_WATCH_NONE);
    if (relayed->plain.fd >= 0)
        sc_watch_want(&relayed->plain_watch, SC_WATCH_NONE);
    if (relayed->engine) {
        sc_tunnel_fini(&relayed->tunnel);
        relayed->engine->verbs->free(relayed->engine);
    }
    sc_plain_end_close(&relayed->plain);
    sc_far_end_close(&relayed->far);
    free(relayed->peer);
    free(relayed->name);
    free(relayed);
}

void sc_relayed_prepare(struct sc_relayed *relayed, struct sc_engine *engine, int64_t handshake)
{
    relayed->engine = engine;
    sc_tunnel_init(&relayed->tunnel, engine, relayed->options.limits, handshake,
                   relayed_now(relayed));
}

void sc_relayed_begin(struct sc_relayed *relayed)
{
    relayed->begun = true;
    relayed->tunnel.progress_at = relayed_now(relayed);
    sc_remote_hurry(relayed->far.fd);
    sc_timer_set(&relayed->timer, relayed_now(relayed));
}

void sc_relayed_open(struct sc_relayed *relayed, int plain)
{
    sc_plain_end_init(&relayed->plain, plain);
    sc_watch_init(&relayed->plain_watch, relayed->options.loop, plain, relayed_on_plain);
    sc_tunnel_open(&relayed->tunnel, &relayed->plain.base, relayed_now(relayed));
    relayed_wait(relayed);
}

void sc_relayed_go_on(struct sc_relayed *relayed)
{
    if (relayed->begun && !relayed->unwatched)
        relayed_turn(relayed, SC_TUNNEL_ALL);
}

void sc_relayed_drain(struct sc_relayed *relayed)
{
    sc_tunnel_drain(&relayed->tunnel, relayed_now(relayed));
    relayed_wait(relayed);
}

void sc_relayed_dismiss(struct sc_relayed *relayed, enum sc_tunnel_cause cause)
{
    sc_tunnel_dismiss(&relayed->tunnel, cause, relayed_now(relayed));
    relayed_let_go_of_caller(relayed);
    sc_timer_set(&relayed->timer, relayed_now(relayed));
}

size_t sc_relayed_under_way(const struct sc_relayed *relayed)
{
    size_t length = sc_tunnel_under_way(&relayed->tunnel);

    if (relayed->engine && relayed->engine->verbs->is_amid(relayed->engine))
        length++;
    if (relayed->plain.fd >= 0)
        length += sc_pair_unread(relayed->plain.fd);
    return length + sc_remote_unacknowledged(relayed->far.fd);
}
