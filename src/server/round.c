/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients served side by side, step by step. What a step does to one client
 * is the client's affair; whose turn it is, the queue's.
 */
#include "server/round.h"

#include <errno.h>
#include <stdlib.h>

#include "cache/cache.h"
#include "io/peer.h"

enum {
    TURN_NS = 2 * 1000 * 1000, /* no batch is begun after so long */
    QUOTA = 16,                /* requests of one client in a row */
    LOOKS_MOST = 64,           /* dead connections passed over for one client in a row */
    RETRY_MS = 1,
    CLOSER_WAIT_MS = 100, /* how long nothing is received for the closer's sake */
    /* For what a client says there is at least so much room, at an address that suits the cache. */
    SCRATCH_LEAST = 4 * 1024,
    SCRATCH_ALIGN = 64,
    OUTPUT_KEPT = 64 * 1024
};

/* One who is being served. */
struct seat {
    struct sc_client *client;
    struct sc_request request; /* what it wants, if it wants something */
    struct sc_found found;
    struct sc_connection *connection; /* found, and not looked at yet */
    unsigned quota;
    ssize_t sent;
};

struct batch {
    struct seat seats[SC_ROUND_MOST];
    size_t count;
    size_t scratch_used;
};

/* --- buffers ------------------------------------------------------------ */

/*
 * Only who has something to be sent needs a buffer for it, mostly not for
 * long; so it is lent.
 */
static void round_lend(struct sc_round *round, struct sc_client *client)
{
    if (client->out.capacity == 0 && round->spare_count > 0) {
        client->out = round->spares[--round->spare_count];
        sc_buf_init(&round->spares[round->spare_count]);
    }
}

static void round_take_back(struct sc_round *round, struct sc_client *client)
{
    if (sc_buf_length(&client->out) > 0 || client->out.capacity == 0)
        return;
    if (round->spare_count < SC_ROUND_MOST) {
        sc_buf_clear(&client->out, OUTPUT_KEPT);
        round->spares[round->spare_count++] = client->out;
        sc_buf_init(&client->out);
    } else {
        sc_buf_fini(&client->out);
    }
}

/* --- the steps ---------------------------------------------------------- */

