/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server put together: its nouns, and what happens by the clock. How a
 * client is served is not written here.
 */
#include "server/server.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "server/chronicle.h"
#include "server/gate.h"
#include "server/gauge.h"
#include "server/greeting.h"
#include "server/round.h"

enum {
    SWEEP_MS = 100, /* how often sockets are looked at that clients have left unread */
    EXPIRE_STEPS = 256,
    SETTLE_STEPS = 64
};

struct sc_server {
    struct sc_common common;
    struct sc_gate gate;
    struct sc_greeting greeting;
    struct sc_round round;
    struct sc_server_host host;
    struct sc_turn turn;
    struct sc_timer report;
    struct sc_timer late;   /* the next request that has lasted too long */
    struct sc_timer expiry; /* the next entry that expires */
    struct sc_timer drain;
    struct sc_timer tend; /* closer and unread sockets */
    struct sc_store_observer tap;
    time_t started; /* wall-clock */
    size_t descriptors;
    size_t descriptors_used;
    size_t clients_told; /* to the host */
    int64_t reported;    /* when */
    bool settling;       /* the store has more to remove */
    bool draining;
    bool drained; /* and the host was told */
};

static int64_t server_now(const struct sc_server *server)
{
    return sc_loop_now(server->common.loop);
}

/* --- statistics --------------------------------------------------------- */

static void server_print_line(void *context, const char *line)
{
    sc_log(context, SC_INFO, "%s", line);
}

static void server_start_interval(struct sc_server *server)
{
    struct sc_common *common = &server->common;
    struct sc_store_sizes sizes = sc_store_sizes(common->store);
    const uint64_t now[SC_PEAKS] = {
        [SC_PEAK_DOMAINS] = sizes.destinations,
        [SC_PEAK_ADDRESSES] = sizes.endpoints,
        [SC_PEAK_CONNECTIONS] = sizes.connections,
    };

    sc_interval_start(&common->interval, &common->stats, time(NULL), now);
    server->reported = server_now(server);
    sc_timer_set(&server->report, server->reported + common->settings.status_update_time);
}

void sc_server_report(struct sc_server *server)
{
    sc_interval_report(&server->common.interval, &server->common.stats, server_print_line,
                       server->common.log);
    server_start_interval(server);
}

void sc_server_describe(const struct sc_server *server)
{
    const struct sc_common *common = &server->common;
    struct sc_store_sizes sizes = sc_store_sizes(common->store);

    sc_log(common->log, SC_INFO,
           "state: connections=%zu held=%zu endpoints=%zu destinations=%zu bindings=%zu "
           "text=%zu bytes",
           sizes.connections, sizes.held, sizes.endpoints, sizes.destinations, sizes.bindings,
           sizes.text);
    sc_log(common->log, SC_INFO, "state: clients=%zu of %zu users=%zu unread=%zu closing=%zu",
           common->crowd.guests, common->budget.clients, sizes.spaces, common->unread,
           sc_closer_pending(common->closer));
    sc_log(common->log, SC_INFO, "state: descriptors=%zu room for connections=%zu",
           server->descriptors, common->budget.connections);
}

static void server_on_report(struct sc_timer *timer)
{
    sc_server_report(SC_CONTAINER_OF(timer, struct sc_server, report));
}

/* --- what the store tells ------------------------------------------------ */

static void server_on_saved(void *context, const struct sc_connection *connection)
{
    struct sc_server *server = context;

    sc_stats_count(&server->common.stats, SC_CONNECTIONS_SAVED);
    if (sc_connection_uses(connection) > 0)
        sc_stats_count(&server->common.stats, SC_CONNECTIONS_RETURNED);
    sc_chronicle_saved(&server->common, connection);
    if (server->tap.saved)
        server->tap.saved(server->tap.context, connection);
}

static void server_on_ended(void *context, const struct sc_connection *connection, enum sc_end end)
{
    struct sc_server *server = context;

    sc_stats_count(&server->common.stats, (enum sc_counter)(SC_ENDED_REUSED + end));
    if (end != SC_END_REUSED && sc_connection_cookie(connection) != 0)
        sc_stats_observe(&server->common.stats, SC_HISTOGRAM_USES, sc_connection_uses(connection));
    sc_trace_end(&server->common, connection, end);
    sc_chronicle_ended(&server->common, connection, end);
    if (server->tap.ended)
        server->tap.ended(server->tap.context, connection, end);
}

