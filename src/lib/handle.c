/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One call at a time on one handle: its deadline, its outcome and the reason
 * for that, and letting a server alone that has failed. What is said to the
 * server is the exchange's; what the caller gets to see of it stands in the
 * files that are named for the calls.
 */
#include "lib/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "io/talk.h"
#include "lib/reason.h"

const char *sc_handle_path(const struct scache *cache)
{
    return cache->is_local ? NULL : sc_place_path(&cache->exchange.place);
}

static void handle_decide(struct scache *cache, int outcome)
{
    sc_call_settle(&cache->call);
    if (outcome != SCACHE_DONE)
        sc_call_drop_found(&cache->call);
    cache->state = SC_HANDLE_DECIDED;
    cache->outcome = outcome;
}

/* @error: the system's, negative, or 0. */
static void handle_miss(struct scache *cache, enum scache_reason reason, int error)
{
    const char *detail = error < 0 ? strerrordesc_np(-error) : NULL;

    if (reason == SCACHE_REASON_BACKING_OFF)
        detail = NULL;
    if (reason == SCACHE_REASON_DISTRUSTED)
        detail = cache->exchange.place.detail;
    cache->reason = reason;
    sc_reason_explain(cache->why, sizeof(cache->why), reason, sc_handle_path(cache), detail);
    handle_decide(cache, SCACHE_MISS);
}

void sc_handle_adopt(struct scache *cache)
{
    if (!sc_origin_is_another(&cache->origin))
        return;
    sc_origin_claim(&cache->origin);
    if (cache->is_local)
        sc_local_clear(&cache->local);
    else
        sc_exchange_drop(&cache->exchange);
    sc_call_settle(&cache->call);
    sc_call_drop_found(&cache->call);
    cache->retry_at = 0;
    cache->backoff_ms = 0;
    if (cache->state == SC_HANDLE_IDLE)
        return;
    if (!cache->is_local)
        sc_exchange_end(&cache->exchange);
    handle_miss(cache, SCACHE_REASON_GIVEN_UP, 0);
}

static void handle_server_failed(struct scache *cache, int64_t now)
{
    /* What another process has found out is no failure of this one. */
    if (cache->exchange.reason == SCACHE_REASON_BACKING_OFF) {
        cache->retry_at = cache->exchange.place.hinted_until;
        return;
    }
    int first = cache->options.backoff_min_ms;
    int longest = cache->options.backoff_max_ms > first ? cache->options.backoff_max_ms : first;

    if (cache->backoff_ms == 0)
        cache->backoff_ms = first;
    else if (cache->backoff_ms > longest / 2)
        cache->backoff_ms = longest;
    else
        cache->backoff_ms *= 2;
    cache->retry_at = now + cache->backoff_ms;
    if (cache->options.hints && cache->exchange.reason == SCACHE_REASON_SLOW)
        sc_place_is_slow(&cache->exchange.place, now);
}

static void handle_server_answered(struct scache *cache)
{
    cache->backoff_ms = 0;
    sc_place_answers(&cache->exchange.place);
}

/* What is found or saved stays so when the server is lost after that. */
static bool handle_is_done(const struct scache *cache)
{
    return cache->call.found_fd >= 0 || cache->exchange.is_saved;
}

static void handle_advance(struct scache *cache)
{
    struct sc_exchange *exchange = &cache->exchange;
    int progress = sc_exchange_advance(exchange);
    int64_t now = cache->clock();

    if (progress == SC_PROGRESS_WAIT && now < cache->deadline)
        return;
    if (progress == SC_PROGRESS_WAIT) {
        sc_exchange_drop(exchange);
        exchange->reason = SCACHE_REASON_SLOW;
        progress = -ETIMEDOUT;
    }
    if (progress < 0)
        handle_server_failed(cache, now);
    else
        handle_server_answered(cache);
    sc_exchange_end(exchange);
    if (progress == SC_PROGRESS_DONE || handle_is_done(cache))
        handle_decide(cache, SCACHE_DONE);
    else
        handle_miss(cache, exchange->reason, progress < 0 ? progress : 0);
}

static void handle_begin(struct scache *cache)
{
    int64_t now = cache->clock();

    cache->state = SC_HANDLE_PENDING;
    if (cache->is_local) {
        enum scache_reason reason = sc_local_run(&cache->local, now, &cache->call);
        if (reason == SCACHE_REASON_NONE)
            handle_decide(cache, SCACHE_DONE);
        else
            handle_miss(cache, reason, 0);
        return;
    }
    if (now < cache->retry_at && !sc_link_is_open(&cache->exchange.link)) {
        handle_miss(cache, SCACHE_REASON_BACKING_OFF, 0);
        return;
    }
    cache->deadline = now + cache->options.deadline_ms;
    /* After a failure of its own it has delays of its own. */
    cache->exchange.place.heeds_hints = cache->options.hints && cache->backoff_ms == 0;
    sc_exchange_begin(&cache->exchange, &cache->options, now, &cache->call);
    handle_advance(cache);
}

