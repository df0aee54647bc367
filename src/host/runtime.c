/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making and unmaking what services run in, in an order that suits the
 * sandbox: processes and descriptors of our own exist before anything of a
 * client's comes in. What the services are is not known here.
 */
#include "host/runtime.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "confine/sandbox.h"
#include "host/watchdog.h"

enum { MS = 1000, CLOSER_PATIENCE_MS = 50 };

/* Between two tries to send log records: twice as long each time, when nobody reads them. */
enum { FLUSH_FIRST_MS = 10, FLUSH_LAST_MS = 100 };

static int runtime_fail(struct sc_runtime *runtime, const char *what, int error)
{
    sc_log(runtime->log, SC_FATAL, "cannot %s: %s", what, strerror(-error));
    return error;
}

static void runtime_confine_nursery(void *mode)
{
    sc_sandbox_confine_nursery(*(const enum sc_sandbox_mode *)mode);
}

static void runtime_confine_dropper(void *mode)
{
    sc_sandbox_confine_dropper(*(const enum sc_sandbox_mode *)mode);
}

static int runtime_start_closer(struct sc_runtime *runtime, enum sc_sandbox_mode mode)
{
    const struct sc_nursery_confine confine = {
        .nursery = runtime_confine_nursery,
        .dropper = runtime_confine_dropper,
        .context = &mode,
    };

    sc_descriptors_raise(&runtime->descriptors);
    return sc_closer_new(&runtime->closer, runtime->descriptors.limit, runtime->log, &confine);
}

static void runtime_on_flush(struct sc_timer *timer)
{
    struct sc_runtime *runtime = SC_CONTAINER_OF(timer, struct sc_runtime, flush);

    sc_log_flush(runtime->log);
    if (!sc_log_is_behind(runtime->log))
        runtime->flush_pause = 0;
}

/* At the end of a turn: what somebody logged in it may wait to be sent. */
static void runtime_end_turn(struct sc_turn *turn)
{
    struct sc_runtime *runtime = SC_CONTAINER_OF(turn, struct sc_runtime, turn);

    if (!sc_log_is_behind(runtime->log) || runtime->flush.is_set)
        return;
    runtime->flush_pause = runtime->flush_pause == 0 ? FLUSH_FIRST_MS : 2 * runtime->flush_pause;
    if (runtime->flush_pause > FLUSH_LAST_MS)
        runtime->flush_pause = FLUSH_LAST_MS;
    sc_timer_set(&runtime->flush, sc_loop_now(runtime->loop) + runtime->flush_pause);
}

/* The log is watched from the first turn on: the start may have had much to say. */
static int runtime_watch_log(struct sc_runtime *runtime)
{
    int error = sc_timer_init(&runtime->flush, runtime->loop, runtime_on_flush);

    if (error < 0)
        return error;
    runtime->turn.end = runtime_end_turn;
    sc_turn_add(&runtime->turn, runtime->loop);
    return 0;
}

int sc_runtime_start(struct sc_runtime *runtime, int exit_pause)
{
    const struct sc_host_settings *settings = &runtime->params->host;
    int error = sc_loop_new(&runtime->loop);

    if (error < 0)
        return runtime_fail(runtime, "start an event loop", error);
    /* The watchdog comes first, so that it sees each turn from its very beginning to its end. */
    error = sc_watchdog_new(&runtime->watchdog, runtime->loop, runtime->log,
                            settings->daemon_timeout / MS, exit_pause);
    if (error < 0)
        sc_log(runtime->log, SC_WARNING, "there is no watchdog: %s", strerror(-error));
    error = runtime_watch_log(runtime);
    if (error < 0)
        return runtime_fail(runtime, "start an event loop", error);
    error = runtime_start_closer(runtime, settings->sandbox);
    if (error < 0)
        return runtime_fail(runtime, "make room for descriptors to be closed", error);
    return 0;
}

/* In the reverse order, as far as the start came. */
void sc_runtime_stop(struct sc_runtime *runtime)
{
    sc_closer_free(runtime->closer, CLOSER_PATIENCE_MS);
    runtime->closer = NULL;
    if (!runtime->loop)
        return;
    if (runtime->turn.end)
        sc_turn_remove(&runtime->turn, runtime->loop);
    sc_timer_fini(&runtime->flush);
    sc_watchdog_free(runtime->watchdog);
    sc_loop_free(runtime->loop);
    runtime->loop = NULL;
}

void sc_runtime_say(const struct sc_runtime *runtime, const char *name, const char *what)
{
    if (runtime->log->verbosity > 0)
        sc_log(runtime->log, SC_INFO, "%s %s %s", name, SC_VERSION, what);
}