static void server_on_bound(void *context, const struct sc_binding *binding, bool renewed)
{
    struct sc_server *server = context;

    if (!renewed)
        sc_stats_count(&server->common.stats, SC_BINDINGS_SAVED);
    sc_chronicle_bound(&server->common, binding, renewed);
    if (server->tap.bound)
        server->tap.bound(server->tap.context, binding, renewed);
}

static void server_on_unbound(void *context, const struct sc_binding *binding, enum sc_end end)
{
    static const enum sc_counter counters[SC_ENDS] = {
        [SC_END_EXPIRED] = SC_UNBOUND_EXPIRED,
        [SC_END_DROPPED] = SC_UNBOUND_DROPPED,
        [SC_END_CLOSED] = SC_UNBOUND_CLOSED,
        [SC_END_HANDED_OVER] = SC_UNBOUND_HANDED_OVER,
        [SC_END_MEMORY_LIMIT] = SC_UNBOUND_MEMORY_LIMIT,
        [SC_END_OUT_OF_MEMORY] = SC_UNBOUND_OUT_OF_MEMORY,
        [SC_END_DESTINATION_LIMIT] = SC_UNBOUND_DESTINATION_LIMIT,
        [SC_END_BINDING_LIMIT] = SC_UNBOUND_BINDING_LIMIT,
    };
    struct sc_server *server = context;

    sc_stats_count(&server->common.stats, counters[end]);
    sc_chronicle_unbound(&server->common, binding, end);
    if (server->tap.unbound)
        server->tap.unbound(server->tap.context, binding, end);
}

/* --- by the clock -------------------------------------------------------- */

/* Closes clients whose request has begun too long ago. */
static void server_on_late(struct sc_timer *timer)
{
    struct sc_server *server = SC_CONTAINER_OF(timer, struct sc_server, late);
    struct sc_common *common = &server->common;
    int64_t began_before = server_now(server) - common->settings.request_time_limit;
    struct sc_client *client;

    while ((client = sc_client_of(sc_crowd_longest_busy(&common->crowd))) &&
           client->guest.since <= began_before) {
        sc_trace_client(common, &client->caller, "took too long for one request");
        sc_client_free(client, SC_CLIENTS_LATE);
    }
}

static void server_on_expiry(struct sc_timer *timer)
{
    struct sc_server *server = SC_CONTAINER_OF(timer, struct sc_server, expiry);

    if (sc_store_expire(server->common.store, server_now(server), EXPIRE_STEPS))
        sc_loop_again(server->common.loop);
    sc_common_reap(&server->common);
}

static void server_on_tend(struct sc_timer *timer)
{
    struct sc_server *server = SC_CONTAINER_OF(timer, struct sc_server, tend);

    sc_unread_sweep(&server->common, false);
}

static void server_free_all(struct sc_server *server)
{
    struct sc_crowd *crowd = &server->common.crowd;
    struct sc_guest *guest;

    while ((guest = sc_crowd_longest_busy(crowd)) || (guest = sc_crowd_longest_idle(crowd)))
        sc_client_free(sc_client_of(guest), SC_CLIENTS_ENDED);
}

static void server_on_drain(struct sc_timer *timer)
{
    server_free_all(SC_CONTAINER_OF(timer, struct sc_server, drain));
}

/* Whoever holds too much memory by unfinished requests ends the oldest of them. */
static void server_bound_memory(struct sc_server *server)
{
    struct sc_common *common = &server->common;
    size_t limit = common->settings.limits.memory_limit;

    while (limit > 0 && common->crowd.bytes > limit) {
        struct sc_user *user = sc_crowd_user_with_most_bytes(&common->crowd);
        struct sc_client *client = user ? sc_client_of(TAILQ_FIRST(&user->busy)) : NULL;
        if (!client)
            break;
        sc_trace_client(common, &client->caller, "makes room: too much memory in requests");
        sc_client_free(client, SC_CLIENTS_DISPLACED);
    }
}

static void server_tell_clients(struct sc_server *server)
{
    size_t clients = server->common.crowd.guests;

    sc_gate_note_room(&server->gate);
    if (clients == server->clients_told)
        return;
    server->clients_told = clients;
    if (server->host.clients_changed)
        server->host.clients_changed(server->host.context, clients);
}

