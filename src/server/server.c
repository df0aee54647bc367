/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/server.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/internal.h"

/* WATCH_MS: how soon it is seen that the kernel could not watch something. */
enum { MS = 1000, RETRY_MS = 1, CLOSER_MS = 10, WATCH_MS = 20, EXPIRED_AT_ONCE = 1000 };

static int64_t server_monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS + now.tv_nsec / 1000000;
}

static void server_print_line(void *context, const char *line)
{
    sc_log(context, SC_INFO, "%s", line);
}

static void server_start_interval(struct sc_server *server)
{
    static const uint64_t none[SC_PEAKS];

    sc_stats_start(&server->stats, time(NULL), none);
    sc_server_note_sizes(server);
    server->next_report = server->now + server->settings.status_update_time;
}

int64_t sc_server_now(const struct sc_server *server)
{
    return server->now;
}

void sc_server_report(struct sc_server *server)
{
    sc_stats_report(&server->stats, server_print_line, server->log);
    server_start_interval(server);
}

static void server_close_late_clients(struct sc_server *server)
{
    int64_t began_before = server->now - server->settings.ipc_timeout;
    struct sc_client *client;

    while ((client = TAILQ_FIRST(&server->busy)) && client->since <= began_before) {
        sc_trace_client(client, "took too long for one request");
        sc_client_free(client);
    }
}

static void server_retry_all(struct sc_server *server)
{
    const struct sc_client *last = TAILQ_LAST(&server->retrying, sc_client_list);
    const struct sc_client *tried = NULL;

    /* Those who must wait again go to the end: each is tried once. */
    while (tried != last) {
        struct sc_client *client = TAILQ_FIRST(&server->retrying);
        tried = client;
        sc_client_retry(client);
    }
}

static void server_close_all(struct sc_client_list *list)
{
    struct sc_client *client;

    while ((client = TAILQ_FIRST(list)))
        sc_client_free(client);
}

static void server_on_deadline(struct ev_loop *loop, struct ev_timer *watch, int events)
{
    struct sc_server *server = watch->data;

    (void)loop;
    (void)events;
    sc_server_answer(server);
    (void)sc_store_expire(server->store, server->now, EXPIRED_AT_ONCE);
    sc_server_reap(server);
    server_close_late_clients(server);
    server_retry_all(server);
    if (server->now >= server->next_report)
        sc_server_report(server);
    if (server->now >= server->resume_accept) {
        server->resume_accept = INT64_MAX;
        sc_server_accept_more(server);
    }
    if (server->draining && server->now >= server->drain_until) {
        server_close_all(&server->busy);
        server_close_all(&server->idle);
    }
}

