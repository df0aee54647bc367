/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making a handle, setting it up and ending it. Nothing is connected to here.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "lib/handle.h"

/* Times to live go on while the machine sleeps. */
static int64_t open_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct scache *open_new_handle(void)
{
    struct scache *cache = calloc(1, sizeof(*cache));

    if (!cache)
        return NULL;
    sc_origin_init(&cache->origin);
    cache->clock = open_clock_ms;
    sc_options_init(&cache->options);
    sc_call_init(&cache->call);
    return cache;
}

/* Frees a handle that has neither exchange nor store. */
static void open_free_handle(struct scache *cache)
{
    sc_call_fini(&cache->call);
    sc_origin_fini(&cache->origin);
    free(cache);
}

static int open_server(struct scache **cache, const char *path)
{
    *cache = open_new_handle();
    if (!*cache)
        return -ENOMEM;
    int error = sc_exchange_init(&(*cache)->exchange, path);
    if (error < 0)
        open_free_handle(*cache);
    return error;
}

static int open_local(struct scache **cache)
{
    *cache = open_new_handle();
    if (!*cache)
        return -ENOMEM;
    (*cache)->is_local = true;
    int error = sc_local_init(&(*cache)->local, (size_t)(*cache)->options.max_connections);
    if (error < 0)
        open_free_handle(*cache);
    return error;
}

static struct scache *opened(struct scache *cache, int error)
{
    if (error == 0)
        return cache;
    errno = -error;
    return NULL;
}

struct scache *scache_open(const char *path)
{
    struct scache *cache = NULL;
    int error = open_server(&cache, path);

    return opened(cache, error);
}

struct scache *scache_open_local(void)
{
    struct scache *cache = NULL;
    int error = open_local(&cache);

    return opened(cache, error);
}

const char *scache_path(const struct scache *cache)
{
    return cache ? sc_handle_path(cache) : NULL;
}

int scache_set_option(struct scache *cache, enum scache_option option, long value)
{
    if (!cache)
        return -EINVAL;
    int error = sc_options_set(&cache->options, cache->is_local, option, value);
    if (error == 0 && option == SCACHE_OPT_MAX_CONNECTIONS)
        sc_local_set_max(&cache->local, (size_t)value);
    return error;
}

int scache_get_option(const struct scache *cache, enum scache_option option, long *value)
{
    return cache && value ? sc_options_get(&cache->options, cache->is_local, option, value)
                          : -EINVAL;
}

void scache_close(struct scache *cache)
{
    if (!cache)
        return;
    sc_handle_adopt(cache);
    if (cache->is_local)
        sc_local_fini(&cache->local);
    else
        sc_exchange_fini(&cache->exchange);
    open_free_handle(cache);
}
