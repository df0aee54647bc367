/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the hosts' table of functions means for the cache server. Nothing is
 * decided here.
 */
#include "cmd/cache_service.h"

#include <errno.h>
#include <string.h>

#include "host/random.h"

static struct sc_cache_service *cache_service_of(struct sc_service *service)
{
    return SC_CONTAINER_OF(service, struct sc_cache_service, base);
}

static const struct sc_cache_service *cache_service_view(const struct sc_service *service)
{
    return (const struct sc_cache_service *)(const void *)service;
}

static int cache_service_fail(struct sc_log *log, const char *what, int error)
{
    sc_log(log, SC_FATAL, "cannot %s: %s", what, strerror(-error));
    return error;
}

/* --- what the server tells --------------------------------------------------- */

static int64_t cache_service_admit(void *context, const struct sc_caller *caller, int client)
{
    struct sc_cache_service *service = context;

    return service->runtime->admit(service->runtime, client, caller->user);
}

static void cache_service_on_first_request(void *context)
{
    struct sc_cache_service *service = context;

    if (service->runtime->used)
        service->runtime->used(service->runtime);
}

static void cache_service_on_clients_changed(void *context, size_t clients)
{
    struct sc_cache_service *service = context;

    service->clients = clients;
    if (service->runtime->changed)
        service->runtime->changed(service->runtime);
}

static void cache_service_on_drained(void *context)
{
    struct sc_cache_service *service = context;

    service->drained = true;
    service->runtime->drained(service->runtime);
}

/* --- what the host asks ------------------------------------------------------- */

static int cache_service_prepare(struct sc_service *base, struct sc_runtime *runtime)
{
    struct sc_cache_service *service = cache_service_of(base);
    int error = sc_random_fill(service->key, sizeof(service->key));

    return error < 0 ? cache_service_fail(runtime->log, "get random bytes", error) : 0;
}

static int cache_service_start(struct sc_service *base, struct sc_runtime *runtime)
{
    struct sc_cache_service *service = cache_service_of(base);
    struct sc_server_options options = {
        .loop = runtime->loop,
        .log = runtime->log,
        .closer = runtime->closer,
        .descriptors = runtime->descriptors.limit,
        .descriptors_used = runtime->descriptors.used,
        .settings = runtime->params->server,
        .host =
            {
                .admit = runtime->admit ? cache_service_admit : NULL,
                .first_request = cache_service_on_first_request,
                .clients_changed = cache_service_on_clients_changed,
                .drained = cache_service_on_drained,
                .context = service,
            },
    };

    service->runtime = runtime;
    memcpy(options.key, service->key, sizeof(options.key));
    int error = sc_server_new(&service->server, &options);
    if (error == -EMFILE)
        sc_log(runtime->log, SC_FATAL,
               "%zu descriptors are too few to cache connections: raise the limit (ulimit -n)",
               options.descriptors);
    else if (error < 0)
        return cache_service_fail(runtime->log, "start the server", error);
    return error;
}

static int cache_service_listen(struct sc_service *base, int listener)
{
    struct sc_cache_service *service = cache_service_of(base);
    int error = sc_server_listen(service->server, listener);

    return error < 0 ? cache_service_fail(service->runtime->log, "listen", error) : 0;
}

static int cache_service_serve(struct sc_service *base, int input, int output)
{
    struct sc_cache_service *service = cache_service_of(base);
    int error = sc_server_serve(service->server, input, output);

    return error < 0 ? cache_service_fail(service->runtime->log, "serve a client", error) : 0;
}

static void cache_service_configure(struct sc_service *base, const struct sc_params *params)
{
    sc_server_configure(cache_service_of(base)->server, &params->server);
}

static size_t cache_service_clients(const struct sc_service *base)
{
    return cache_service_view(base)->clients;
}

static void cache_service_drain(struct sc_service *base, int64_t patience)
{
    sc_server_drain(cache_service_of(base)->server, patience);
}

static bool cache_service_is_drained(const struct sc_service *base)
{
    return cache_service_view(base)->drained;
}

static void cache_service_report(struct sc_service *base)
{
    sc_server_report(cache_service_of(base)->server);
}

static void cache_service_describe(const struct sc_service *base)
{
    sc_server_describe(cache_service_view(base)->server);
}

static void cache_service_stop(struct sc_service *base)
{
    struct sc_cache_service *service = cache_service_of(base);

    sc_server_free(service->server);
    service->server = NULL;
}

void sc_cache_service_init(struct sc_cache_service *service)
{
    static const struct sc_service_calls calls = {
        .name = "cache",
        .prepare = cache_service_prepare,
        .start = cache_service_start,
        .listen = cache_service_listen,
        .serve = cache_service_serve,
        .configure = cache_service_configure,
        .clients = cache_service_clients,
        .drain = cache_service_drain,
        .is_drained = cache_service_is_drained,
        .report = cache_service_report,
        .describe = cache_service_describe,
        .stop = cache_service_stop,
    };

    *service = (struct sc_cache_service){.base = {.calls = &calls}};
}