static int64_t server_earliest(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

static int64_t server_next_deadline(const struct sc_server *server)
{
    int64_t next = server_earliest(server->next_report, sc_store_next_expiry(server->store));
    const struct sc_client *first = TAILQ_FIRST(&server->busy);

    if (first)
        next = server_earliest(next, first->since + server->settings.ipc_timeout);
    if (!TAILQ_EMPTY(&server->retrying))
        next = server_earliest(next, server->now + RETRY_MS);
    if (sc_closer_pending(server->closer) > 0)
        next = server_earliest(next, server->now + CLOSER_MS);
    if (server->draining)
        next = server_earliest(next, server->drain_until);
    if (!server->accepting)
        next = server_earliest(next, server->resume_accept);
    /* libev goes to sleep first and tells of what it could not watch after that. */
    if (server->has_new_watches)
        next = server_earliest(next, server->now + WATCH_MS);
    return next;
}

/* The last thing in a turn: what has been left to do is begun or timed. */
static void server_on_prepare(struct ev_loop *loop, struct ev_prepare *watch, int events)
{
    struct sc_server *server = watch->data;

    (void)events;
    sc_server_answer(server);
    int64_t next = server_next_deadline(server);
    sc_closer_flush(server->closer, server->now);
    server->has_new_watches = false;
    /* A timer that fires too early does no harm, and setting one costs. */
    if (ev_is_active(&server->deadline) && server->timer_set <= next)
        return;
    ev_timer_stop(loop, &server->deadline);
    server->timer_set = next;
    double seconds = next > server->now ? (double)(next - server->now) / MS : 0.0;
    ev_timer_set(&server->deadline, seconds, 0.0);
    ev_timer_start(loop, &server->deadline);
}

/* The first thing in a turn: the one reading of the clock. */
static void server_on_check(struct ev_loop *loop, struct ev_check *watch, int events)
{
    struct sc_server *server = watch->data;
    size_t half = (ev_pending_count(loop) + 1) / 2;

    (void)events;
    server->now = server_monotonic_ms();
    /* Were all answered at once, we would wait for them and they for us, in turn. */
    server->heard_together = half < SC_HEARD_MAX ? half : SC_HEARD_MAX;
}

static void server_start_watching(struct sc_server *server)
{
    ev_prepare_init(&server->prepare, server_on_prepare);
    ev_check_init(&server->check, server_on_check);
    ev_set_priority(&server->check, EV_MAXPRI);
    ev_timer_init(&server->deadline, server_on_deadline, 0.0, 0.0);
    server->prepare.data = server->check.data = server->deadline.data = server;
    ev_prepare_start(server->loop, &server->prepare);
    ev_check_start(server->loop, &server->check);
    ev_unref(server->loop);
    ev_unref(server->loop);
}

static void server_stop_watching(struct sc_server *server)
{
    ev_ref(server->loop);
    ev_ref(server->loop);
    ev_prepare_stop(server->loop, &server->prepare);
    ev_check_stop(server->loop, &server->check);
    ev_timer_stop(server->loop, &server->deadline);
}

int sc_server_new(struct sc_server **server, const struct sc_server_options *options)
{
    struct sc_server *fresh = calloc(1, sizeof(*fresh));
    int error = -ENOMEM;

    if (!fresh)
        return error;
    fresh->loop = options->loop;
    fresh->log = options->log;
    fresh->closer = options->closer;
    fresh->host = options->host;
    fresh->settings = options->settings;
    fresh->descriptors = options->descriptors;
    fresh->descriptors_used = options->descriptors_used;
    fresh->accepting = true;
    fresh->resume_accept = INT64_MAX;
    fresh->now = server_monotonic_ms();
    LIST_INIT(&fresh->users);
    SLIST_INIT(&fresh->listeners);
    TAILQ_INIT(&fresh->idle);
    TAILQ_INIT(&fresh->busy);
    TAILQ_INIT(&fresh->retrying);
    fresh->scratch = malloc(SC_SCRATCH_SIZE);
    if (fresh->scratch)
        error = sc_budget_make(&fresh->budget, options->descriptors, options->descriptors_used,
                               &options->settings);
    if (error == 0)
        error = sc_store_new(&fresh->store, options->key, &options->settings.limits, NULL);
    if (error < 0) {
        free(fresh->scratch);
        free(fresh);
        return error;
    }
    server_start_interval(fresh);
    server_start_watching(fresh);
    *server = fresh;
    return 0;
}

void sc_server_free(struct sc_server *server)
{
    if (!server)
        return;
    server->host = (struct sc_server_host){0};
    sc_server_answer(server);
    server_close_all(&server->busy);
    server_close_all(&server->idle);
    sc_server_forget_listeners(server);
    sc_store_clear(server->store, SC_END_CLOSED);
    sc_server_reap(server);
    sc_users_sweep(server, true);
    sc_store_free(server->store);
    server_stop_watching(server);
    while (server->spares > 0)
        sc_buf_fini(&server->spare[--server->spares]);
    free(server->scratch);
    free(server);
}

void sc_server_configure(struct sc_server *server, const struct sc_server_settings *settings)
{
    int64_t last_report = server->next_report - server->settings.status_update_time;

    server->settings = *settings;
    server->next_report = last_report + settings->status_update_time;
    /* The descriptors sufficed at the start, and no setting needs more. */
    int error =
        sc_budget_make(&server->budget, server->descriptors, server->descriptors_used, settings);
    assert(error == 0);
    sc_store_set_limits(server->store, &settings->limits);
    while (sc_store_settle(server->store, server->now, EXPIRED_AT_ONCE))
        continue;
    (void)sc_server_make_room(server);
}

int sc_server_listen(struct sc_server *server, int listener)
{
    return sc_server_watch_listener(server, listener);
}

int sc_server_serve(struct sc_server *server, int input, int output)
{
    struct sc_user *user = sc_user_get(server, 0);

    if (!user)
        return -ENOMEM;
    int error = sc_client_new(server, input, output, user);
    if (error < 0)
        sc_user_release(user);
    return error;
}

void sc_server_drain(struct sc_server *server, int64_t patience)
{
    if (server->draining)
        return;
    sc_server_accept_none(server);
    server->draining = true;
    server->drain_until = server->now + patience;
    if (server->clients == 0 && server->host.drained)
        server->host.drained(server->host.context);
    struct sc_client *client = TAILQ_FIRST(&server->idle);
    while (client) {
        struct sc_client *next = TAILQ_NEXT(client, link);
        sc_client_dismiss(client);
        client = next;
    }
}
