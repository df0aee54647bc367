/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/runtime.h"

#include <errno.h>
#include <string.h>

#include "confine/descriptors.h"
#include "confine/sandbox.h"
#include "host/watchdog.h"

enum { MS = 1000, CLOSER_PATIENCE_MS = 50 };

/* Between two tries to send log records. */
#define FLUSH_S 0.01

static int runtime_failed(struct sc_log *log, const char *what, int error)
{
    sc_log(log, SC_FATAL, "cannot %s: %s", what, strerror(-error));
    return error;
}

static int runtime_start_server(struct sc_runtime *runtime, const struct sc_params *params,
                                const struct sc_server_host *host,
                                const unsigned char key[SC_STORE_KEY_LENGTH])
{
    struct sc_server_options options = {
        .loop = runtime->events,
        .log = runtime->log,
        .settings = params->server,
        .host = *host,
    };
    struct sc_descriptors descriptors;
    int error;

    sc_descriptors_raise(&descriptors);
    options.descriptors = descriptors.limit;
    options.descriptors_used = descriptors.used;
    memcpy(options.key, key, sizeof(options.key));
    error = sc_closer_new(&runtime->closer, options.descriptors, runtime->log,
                          sc_sandbox_closer(params->host.sandbox));
    if (error < 0)
        return runtime_failed(runtime->log, "make room for descriptors to be closed", error);
    options.closer = runtime->closer;
    error = sc_server_new(&runtime->server, &options);
    if (error == -EMFILE)
        sc_log(runtime->log, SC_FATAL,
               "%zu descriptors are too few to cache connections: raise the limit (ulimit -n)",
               options.descriptors);
    else if (error < 0)
        return runtime_failed(runtime->log, "start the server", error);
    return error;
}

static void runtime_on_flush(struct ev_loop *loop, struct ev_timer *watch, int events)
{
    struct sc_runtime *runtime = watch->data;

    (void)loop;
    (void)events;
    sc_log_flush(runtime->log);
}

/* Log records that could not be sent are tried again by the clock. */
static void runtime_on_before_waiting(struct ev_loop *loop, struct ev_prepare *watch, int events)
{
    struct sc_runtime *runtime = watch->data;

    (void)events;
    if (!sc_log_is_behind(runtime->log) || ev_is_active(&runtime->flush))
        return;
    ev_timer_set(&runtime->flush, FLUSH_S, 0.0);
    ev_timer_start(loop, &runtime->flush);
}

static void runtime_watch_log(struct sc_runtime *runtime)
{
    ev_prepare_init(&runtime->before_waiting, runtime_on_before_waiting);
    ev_set_priority(&runtime->before_waiting, EV_MINPRI);
    ev_init(&runtime->flush, runtime_on_flush);
    runtime->before_waiting.data = runtime->flush.data = runtime;
    ev_prepare_start(runtime->loop, &runtime->before_waiting);
}

int sc_runtime_start(struct sc_runtime *runtime, struct sc_log *log, const struct sc_params *params,
                     const struct sc_server_host *host,
                     const unsigned char key[SC_STORE_KEY_LENGTH], int exit_pause)
{
    *runtime = (struct sc_runtime){.log = log};
    int error = sc_loop_new(&runtime->events);
    if (error < 0)
        return runtime_failed(log, "start an event loop", error);
    runtime->loop = runtime->events->ev;
    runtime_watch_log(runtime);
    error = runtime_start_server(runtime, params, host, key);
    if (error < 0)
        return error;
    error = sc_watchdog_new(&runtime->watchdog, runtime->loop, log,
                            params->host.daemon_timeout / MS, exit_pause);
    if (error < 0)
        sc_log(log, SC_WARNING, "there is no watchdog: %s", strerror(-error));
    return 0;
}

void sc_runtime_stop(struct sc_runtime *runtime)
{
    sc_watchdog_free(runtime->watchdog);
    sc_server_free(runtime->server);
    sc_closer_free(runtime->closer, CLOSER_PATIENCE_MS);
    sc_loop_free(runtime->events);
    *runtime = (struct sc_runtime){0};
}
