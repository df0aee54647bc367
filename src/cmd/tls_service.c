/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the hosts' table of functions means for the relay of TLS sessions, and
 * its lines in the log.
 */
#include "cmd/tls_service.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "confine/sandbox.h"
#include "host/random.h"
#include "relay/cradle.h"

static struct sc_tls_service *tls_service_of(struct sc_service *service)
{
    return SC_CONTAINER_OF(service, struct sc_tls_service, base);
}

static const struct sc_tls_service *tls_service_view(const struct sc_service *service)
{
    return (const struct sc_tls_service *)(const void *)service;
}

static int tls_service_fail(struct sc_log *log, const char *what, int error)
{
    sc_log(log, SC_FATAL, "cannot %s: %s", what, strerror(-error));
    return error;
}

/* --- what the porter asks and tells ----------------------------------------- */

static bool tls_service_admit(void *context, int client, int64_t user)
{
    struct sc_tls_service *service = context;

    return service->runtime->admit(service->runtime, client, user) >= 0;
}

static void tls_service_on_drained(void *context)
{
    struct sc_tls_service *service = context;

    service->runtime->drained(service->runtime);
}

static void tls_service_confine_cradle(void *mode)
{
    sc_sandbox_confine_cradle(*(const enum sc_sandbox_mode *)mode);
}

static void tls_service_confine_worker(void *mode)
{
    sc_sandbox_confine_worker(*(const enum sc_sandbox_mode *)mode);
}

/* --- statistics --------------------------------------------------------------- */

static uint64_t tls_service_sum(const struct sc_tally *tally, enum sc_tally_counter first,
                                enum sc_tally_counter last)
{
    uint64_t sum = 0;

    for (int counter = first; counter <= (int)last; counter++)
        sum += tally->counters[counter];
    return sum;
}

static void tls_service_log(struct sc_log *log, const struct sc_tally *since)
{
    uint64_t failed = tls_service_sum(since, SC_TALLY_HANDSHAKE_ALERT, SC_TALLY_HANDSHAKE_OTHER);
    uint64_t done = since->counters[SC_TALLY_HANDSHAKE_DONE];
    uint64_t refused =
        tls_service_sum(since, SC_TALLY_REFUSED_MALFORMED, SC_TALLY_REFUSED_STOPPING);
    uint64_t ended = tls_service_sum(since, SC_TALLY_ENDED_CALLER, SC_TALLY_ENDED_LIMIT);

    if (done + failed + refused > 0)
        sc_log(log, SC_INFO,
               "statistics: handshakes done=%" PRIu64 " failed=%" PRIu64 " refused=%" PRIu64
               " average=%" PRIu64 "ms",
               done, failed, refused, done > 0 ? since->counters[SC_TALLY_TOOK_MS] / done : 0);
    if (ended > 0)
        sc_log(log, SC_INFO,
               "statistics: sessions ended=%" PRIu64 " clean=%" PRIu64 " truncated=%" PRIu64
               " up=%" PRIu64 " down=%" PRIu64,
               ended, since->counters[SC_TALLY_ENDED_FAR],
               since->counters[SC_TALLY_ENDED_TRUNCATED], since->counters[SC_TALLY_BYTES_UP],
               since->counters[SC_TALLY_BYTES_DOWN]);
}

/* What was counted since the last time. */
static void tls_service_report(struct sc_service *base)
{
    struct sc_tls_service *service = tls_service_of(base);
    struct sc_relay_counts counts;
    struct sc_tally tally;
    size_t users;

    if (!service->porter)
        return;
    sc_porter_count(service->porter, &tally, &counts, &users);
    struct sc_tally since = tally;
    sc_tally_subtract(&since, &service->reported);
    service->reported = tally;
    tls_service_log(service->runtime->log, &since);
}

static void tls_service_set_report(struct sc_tls_service *service)
{
    const struct sc_relay_settings *settings = &service->runtime->params->relay;

    sc_timer_set(&service->report,
                 sc_loop_now(service->runtime->loop) + settings->status_update_time);
}

static void tls_service_on_report(struct sc_timer *timer)
{
    struct sc_tls_service *service = SC_CONTAINER_OF(timer, struct sc_tls_service, report);

    tls_service_report(&service->base);
    tls_service_set_report(service);
}

static void tls_service_describe(const struct sc_service *base)
{
    const struct sc_tls_service *service = tls_service_view(base);
    struct sc_relay_counts counts;
    struct sc_tally tally;
    size_t users;

    sc_porter_count(service->porter, &tally, &counts, &users);
    sc_log(service->runtime->log, SC_INFO,
           "state: %zu users, %zu clients, %zu sessions, %zu handshakes, policy %.16s", users,
           counts.askers, counts.sessions, counts.handshakes, service->engines.policy.digest);
}