/* Who has become idle since the end began has nothing to wait for. */
static void server_dismiss_idle(struct sc_server *server)
{
    struct sc_guest *guest = sc_crowd_longest_idle(&server->common.crowd);

    while (guest) {
        struct sc_guest *next = TAILQ_NEXT(guest, line);
        (void)sc_client_dismiss(sc_client_of(guest), SC_CLIENTS_ENDED);
        guest = next;
    }
}

static void server_go_on_draining(struct sc_server *server)
{
    server_dismiss_idle(server);
    if (server->common.crowd.guests > 0 || server->drained)
        return;
    server->drained = true;
    if (server->host.drained)
        server->host.drained(server->host.context);
}

static void server_set_timers(struct sc_server *server)
{
    struct sc_common *common = &server->common;
    const struct sc_guest *first = sc_crowd_longest_busy(&common->crowd);
    int64_t tend = sc_closer_due(common->closer);

    sc_timer_set(&server->late,
                 first ? first->since + common->settings.request_time_limit : INT64_MAX);
    sc_timer_set(&server->expiry, sc_store_next_expiry(common->store));
    if (common->lingering > 0 && server_now(server) + SWEEP_MS < tend)
        tend = server_now(server) + SWEEP_MS;
    if (tend < sc_timer_due(&server->tend))
        sc_timer_set(&server->tend, tend);
}

/* The last thing in a turn: those who wait are served, and what is left to do is timed. */
static void server_end_turn(struct sc_turn *turn)
{
    struct sc_server *server = SC_CONTAINER_OF(turn, struct sc_server, turn);
    struct sc_common *common = &server->common;

    bool serves = common->queue.waiting > 0;
    sc_round_serve(&server->round);
    server_bound_memory(server);
    if (server->settling) {
        server->settling = sc_store_settle(common->store, server_now(server), SETTLE_STEPS);
        sc_common_reap(common);
        if (server->settling)
            sc_loop_again(common->loop);
    }
    server_tell_clients(server);
    if (server->draining)
        server_go_on_draining(server);
    sc_closer_flush(common->closer, server_now(server));
    server_set_timers(server);
    if (serves)
        sc_stats_observe(&common->stats, SC_HISTOGRAM_TURN,
                         (uint64_t)(sc_loop_clock_ns() - sc_loop_now_ns(common->loop)));
}

/* --- from beginning to end ------------------------------------------------ */

static void server_welcome(void *context, struct sc_client *client)
{
    struct sc_server *server = context;

    sc_greeting_meet(&server->greeting, client);
}

static int server_init_timers(struct sc_server *server)
{
    struct sc_loop *loop = server->common.loop;
    int error = sc_timer_init(&server->report, loop, server_on_report);

    if (error == 0)
        error = sc_timer_init(&server->late, loop, server_on_late);
    if (error == 0)
        error = sc_timer_init(&server->expiry, loop, server_on_expiry);
    if (error == 0)
        error = sc_timer_init(&server->drain, loop, server_on_drain);
    if (error == 0)
        error = sc_timer_init(&server->tend, loop, server_on_tend);
    return error;
}

static void server_init_common(struct sc_server *server, const struct sc_server_options *options)
{
    struct sc_common *common = &server->common;

    common->loop = options->loop;
    common->log = options->log;
    common->closer = options->closer;
    common->settings = options->settings;
    sc_crowd_init(&common->crowd);
    sc_queue_init(&common->queue);
    TAILQ_INIT(&common->retrying);
    TAILQ_INIT(&common->silent);
    TAILQ_INIT(&common->lingers);
    sc_chronicle_begin(common, options->key);
    server->started = time(NULL);
    server->descriptors = options->descriptors;
    server->descriptors_used = options->descriptors_used;
    server->host = options->host;
    common->first_request = options->host.first_request;
    common->first_request_context = options->host.context;
    server->gate.admit = options->host.admit;
    server->gate.admit_context = options->host.context;
    server->gate.welcome = server_welcome;
    server->gate.welcome_context = server;
}

