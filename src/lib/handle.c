/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

void sc_handle_adopt(struct scache *cache)
{
    pid_t self = getpid();

    if (cache->owner == self)
        return;
    cache->owner = self;
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
    cache->state = SC_HANDLE_DECIDED;
    cache->outcome = SCACHE_MISS;
}

static void handle_decide(struct scache *cache, int outcome)
{
    sc_call_settle(&cache->call);
    if (outcome != SCACHE_DONE)
        sc_call_drop_found(&cache->call);
    cache->state = SC_HANDLE_DECIDED;
    cache->outcome = outcome;
}

static void handle_server_failed(struct scache *cache, int64_t now)
{
    if (cache->backoff_ms == 0)
        cache->backoff_ms = cache->backoff_min_ms;
    else if (cache->backoff_ms > cache->backoff_max_ms / 2)
        cache->backoff_ms = cache->backoff_max_ms;
    else
        cache->backoff_ms *= 2;
    cache->retry_at = now + cache->backoff_ms;
}

/* What is found or saved stays so when the server is lost after that. */
static int handle_outcome_so_far(const struct scache *cache)
{
    return cache->call.found_fd >= 0 || cache->exchange.is_saved ? SCACHE_DONE : SCACHE_MISS;
}

void sc_handle_advance(struct scache *cache)
{
    int progress = sc_exchange_advance(&cache->exchange);
    int64_t now = cache->clock();
    int outcome = progress;

    if (progress == SC_PROGRESS_WAIT && now < cache->deadline)
        return;
    if (progress == SC_PROGRESS_WAIT) {
        sc_exchange_drop(&cache->exchange);
        progress = -ETIMEDOUT;
    }
    if (progress < 0) {
        handle_server_failed(cache, now);
        outcome = handle_outcome_so_far(cache);
    } else {
        cache->backoff_ms = 0;
    }
    sc_exchange_end(&cache->exchange);
    handle_decide(cache, outcome == SC_PROGRESS_DONE ? SCACHE_DONE : SCACHE_MISS);
}

static void handle_begin(struct scache *cache)
{
    int64_t now = cache->clock();

    cache->state = SC_HANDLE_PENDING;
    if (cache->is_local) {
        handle_decide(cache, sc_local_run(&cache->local, now, &cache->call));
        return;
    }
    if (now < cache->retry_at && !sc_link_is_open(&cache->exchange.link)) {
        handle_decide(cache, SCACHE_MISS);
        return;
    }
    cache->deadline = now + cache->deadline_ms;
    sc_exchange_begin(&cache->exchange, &cache->call);
    sc_handle_advance(cache);
}

static int handle_set_call(struct scache *cache, const struct sc_request *request, int fd)
{
    sc_call_drop_found(&cache->call);
    int error = request ? sc_call_set(&cache->call, request, fd) : -ENOMEM;
    if (error == -ENOMEM) {
        if (fd >= 0)
            close(fd);
        handle_decide(cache, SCACHE_MISS);
        return 0;
    }
    if (error == 0)
        handle_begin(cache);
    return error;
}

static bool handle_saves(const struct sc_request *request)
{
    return request && (request->kind == SC_REQUEST_SAVE_ENDP || request->kind == SC_REQUEST_PUT);
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

int sc_handle_wait(struct scache *cache)
{
    int outcome;

    while ((outcome = scache_dispatch(cache)) == SCACHE_PENDING) {
        struct pollfd ready = {.fd = scache_fd(cache), .events = (short)scache_events(cache)};
        /* Whatever it says, the next dispatch finds out; a signal included. */
        (void)poll(&ready, 1, scache_timeout(cache));
    }
    return outcome;
}

void sc_handle_cancel(struct scache *cache)
{
    if (cache->state == SC_HANDLE_PENDING) {
        if (cache->exchange.phase > SC_PHASE_READY)
            sc_exchange_drop(&cache->exchange);
        sc_exchange_end(&cache->exchange);
        handle_decide(cache, SCACHE_MISS);
    }
    sc_call_drop_found(&cache->call);
    cache->state = SC_HANDLE_IDLE;
}