/* --- what the host asks --------------------------------------------------------- */

static int tls_service_prepare(struct sc_service *base, struct sc_runtime *runtime)
{
    struct sc_tls_service *service = tls_service_of(base);
    const struct sc_tls_settings *settings = &runtime->params->tls;
    const struct sc_policy_options options = {
        .ca_file = settings->ca_file,
        .ciphers = settings->ciphers,
        .least = (enum sc_tls_version)settings->protocols,
        .allows_unverified = settings->allow_unverified,
    };
    char problem[SC_POLICY_PROBLEM_MAX];

    tzset(); /* The C library reads it when dates are compared, and then there are no files. */
    int error = sc_tls_engines_init(&service->engines, &options, problem);

    if (error < 0 || problem[0] != '\0')
        sc_log(runtime->log, error < 0 ? SC_FATAL : SC_WARNING, "%s%s", problem,
               error < 0 ? "" : ": clients must bring authorities of their own");
    if (error < 0)
        return error;
    service->has_engines = true;
    error = sc_random_fill(&service->instance, sizeof(service->instance));
    return error < 0 ? tls_service_fail(runtime->log, "get random bytes", error) : 0;
}

static int tls_service_start(struct sc_service *base, struct sc_runtime *runtime)
{
    struct sc_tls_service *service = tls_service_of(base);
    struct sc_porter_options options = {
        .loop = runtime->loop,
        .log = runtime->log,
        .closer = runtime->closer,
        .instance = service->instance,
        .settings = runtime->params->relay,
        .admit = tls_service_admit,
        .drained = tls_service_on_drained,
        .context = service,
    };
    enum sc_sandbox_mode mode = runtime->params->host.sandbox;
    const struct sc_cradle_options cradle = {
        .worker =
            {
                .engines = &service->engines.base,
                .confine = tls_service_confine_worker,
                .context = &mode,
            },
        .confine = tls_service_confine_cradle,
        .context = &mode,
    };

    service->runtime = runtime;
    int error = sc_timer_init(&service->report, runtime->loop, tls_service_on_report);
    if (error == 0)
        error = options.cradle = sc_cradle_start(&cradle);
    if (error >= 0)
        error = sc_porter_new(&service->porter, &options);
    if (error < 0)
        return tls_service_fail(runtime->log, "start the service", error);
    tls_service_set_report(service);
    return 0;
}

static int tls_service_listen(struct sc_service *base, int listener)
{
    struct sc_tls_service *service = tls_service_of(base);
    int error = sc_porter_listen(service->porter, listener);

    return error < 0 ? tls_service_fail(service->runtime->log, "listen", error) : 0;
}

static void tls_service_configure(struct sc_service *base, const struct sc_params *params)
{
    struct sc_tls_service *service = tls_service_of(base);

    sc_porter_configure(service->porter, &params->relay);
    tls_service_set_report(service);
}

static size_t tls_service_clients(const struct sc_service *base)
{
    struct sc_relay_counts counts;
    struct sc_tally tally;
    size_t users;

    sc_porter_count(tls_service_view(base)->porter, &tally, &counts, &users);
    return users;
}

/* How long busy sessions have is a parameter of their own. */
static void tls_service_drain(struct sc_service *base, int64_t patience)
{
    (void)patience;
    sc_porter_drain(tls_service_of(base)->porter);
}

static bool tls_service_is_drained(const struct sc_service *base)
{
    return sc_porter_is_drained(tls_service_view(base)->porter);
}

static void tls_service_stop(struct sc_service *base)
{
    struct sc_tls_service *service = tls_service_of(base);

    sc_porter_free(service->porter);
    service->porter = NULL;
    sc_timer_fini(&service->report);
    if (service->has_engines)
        sc_tls_engines_fini(&service->engines);
    service->has_engines = false;
}

void sc_tls_service_init(struct sc_tls_service *service)
{
    static const struct sc_service_calls calls = {
        .name = "tls",
        .prepare = tls_service_prepare,
        .start = tls_service_start,
        .listen = tls_service_listen,
        .configure = tls_service_configure,
        .clients = tls_service_clients,
        .drain = tls_service_drain,
        .is_drained = tls_service_is_drained,
        .report = tls_service_report,
        .describe = tls_service_describe,
        .stop = tls_service_stop,
    };

    *service = (struct sc_tls_service){.base = {.calls = &calls}};
}
