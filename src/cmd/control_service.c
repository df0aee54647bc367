/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the hosts' table of functions means for the control service; where its
 * socket is; and who is who there. What one may ask is not decided here.
 */
#include "cmd/control_service.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/random.h"
#include "io/accept.h"

/* Whoever may connect is told who he is by the kernel, so anybody may try. */
enum { SOCKET_MODE = 0666 };

static struct sc_control_service *control_service_of(struct sc_service *service)
{
    return SC_CONTAINER_OF(service, struct sc_control_service, base);
}

static const struct sc_control_service *control_service_view(const struct sc_service *service)
{
    return (const struct sc_control_service *)(const void *)service;
}

/* --- who is who ---------------------------------------------------------------- */

static bool control_service_lists(const struct sc_roster *roster, int client, uid_t user)
{
    if (roster->everybody || sc_roster_names_user(roster, user))
        return true;
    for (size_t i = 0; i < roster->group_count; i++)
        if (sc_accept_has_group(client, roster->groups[i]))
            return true;
    return false;
}

static enum sc_access control_service_access(const struct sc_control_service *service, int client,
                                             int64_t user, int64_t space)
{
    const struct sc_runtime *runtime = service->runtime;
    bool own = user == (int64_t)runtime->owner;

    if (user < 0 || !sc_mapping_is_real(&service->users, (uint32_t)user))
        return SC_ACCESS_NONE;
    if (user == 0 || (own && !runtime->under_master) ||
        control_service_lists(&service->all, client, (uid_t)user))
        return SC_ACCESS_ALL;
    if (own || control_service_lists(&service->stats, client, (uid_t)user))
        return SC_ACCESS_LOOK;
    return space >= 0 ? SC_ACCESS_OWN : SC_ACCESS_NONE;
}

static struct sc_who control_service_identify(void *context, int client, int64_t user)
{
    struct sc_control_service *service = context;
    struct sc_runtime *runtime = service->runtime;
    int64_t space = -1;

    if (runtime->space_of)
        space = runtime->space_of(runtime, client, user);
    return (struct sc_who){
        .access = control_service_access(service, client, user, space),
        .user = user,
        .space = space,
    };
}

/* --- what it sees of the cache ---------------------------------------------------- */

static void control_service_gauge(void *context, uint64_t gauges[SC_GAUGES])
{
    const struct sc_control_service *service = context;

    sc_server_gauge(service->cache->server, gauges);
}

static void control_service_note_dropped(void *context)
{
    const struct sc_control_service *service = context;

    sc_server_note_dropped(service->cache->server);
}

static const struct sc_params *control_service_params(void *context)
{
    const struct sc_control_service *service = context;

    return service->runtime->params;
}

static void control_service_apply(void *context, const struct sc_params *params)
{
    const struct sc_control_service *service = context;

    sc_server_configure(service->cache->server, &params->server);
}

/* Whoever looks, and what is set for a time, keeps an idle server from ending. */
static void control_service_on_changed(void *context)
{
    const struct sc_control_service *service = context;

    if (service->runtime->changed)
        service->runtime->changed(service->runtime);
}

/* --- the socket ----------------------------------------------------------------------- */

static bool control_service_is_preset(const struct sc_runtime *runtime)
{
    return sc_origin_is_preset(runtime->params->origins[SC_PARAM_connection_cache_control_socket]);
}

/* Where it is to be; false: nowhere. */
static bool control_service_path(const struct sc_runtime *runtime, char path[SC_LISTEN_PATH_MAX])
{
    const char *configured = runtime->params->control.control_socket;
    int length = 0;

    if (runtime->standard_io)
        return false;
    if (configured[0] != '\0')
        length = snprintf(path, SC_LISTEN_PATH_MAX, "%s", configured);
    else if (!runtime->under_master && runtime->socket && control_service_is_preset(runtime))
        length = snprintf(path, SC_LISTEN_PATH_MAX, "%s.control", runtime->socket);
    if (length >= SC_LISTEN_PATH_MAX)
        sc_log(runtime->log, SC_WARNING,
               "there is no control socket: its path would have %d bytes, and may have %d", length,
               SC_LISTEN_PATH_MAX - 1);
    return length > 0 && length < SC_LISTEN_PATH_MAX;
}

/*
 * Nobody has asked for the preset one, and the mail log has lines only for what
 * somebody did: where that cannot be made it is said with -v -v.
 */
static void control_service_explain(const struct sc_runtime *runtime, const char *path, int error)
{
    bool wanted = !control_service_is_preset(runtime);

    if (wanted || runtime->log->verbosity > 1)
        sc_log(runtime->log, wanted ? SC_WARNING : SC_INFO, "there is no control socket: %s: %s",
               path, strerror(-error));
}

/*
 * In the queue's directory, as whoever owns that: never as root, who would
 * follow what others have put there.
 */
static int control_service_make_as_owner(const struct sc_runtime *runtime, const char *path)
{
    bool changes = geteuid() == 0 && runtime->owner != 0;

    if (changes && (setegid(runtime->group) < 0 || seteuid(runtime->owner) < 0)) {
        int error = -errno;
        return setegid(getgid()) < 0 ? -errno : error;
    }
    int fd = sc_listen_replace(path, SOCKET_MODE);
    if (changes && (seteuid(0) < 0 || setegid(getgid()) < 0)) {
        if (fd >= 0)
            close(fd);
        return -errno;
    }
    return fd;
}