static void round_hear(struct sc_round *round, struct batch *batch, struct sc_client *client)
{
    struct seat *seat = &batch->seats[batch->count++];

    seat->client = client;
    seat->quota = QUOTA;
    client->served = true;
    round_lend(round, client);
    if (client->wants)
        seat->request = sc_session_request(&client->session);
    if (!sc_client_can_hear(client))
        return;
    size_t heard = sc_client_hear(client, round->scratch + batch->scratch_used,
                                  SC_ROUND_SCRATCH - batch->scratch_used);
    batch->scratch_used += (heard + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN;
}

/* Looks one connection up for one who wants one. False: there is nothing to look at. */
static bool round_find(struct sc_common *common, struct seat *seat)
{
    struct sc_client *client = seat->client;

    seat->connection = sc_cache_find(client->guest.user->space, sc_loop_now(common->loop),
                                     &seat->request, &seat->found);
    if (!seat->connection) {
        sc_client_missed(client, &seat->request);
        return false;
    }
    if (common->settings.check_peer &&
        (sc_connection_nature(seat->connection) & SC_PEER_JUDGEABLE) != 0)
        return true;
    sc_client_found(client, &seat->request, seat->connection, &seat->found);
    return false;
}

static void round_judge(struct sc_common *common, struct seat *seat, bool dead)
{
    sc_stats_count(&common->stats, dead ? SC_PEER_FOUND_GONE : SC_PEER_FOUND_SILENT);
    if (dead)
        sc_connection_discard(seat->connection, SC_END_DEAD);
    else
        sc_client_found(seat->client, &seat->request, seat->connection, &seat->found);
}

/*
 * Finds something for all who want it, and looks at what was found by one
 * call; for those whose connection was dead, again. Whoever has had many dead
 * ones goes on wanting, and is served again later.
 */
static void round_find_all(struct sc_common *common, struct batch *batch)
{
    for (int looks = 0; looks < LOOKS_MOST; looks++) {
        struct seat *looked_at[SC_ROUND_MOST];
        int fds[SC_ROUND_MOST];
        bool dead[SC_ROUND_MOST];
        size_t count = 0;

        for (size_t i = 0; i < batch->count; i++) {
            struct seat *seat = &batch->seats[i];
            if (!seat->client->wants || seat->client->error < 0 || !round_find(common, seat))
                continue;
            fds[count] = sc_connection_descriptor(seat->connection);
            looked_at[count++] = seat;
        }
        if (count == 0)
            break;
        sc_peer_look(fds, count, dead);
        for (size_t i = 0; i < count; i++)
            round_judge(common, looked_at[i], dead[i]);
    }
    sc_common_reap(common);
}

/* Answers what has come in, as far as that goes before something has to be sent. */
static void round_think(struct sc_common *common, struct batch *batch)
{
    bool wanted;

    do {
        wanted = false;
        for (size_t i = 0; i < batch->count; i++) {
            struct seat *seat = &batch->seats[i];
            if (!seat->client->wants)
                sc_client_think(seat->client, &seat->quota, &seat->request);
            wanted = wanted || (seat->client->wants && seat->client->error == 0);
        }
        if (wanted)
            round_find_all(common, batch);
        for (size_t i = 0; i < batch->count; i++)
            if (batch->seats[i].client->wants) /* still: among dead ones */
                wanted = false;
    } while (wanted);
}

static void round_settle(struct sc_round *round, struct seat *seat)
{
    struct sc_client *client = seat->client;
    enum sc_counter reason;
    bool stays = sc_client_settle(client, seat->sent, &reason);

    client->served = false;
    round_take_back(round, client);
    if (!stays)
        sc_client_free(client, reason);
    else if (sc_client_has_more(client))
        sc_queue_add(&round->common->queue, &client->guest);
}

static void round_serve_batch(struct sc_round *round, struct batch *batch)
{
    round_think(round->common, batch);
    for (size_t i = 0; i < batch->count; i++)
        batch->seats[i].sent = sc_client_speak(batch->seats[i].client);
    for (size_t i = 0; i < batch->count; i++)
        round_settle(round, &batch->seats[i]);
}

/* --- turns -------------------------------------------------------------- */

/*
 * Whether descriptors are queued to be closed that would soon be missed. It
 * is worth a short wait, in which the closer catches up.
 */
static bool round_must_wait_for_closer(struct sc_round *round)
{
    const struct sc_common *common = round->common;
    int64_t now = sc_loop_now(common->loop);

    if (sc_closer_pending(common->closer) < common->budget.reserve / 2) {
        round->crowded_since = now;
        return false;
    }
    return now - round->crowded_since < CLOSER_WAIT_MS;
}

/* Serves, batch by batch, until nobody waits or the turn has lasted long enough. */
static void round_serve_waiting(struct sc_round *round)
{
    struct sc_common *common = round->common;
    size_t waiting = common->queue.waiting;

    /* Were all answered at once, we would wait for them and they for us, in turn. */
    size_t together = (waiting + 1) / 2 < SC_ROUND_MOST ? (waiting + 1) / 2 : SC_ROUND_MOST;
    int64_t until = sc_loop_now_ns(common->loop) + TURN_NS;

    while (common->queue.waiting > 0) {
        struct batch batch; /* large: it is not worth clearing */
        struct sc_guest *guest;
        batch.count = batch.scratch_used = 0;
        while (batch.count < together && batch.scratch_used + SCRATCH_LEAST < SC_ROUND_SCRATCH &&
               !round_must_wait_for_closer(round) && (guest = sc_queue_take(&common->queue)))
            round_hear(round, &batch, sc_client_of(guest));
        if (batch.count == 0)
            break; /* One message can bring more than can be closed at once. */
        round_serve_batch(round, &batch);
        if (common->queue.waiting > 0 && sc_loop_clock_ns() > until) {
            sc_loop_again(common->loop);
            break;
        }
    }
}

void sc_round_serve(struct sc_round *round)
{
    struct sc_common *common = round->common;
    if (common->queue.waiting > 0)
        round_serve_waiting(round);
    bool must_wait = common->queue.waiting > 0 && round_must_wait_for_closer(round);
    if ((must_wait || !TAILQ_EMPTY(&common->retrying)) && sc_timer_due(&round->retry) == INT64_MAX)
        sc_timer_set(&round->retry, sc_loop_now(common->loop) + RETRY_MS);
}

static void round_on_retry(struct sc_timer *timer)
{
    struct sc_round *round = SC_CONTAINER_OF(timer, struct sc_round, retry);
    struct sc_client *client;

    TAILQ_FOREACH (client, &round->common->retrying, retry)
        sc_queue_add(&round->common->queue, &client->guest);
}

int sc_round_init(struct sc_round *round, struct sc_common *common)
{
    *round = (struct sc_round){.common = common, .scratch = malloc(SC_ROUND_SCRATCH)};
    if (!round->scratch)
        return -ENOMEM;
    return sc_timer_init(&round->retry, common->loop, round_on_retry);
}

void sc_round_fini(struct sc_round *round)
{
    while (round->spare_count > 0)
        sc_buf_fini(&round->spares[--round->spare_count]);
    sc_timer_fini(&round->retry);
    free(round->scratch);
    *round = (struct sc_round){0};
}