static int server_init(struct sc_server *server, const struct sc_server_options *options)
{
    struct sc_common *common = &server->common;
    const struct sc_store_observer observer = {
        .saved = server_on_saved,
        .ended = server_on_ended,
        .bound = server_on_bound,
        .unbound = server_on_unbound,
        .context = server,
    };
    int error;

    server_init_common(server, options);
    error = sc_budget_make(&common->budget, options->descriptors, options->descriptors_used,
                           options->settings.client_limit);
    if (error == 0)
        error = sc_store_new(&common->store, options->key, &options->settings.limits, &observer);
    if (error == 0)
        error = sc_round_init(&server->round, common);
    if (error == 0)
        error = sc_gate_init(&server->gate, common);
    if (error == 0)
        error = sc_greeting_init(&server->greeting, common);
    if (error == 0)
        error = server_init_timers(server);
    return error;
}

/* Ends whatever there is, however far the beginning came. */
static void server_fini(struct sc_server *server)
{
    struct sc_common *common = &server->common;

    sc_timer_fini(&server->report);
    sc_timer_fini(&server->late);
    sc_timer_fini(&server->expiry);
    sc_timer_fini(&server->drain);
    sc_timer_fini(&server->tend);
    sc_greeting_fini(&server->greeting);
    sc_gate_fini(&server->gate);
    if (server->round.common)
        sc_round_fini(&server->round);
    if (common->store)
        sc_store_free(common->store);
    sc_history_fini(&common->history);
    sc_crowd_fini(&common->crowd);
}

int sc_server_new(struct sc_server **server, const struct sc_server_options *options)
{
    struct sc_server *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    int error = server_init(fresh, options);
    if (error < 0) {
        server_fini(fresh);
        free(fresh);
        return error;
    }
    server_start_interval(fresh);
    fresh->turn.end = server_end_turn;
    sc_turn_add(&fresh->turn, options->loop);
    *server = fresh;
    return 0;
}

void sc_server_free(struct sc_server *server)
{
    if (!server)
        return;
    struct sc_common *common = &server->common;
    sc_turn_remove(&server->turn, common->loop);
    sc_gate_close(&server->gate);
    server_free_all(server);
    sc_unread_sweep(common, true);
    sc_store_clear(common->store, SC_END_CLOSED);
    sc_common_reap(common);
    sc_gate_sweep_users(&server->gate, true);
    server_fini(server);
    free(server);
}

void sc_server_configure(struct sc_server *server, const struct sc_server_settings *settings)
{
    struct sc_common *common = &server->common;

    common->settings = *settings;
    sc_chronicle_configure(common);
    sc_timer_set(&server->report, server->reported + settings->status_update_time);
    /* The descriptors sufficed at the start, and no setting needs more. */
    int error = sc_budget_make(&common->budget, server->descriptors, server->descriptors_used,
                               settings->client_limit);
    assert(error == 0);
    sc_store_set_limits(common->store, &settings->limits);
    (void)sc_common_fit_store(common);
    server->settling = true;
    sc_gate_note_room(&server->gate);
    sc_loop_again(common->loop);
}

struct sc_server_parts sc_server_parts(struct sc_server *server)
{
    return (struct sc_server_parts){
        .store = server->common.store,
        .stats = &server->common.stats,
        .crowd = &server->common.crowd,
        .history = &server->common.history,
    };
}

void sc_server_set_tap(struct sc_server *server, const struct sc_store_observer *tap)
{
    server->tap = *tap;
}

void sc_server_note_dropped(struct sc_server *server)
{
    sc_common_reap(&server->common);
    server->settling = true;
    sc_loop_again(server->common.loop);
}

void sc_server_gauge(const struct sc_server *server, uint64_t gauges[SC_GAUGES])
{
    sc_gauge_fill(&server->common, gauges);
    gauges[SC_GAUGE_START_TIME] = (uint64_t)server->started;
    gauges[SC_GAUGE_ACCEPT_PAUSED] = !server->gate.accepting;
}

int sc_server_listen(struct sc_server *server, int listener)
{
    return sc_gate_listen(&server->gate, listener);
}

int sc_server_serve(struct sc_server *server, int input, int output)
{
    return sc_gate_let_in(&server->gate, input, output);
}

void sc_server_drain(struct sc_server *server, int64_t patience)
{
    if (server->draining)
        return;
    server->draining = true;
    sc_gate_close(&server->gate);
    sc_timer_set(&server->drain, server_now(server) + patience);
    sc_loop_again(server->common.loop);
}
