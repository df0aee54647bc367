/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/dial.h"
#include "lib/handle.h"

enum {
    DEADLINE_MS = 1000,
    BACKOFF_MIN_MS = 100,
    BACKOFF_MAX_MS = 10000,
    CONNECTIONS_MAX = 256,
};

static int64_t open_monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int open_larger(int one, int other)
{
    return one > other ? one : other;
}

/* The options with nothing left to default, or -EINVAL. */
static int open_complete_options(const struct scache_options *given, struct scache_options *options)
{
    *options = given ? *given : (struct scache_options){0};
    for (size_t i = 0; i < SC_COUNT_OF(options->reserved); i++)
        if (options->reserved[i] != 0)
            return -EINVAL;
    if (options->deadline_ms < 0 || options->backoff_min_ms < 0 || options->backoff_max_ms < 0 ||
        options->max_connections < 0)
        return -EINVAL;
    if (options->deadline_ms == 0)
        options->deadline_ms = DEADLINE_MS;
    if (options->backoff_min_ms == 0)
        options->backoff_min_ms = BACKOFF_MIN_MS;
    if (options->backoff_max_ms == 0)
        options->backoff_max_ms = BACKOFF_MAX_MS;
    options->backoff_max_ms = open_larger(options->backoff_max_ms, options->backoff_min_ms);
    if (options->max_connections == 0)
        options->max_connections = CONNECTIONS_MAX;
    return 0;
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

static bool open_is_classic_wanted(const struct scache_options *options)
{
    const char *word = secure_getenv("SCACHE_CLASSIC");

    return options->classic != 0 || (word && strcmp(word, "1") == 0);
}

static int open_check_path(const char *path)
{
    size_t length = strlen(path);

    if (length == 0)
        return -EINVAL;
    return length > SC_IO_PATH_MAX ? -ENAMETOOLONG : 0;
}

static struct scache *open_new_handle(const struct scache_options *options)
{
    struct scache *cache = calloc(1, sizeof(*cache));

    if (!cache)
        return NULL;
    cache->owner = getpid();
    cache->clock = open_monotonic_ms;
    cache->deadline_ms = options->deadline_ms;
    cache->backoff_min_ms = options->backoff_min_ms;
    cache->backoff_max_ms = options->backoff_max_ms;
    sc_call_init(&cache->call);
    return cache;
}

static int open_server(struct scache **cache, const char *name, const struct scache_options *given)
{
    struct scache_options options;
    int error = open_complete_options(given, &options);

    if (error < 0)
        return error;
    char *path = name ? strdup(name) : open_default_path();
    if (!path)
        return -ENOMEM;
    error = open_check_path(path);
    if (error == 0) {
        *cache = open_new_handle(&options);
        error = *cache ? 0 : -ENOMEM;
    }
    if (error < 0) {
        free(path);
        return error;
    }
    sc_exchange_init(&(*cache)->exchange, path);
    (*cache)->exchange.greets = options.no_greeting == 0;
    (*cache)->exchange.is_classic = open_is_classic_wanted(&options);
    return 0;
}

static int open_local(struct scache **cache, const struct scache_options *given)
{
    struct scache_options options;
    int error = open_complete_options(given, &options);

    if (error < 0)
        return error;
    *cache = open_new_handle(&options);
    if (!*cache)
        return -ENOMEM;
    (*cache)->is_local = true;
    error = sc_local_init(&(*cache)->local, (size_t)options.max_connections);
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

struct scache *scache_open(const char *path, const struct scache_options *options)
{
    struct scache *cache = NULL;
    int error = open_server(&cache, path, options);

    return opened(cache, error);
}

struct scache *scache_open_local(const struct scache_options *options)
{
    struct scache *cache = NULL;
    int error = open_local(&cache, options);

    return opened(cache, error);
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

int scache_set_deadline(struct scache *cache, int milliseconds)
{
    if (!cache || milliseconds < 1)
        return -EINVAL;
    cache->deadline_ms = milliseconds;
    return 0;
}
