/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making a handle and ending it. Nothing is connected to here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/dial.h"
#include "lib/handle.h"

static int64_t open_monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The place of a server that was not named; allocated. */
static char *open_default_path(void)
{
    const char *named = secure_getenv("SCACHE_SOCKET");
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
    char *path = NULL;

    if (named && *named)
        return strdup(named);
    if (runtime && *runtime) {
        if (asprintf(&path, "%s/scache.sock", runtime) < 0)
            return NULL;
        if (access(path, F_OK) == 0)
            return path;
        free(path);
    }
    return strdup(SCACHE_DEFAULT_PATH);
}

static int open_check_path(const char *path)
{
    size_t length = strlen(path);

    if (length == 0)
        return -EINVAL;
    return length > SC_DIAL_PATH_MAX ? -ENAMETOOLONG : 0;
}

static struct scache *open_new_handle(void)
{
    struct scache *cache = calloc(1, sizeof(*cache));

    if (!cache)
        return NULL;
    cache->owner = getpid();
    cache->clock = open_monotonic_ms;
    sc_options_init(&cache->options);
    sc_call_init(&cache->call);
    return cache;
}

static int open_server(struct scache **cache, const char *name)
{
    char *path = name ? strdup(name) : open_default_path();

    if (!path)
        return -ENOMEM;
    int error = open_check_path(path);
    if (error == 0) {
        *cache = open_new_handle();
        error = *cache ? 0 : -ENOMEM;
    }
    if (error < 0) {
        free(path);
        return error;
    }
    sc_exchange_init(&(*cache)->exchange, path);
    return 0;
}

static int open_local(struct scache **cache)
{
    *cache = open_new_handle();
    if (!*cache)
        return -ENOMEM;
    (*cache)->is_local = true;
    int error = sc_local_init(&(*cache)->local, (size_t)(*cache)->options.max_connections);
    if (error < 0)
        free(*cache);
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
    return cache && !cache->is_local ? cache->exchange.path : NULL;
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
    sc_call_fini(&cache->call);
    free(cache);
}