static bool handle_saves(const struct sc_request *request)
{
    return request && (request->kind == SC_REQUEST_SAVE_ENDP || request->kind == SC_REQUEST_PUT);
}

static int handle_set_call(struct scache *cache, const struct sc_request *request, int fd)
{
    sc_call_drop_found(&cache->call);
    cache->reason = SCACHE_REASON_NONE;
    cache->why[0] = '\0';
    int error = request ? sc_call_set(&cache->call, request, fd) : -ENOMEM;
    if (error == -ENOMEM) {
        if (fd >= 0)
            close(fd);
        handle_miss(cache, SCACHE_REASON_NO_MEMORY, error);
        return 0;
    }
    if (error < 0)
        return error;
    /* A server cannot see that without waiting for whoever holds the socket. */
    if (handle_saves(request) && sc_talk_is_shut(fd))
        handle_miss(cache, SCACHE_REASON_DEAD, 0);
    else
        handle_begin(cache);
    return 0;
}

int sc_handle_start(struct scache *cache, const struct sc_request *request, int fd)
{
    int error = 0;

    if (handle_saves(request) && (fd < 0 || fcntl(fd, F_GETFD) < 0))
        return -EBADF;
    if (!cache) {
        error = -EINVAL;
    } else {
        sc_handle_adopt(cache);
        error = cache->state == SC_HANDLE_IDLE ? handle_set_call(cache, request, fd) : -EBUSY;
    }
    if (error < 0 && fd >= 0)
        close(fd);
    return error;
}

int sc_handle_dispatch(struct scache *cache)
{
    sc_handle_adopt(cache);
    if (cache->is_local)
        sc_local_expire(&cache->local, cache->clock());
    if (cache->state == SC_HANDLE_PENDING)
        handle_advance(cache);
    if (cache->state == SC_HANDLE_PENDING)
        return SCACHE_PENDING;
    if (cache->state == SC_HANDLE_IDLE)
        return SCACHE_IDLE;
    cache->state = SC_HANDLE_IDLE;
    return cache->outcome;
}

struct pollfd sc_handle_pollfd(const struct scache *cache)
{
    struct pollfd nothing = {.fd = -1};

    if (cache->state != SC_HANDLE_PENDING || sc_origin_is_another(&cache->origin))
        return nothing;
    if (cache->exchange.wait == SC_WAIT_READ)
        return (struct pollfd){.fd = cache->exchange.link.socket, .events = POLLIN};
    if (cache->exchange.wait == SC_WAIT_WRITE)
        return (struct pollfd){.fd = cache->exchange.link.socket, .events = POLLOUT};
    return nothing;
}

/* When it is to be dispatched; INT64_MAX: never. */
static int64_t handle_due(const struct scache *cache, int64_t now)
{
    int64_t retry = now + SC_EXCHANGE_RETRY_MS;

    switch (cache->state) {
    case SC_HANDLE_DECIDED:
        return now;
    case SC_HANDLE_PENDING:
        if (cache->exchange.wait == SC_WAIT_TIME && retry < cache->deadline)
            return retry;
        return cache->deadline;
    case SC_HANDLE_IDLE:
        break;
    }
    return cache->is_local ? sc_local_next_expiry(&cache->local) : INT64_MAX;
}

int sc_handle_wait_ms(const struct scache *cache)
{
    /* There a dispatch drops what was inherited, and says that it has. */
    if (sc_origin_is_another(&cache->origin))
        return cache->state == SC_HANDLE_IDLE ? -1 : 0;
    int64_t now = cache->clock();
    int64_t at = handle_due(cache, now);
    if (at == INT64_MAX)
        return -1;
    if (at <= now)
        return 0;
    return at - now > INT_MAX ? INT_MAX : (int)(at - now);
}

int sc_handle_wait(struct scache *cache)
{
    int outcome;

    while ((outcome = sc_handle_dispatch(cache)) == SCACHE_PENDING) {
        struct pollfd ready = sc_handle_pollfd(cache);
        /* Whatever it says, the next dispatch finds out; a signal included. */
        (void)poll(&ready, 1, sc_handle_wait_ms(cache));
    }
    return outcome;
}

void sc_handle_cancel(struct scache *cache)
{
    if (cache->state == SC_HANDLE_PENDING) {
        if (cache->exchange.phase > SC_PHASE_READY)
            sc_exchange_drop(&cache->exchange);
        sc_exchange_end(&cache->exchange);
        handle_miss(cache, SCACHE_REASON_GIVEN_UP, 0);
    }
    sc_call_drop_found(&cache->call);
    cache->state = SC_HANDLE_IDLE;
}