static void control_service_make_socket(struct sc_control_service *service)
{
    const struct sc_runtime *runtime = service->runtime;
    char path[SC_LISTEN_PATH_MAX];
    const struct sc_listen_options options = {
        .path = path,
        .mode = SOCKET_MODE,
        .owner = runtime->owner,
        .group = runtime->group,
    };

    if (!control_service_path(runtime, path))
        return;
    int error = 0;
    if (runtime->under_master)
        error = service->listener = control_service_make_as_owner(runtime, path);
    else
        error = sc_listen_open(&service->listen, &options);
    if (error < 0)
        control_service_explain(runtime, path, error);
}

/* --- what the host asks ------------------------------------------------------------------ */

static int control_service_read_roster(const struct sc_runtime *runtime, struct sc_roster *roster,
                                       const char *list, const char *name)
{
    struct sc_bytes unknown = {0};
    int error = sc_roster_init(roster, sc_bytes_of(list), &unknown);

    if (error == -ENOENT)
        sc_log(runtime->log, SC_FATAL, "%s = %s: there is no such user or group: %.*s", name, list,
               SC_LOG_VIEW(unknown));
    else if (error < 0)
        sc_log(runtime->log, SC_FATAL, "%s: %s", name, strerror(-error));
    return error;
}

static int control_service_prepare(struct sc_service *base, struct sc_runtime *runtime)
{
    struct sc_control_service *service = control_service_of(base);
    const struct sc_control_settings *settings = &runtime->params->control;

    service->runtime = runtime;
    sc_mapping_read_users(&service->users);
    int error = control_service_read_roster(runtime, &service->all, settings->control_users,
                                            "connection_cache_control_users");
    if (error == 0)
        error = control_service_read_roster(runtime, &service->stats, settings->stats_users,
                                            "connection_cache_stats_users");
    if (error == 0)
        error = sc_random_fill((unsigned char *)&service->instance, sizeof(service->instance));
    if (error < 0)
        return error;
    service->instance >>= 1; /* a number without a sign in any language */
    control_service_make_socket(service);
    return 0;
}

static int control_service_start(struct sc_service *base, struct sc_runtime *runtime)
{
    struct sc_control_service *service = control_service_of(base);
    struct sc_server_parts parts = sc_server_parts(service->cache->server);
    const struct sc_control_options options = {
        .loop = runtime->loop,
        .log = runtime->log,
        .closer = runtime->closer,
        .stats = parts.stats,
        .source =
            {
                .store = parts.store,
                .stats = parts.stats,
                .crowd = parts.crowd,
                .history = parts.history,
                .gauges = control_service_gauge,
                .dropped = control_service_note_dropped,
                .params = control_service_params,
                .configure = control_service_apply,
                .context = service,
            },
        .params = runtime->params,
        .instance = service->instance,
        .mode = runtime->under_master ? "master" : "standalone",
        .identify = control_service_identify,
        .changed = control_service_on_changed,
        .context = service,
    };

    int error = sc_control_new(&service->control, &options);
    int listener = service->listener >= 0 ? service->listener : service->listen.fd;
    if (error == 0 && listener >= 0)
        error = sc_control_listen(service->control, listener);
    if (error < 0) {
        sc_log(runtime->log, SC_FATAL, "cannot start the control service: %s", strerror(-error));
        return error;
    }
    const struct sc_store_observer tap = sc_control_observer(service->control);
    sc_server_set_tap(service->cache->server, &tap);
    return 0;
}

static int control_service_listen(struct sc_service *base, int listener)
{
    struct sc_control_service *service = control_service_of(base);
    int error = sc_control_listen(service->control, listener);

    if (error < 0)
        sc_log(service->runtime->log, SC_FATAL, "control: cannot listen: %s", strerror(-error));
    return error;
}

static void control_service_configure(struct sc_service *base, const struct sc_params *params)
{
    sc_control_configure(control_service_of(base)->control, params);
}

static size_t control_service_clients(const struct sc_service *base)
{
    const struct sc_control_service *service = control_service_view(base);

    return service->control && sc_control_holds(service->control) ? 1 : 0;
}

/* Nobody is waited for: whoever looks can look at the next one. */
static void control_service_drain(struct sc_service *base, int64_t patience)
{
    (void)patience;
    sc_listen_close(&control_service_of(base)->listen);
}

static bool control_service_is_drained(const struct sc_service *base)
{
    (void)base;
    return true;
}

static void control_service_stop(struct sc_service *base)
{
    static const struct sc_store_observer nobody;
    struct sc_control_service *service = control_service_of(base);

    if (service->cache->server)
        sc_server_set_tap(service->cache->server, &nobody);
    sc_control_free(service->control);
    service->control = NULL;
    sc_listen_close(&service->listen);
    if (service->listener >= 0)
        close(service->listener);
    service->listener = -1;
    sc_roster_fini(&service->all);
    sc_roster_fini(&service->stats);
}

void sc_control_service_init(struct sc_control_service *service, struct sc_cache_service *cache)
{
    static const struct sc_service_calls calls = {
        .name = "control",
        .listener = "control",
        .prepare = control_service_prepare,
        .start = control_service_start,
        .listen = control_service_listen,
        .configure = control_service_configure,
        .clients = control_service_clients,
        .drain = control_service_drain,
        .is_drained = control_service_is_drained,
        .stop = control_service_stop,
    };

    *service = (struct sc_control_service){
        .base = {.calls = &calls},
        .cache = cache,
        .listen = SC_LISTEN_NONE,
        .listener = -1,
    };
}
