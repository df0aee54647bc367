/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/standalone.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "confine/identity.h"
#include "confine/sandbox.h"
#include "host/access.h"
#include "host/arguments.h"
#include "host/given.h"
#include "host/owner.h"
#include "host/random.h"
#include "host/runtime.h"
#include "host/standard_error.h"
#include "io/accept.h"
#include "io/listen.h"

enum { DRAIN_MS = 5000, FATAL_PAUSE_S = 0, LAST_WORDS_MS = 1000 };

struct standalone {
    struct sc_arguments arguments;
    struct sc_params params;
    struct sc_access access;
    struct sc_identity identity; /* that of the user to become */
    bool changes_user;
    struct sc_stderr sink;
    struct sc_log log;
    struct sc_listen listen;
    struct sc_runtime runtime;
    unsigned char key[SC_STORE_KEY_LENGTH]; /* of the store */
    struct ev_signal terminate, interrupt, reload;
    struct sc_given given; /* by a service manager */
};

static int standalone_fatal(struct standalone *standalone, const char *format, ...) SC_PRINTF(2, 3);
static int standalone_fatal(struct standalone *standalone, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    sc_log_list(&standalone->log, SC_FATAL, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static void standalone_notify(const char *word)
{
    sc_notify(getenv("NOTIFY_SOCKET"), word);
}

static void standalone_look_at_given(struct sc_given *given)
{
    sc_given_init(given, getpid(), getenv("LISTEN_PID"), getenv("LISTEN_FDS"),
                  getenv("LISTEN_FDNAMES"));
}

/* No argument that master(8) gives begins like a long option. */
bool sc_standalone_is_wanted(int argc, char *argv[])
{
    struct sc_given given;

    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "--", 2) == 0 && argv[i][2] != '\0')
            return true;
    standalone_look_at_given(&given);
    return given.count > 0;
}

static int64_t standalone_admit(void *context, const struct sc_caller *caller, int client)
{
    struct standalone *standalone = context;

    if (caller->user < 0)
        return -1;
    uid_t user = (uid_t)caller->user;
    int64_t space = sc_access_admit(&standalone->access, client, user);
    if (space < 0)
        sc_access_log_refusal(&standalone->access, &standalone->log,
                              sc_loop_now(standalone->runtime.events), user);
    return space;
}

static void standalone_on_drained(void *context)
{
    struct standalone *standalone = context;

    ev_break(standalone->runtime.loop, EVBREAK_ALL);
}

/*
 * Nobody is accepted any more, so the socket goes at once: who comes now is
 * refused instead of kept waiting, and a successor can have the name.
 */
static void standalone_on_stop(struct ev_loop *loop, struct ev_signal *watch, int events)
{
    struct standalone *standalone = watch->data;

    (void)loop;
    (void)events;
    standalone_notify("STOPPING=1");
    sc_server_drain(standalone->runtime.server, DRAIN_MS);
    sc_listen_close(&standalone->listen);
}

static void standalone_warn(void *context, const char *text)
{
    sc_log(context, SC_WARNING, "%s", text);
}

/*
 * Reads the configuration into what the caller frees in any case. A mistake
 * is fatal at the start and refused later.
 */
static int standalone_load(struct standalone *standalone, struct sc_params *params,
                           enum sc_severity severity)
{
    struct sc_config_source source = {
        .mode = SC_MODE_STANDALONE,
        .file = standalone->arguments.config,
        .socket = standalone->arguments.listen,
        .overrides = standalone->arguments.overrides,
        .override_count = standalone->arguments.override_count,
    };
    struct sc_diag diag = {.warn = standalone_warn, .context = &standalone->log};

    if (sc_config_load(params, &source, &diag) < 0) {
        sc_log(&standalone->log, severity, "%s", diag.fatal);
        return -EINVAL;
    }
    return 0;
}

/*
 * Whether users are named as before. Those are not looked up again: where they
 * come from a service, the sandbox may stand in the way.
 */
static bool standalone_names_same_users(const struct sc_access_settings *one,
                                        const struct sc_access_settings *other)
{
    return strcmp(one->authorized_users, other->authorized_users) == 0 &&
           strcmp(one->shared_users, other->shared_users) == 0;
}

/* Users cannot change in a running process; a name that is a mistake is told all the same. */
static int standalone_check_users(struct standalone *standalone, const struct sc_params *params)
{
    char problem[SC_ACCESS_TEXT_MAX];
    struct sc_access access;

    if (standalone_names_same_users(&params->access, &standalone->params.access))
        return 0;
    int error = sc_access_init(&access, params, problem);
    if (error < 0)
        sc_log(&standalone->log, SC_ERROR, "%s", problem);
    else
        sc_access_fini(&access);
    return error;
}

/* Looks up whom to become. */
static int standalone_look_up_owner(struct standalone *standalone)
{
    char problem[SC_DIAG_TEXT_MAX];
    int result =
        sc_owner_find_alone(&standalone->identity, &standalone->params, problem, sizeof(problem));

    if (result < 0)
        return standalone_fatal(standalone, "%s", problem);
    if (problem[0] != '\0')
        sc_log(&standalone->log, SC_WARNING, "%s", problem);
    standalone->changes_user = result == 0;
    return 0;
}

/* Looks up who may connect. */
static int standalone_look_up_users(struct standalone *standalone)
{
    struct sc_access *access = &standalone->access;
    char problem[SC_ACCESS_TEXT_MAX];

    if (sc_access_init(access, &standalone->params, problem) < 0)
        return standalone_fatal(standalone, "%s", problem);
    if (standalone->changes_user)
        access->own = standalone->identity.user;
    if (sc_access_has_idle_sharer(access, &standalone->params, problem))
        sc_log(&standalone->log, SC_WARNING, "%s", problem);
    if (!access->users.whole)
        sc_log(&standalone->log, SC_WARNING,
               "this user namespace does not map all users: those whom it does not are all user "
               "%lu and may not connect",
               (unsigned long)access->users.overflow);
    return 0;
}

static void standalone_report_change(void *context, const struct sc_param *param)
{
    struct standalone *standalone = context;

    if (param->change == SC_CHANGE_RESTART)
        sc_log(&standalone->log, SC_WARNING, "%s has changed: that needs a restart", param->name);
    else if (standalone->log.verbosity > 0)
        sc_log(&standalone->log, SC_INFO, "%s has changed", param->name);
}

static void standalone_on_reload(struct ev_loop *loop, struct ev_signal *watch, int events)
{
    struct standalone *standalone = watch->data;
    struct sc_params params = {0};

    (void)loop;
    (void)events;
    if (standalone_load(standalone, &params, SC_ERROR) < 0 ||
        standalone_check_users(standalone, &params) < 0) {
        sc_log(&standalone->log, SC_ERROR, "the configuration stays as it was");
        sc_params_fini(&params);
        return;
    }
    sc_params_diff(&standalone->params, &params, standalone_report_change, standalone);
    sc_params_keep_fixed(&params, &standalone->params);
    sc_params_fini(&standalone->params);
    standalone->params = params;
    sc_server_configure(standalone->runtime.server, &params.server);
    sc_log(&standalone->log, SC_INFO, "configuration read again");
}

static int standalone_explain_holder(struct standalone *standalone, const char *path)
{
    const struct sc_lock *lock = &standalone->listen.lock;

    if (lock->holder > 0)
        return standalone_fatal(standalone,
                                "%s: another server is using this socket: process %ld of user %lu; "
                                "stop it, or listen elsewhere",
                                path, (long)lock->holder, (unsigned long)lock->holder_user);
    return standalone_fatal(standalone,
                            "%s: another server is using this socket%s; stop it, or "
                            "listen elsewhere",
                            path, lock->fresh ? ", though its lock file has been removed" : "");
}

static int standalone_explain_listen(struct standalone *standalone, int error)
{
    const char *path = standalone->arguments.listen;

    if (error == -EADDRINUSE)
        return standalone_explain_holder(standalone, path);
    if (error == -EEXIST)
        return standalone_fatal(standalone,
                                "%s: there is something else than a socket; move it away", path);
    if (error == -ENAMETOOLONG)
        return standalone_fatal(standalone, "%s: a socket's path has at most %d bytes", path,
                                SC_LISTEN_PATH_MAX - 1);
    if (standalone->listen.obstacle[0] != '\0')
        return standalone_fatal(standalone, "%s: cannot listen there: %s belongs to user %lu: %s",
                                path, standalone->listen.obstacle,
                                (unsigned long)standalone->listen.obstacle_owner, strerror(-error));
    return standalone_fatal(standalone, "%s: cannot listen there: %s", path, strerror(-error));
}

/* What a later version has stored with the manager, or asked it to open, is not for us. */
static int standalone_adopt_given(struct standalone *standalone)
{
    int listeners = 0;

    standalone_look_at_given(&standalone->given);
    for (int i = 0; i < standalone->given.count; i++) {
        int fd = SC_GIVEN_FIRST + i;
        struct sc_bytes name = sc_given_name(&standalone->given, fd);
        if (!sc_given_is_listener(name)) {
            sc_log(&standalone->log, SC_WARNING,
                   "descriptor %d of the service manager is ignored: nothing here is called %.*s",
                   fd, SC_LOG_VIEW(name));
            continue;
        }
        if (sc_listen_adopt(fd) < 0)
            return standalone_fatal(standalone, "descriptor %d is no listening UNIX stream socket",
                                    fd);
        listeners++;
    }
    if (listeners == 0)
        return standalone_fatal(standalone,
                                "nowhere to listen: say --listen PATH (see scache --help)");
    return 0;
}

/* Before the server counts which descriptors are in use. */
static int standalone_open_sockets(struct standalone *standalone)
{
    const struct sc_arguments *arguments = &standalone->arguments;
    struct sc_listen_options options = {
        .path = arguments->listen,
        .mode = arguments->mode,
        .owner = arguments->owner,
        .group = arguments->group,
    };

    /* The server's own user may connect, and so must be able to. */
    if (standalone->changes_user && options.owner == (uid_t)-1)
        options.owner = standalone->identity.user;
    if (standalone->changes_user && options.group == (gid_t)-1)
        options.group = standalone->identity.group;
    if (!arguments->listen)
        return standalone_adopt_given(standalone);
    int error = sc_listen_open(&standalone->listen, &options);
    return error < 0 ? standalone_explain_listen(standalone, error) : 0;
}

static int standalone_watch_sockets(struct standalone *standalone)
{
    struct sc_server *server = standalone->runtime.server;
    int error = 0;

    if (standalone->listen.fd >= 0)
        error = sc_server_listen(server, standalone->listen.fd);
    for (int i = 0; i < standalone->given.count && error == 0; i++)
        if (sc_given_is_listener(sc_given_name(&standalone->given, SC_GIVEN_FIRST + i)))
            error = sc_server_listen(server, SC_GIVEN_FIRST + i);
    return error < 0 ? standalone_fatal(standalone, "out of memory") : 0;
}

static void standalone_watch_signal(struct standalone *standalone, struct ev_signal *watch,
                                    int number,
                                    void (*handler)(struct ev_loop *, struct ev_signal *, int))
{
    ev_signal_init(watch, handler, number);
    watch->data = standalone;
    ev_signal_start(standalone->runtime.loop, watch);
}

/* For good; what can be done as root only has been done. */
static int standalone_become_owner(struct standalone *standalone)
{
    if (!standalone->changes_user)
        return 0;
    sc_sandbox_drop_bounds(standalone->params.host.sandbox);
    int error = sc_identity_assume(&standalone->identity, NULL);
    if (error < 0)
        return standalone_fatal(standalone, "cannot become user %s: %s", standalone->identity.name,
                                strerror(-error));
    return 0;
}

static int standalone_serve(struct standalone *standalone)
{
    struct sc_server_host host = {
        .admit = standalone_admit,
        .drained = standalone_on_drained,
        .context = standalone,
    };
    struct sc_sandbox sandbox = {
        .mode = standalone->params.host.sandbox,
        .log = &standalone->log,
        .alone = true,
        .config = standalone->arguments.config,
        .socket = standalone->arguments.listen,
    };
    int error = sc_random_fill(standalone->key, sizeof(standalone->key));

    if (error < 0)
        return standalone_fatal(standalone, "cannot get random bytes: %s", strerror(-error));
    error = sc_sandbox_give_up(&sandbox);
    if (error < 0)
        return error;
    sc_standard_error_detach(&standalone->sink, &standalone->log, sandbox.mode);
    error = sc_runtime_start(&standalone->runtime, &standalone->log, &standalone->params, &host,
                             standalone->key, FATAL_PAUSE_S);
    if (error == 0)
        error = standalone_watch_sockets(standalone);
    if (error < 0)
        return error;
    standalone_watch_signal(standalone, &standalone->terminate, SIGTERM, standalone_on_stop);
    standalone_watch_signal(standalone, &standalone->interrupt, SIGINT, standalone_on_stop);
    standalone_watch_signal(standalone, &standalone->reload, SIGHUP, standalone_on_reload);
    error = sc_sandbox_enter(&sandbox);
    if (error < 0)
        return error;
    standalone_notify("READY=1");
    ev_run(standalone->runtime.loop, 0);
    sc_server_report(standalone->runtime.server);
    return 0;
}

static int standalone_run(struct standalone *standalone)
{
    int error = 0;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (standalone->arguments.problem.text[0] != '\0')
        error = standalone_fatal(standalone, "%s", standalone->arguments.problem.text);
    if (error == 0 && standalone_load(standalone, &standalone->params, SC_FATAL) < 0)
        error = -EINVAL;
    if (error == 0)
        error = standalone_look_up_owner(standalone);
    if (error == 0)
        error = standalone_look_up_users(standalone);
    if (error == 0)
        error = standalone_open_sockets(standalone);
    if (error == 0)
        error = standalone_become_owner(standalone);
    if (error == 0)
        error = standalone_serve(standalone);
    return error;
}

int sc_standalone_run(int argc, char *argv[])
{
    struct standalone standalone = {.listen = SC_LISTEN_NONE};

    if (sc_arguments_parse(&standalone.arguments, argc, argv) < 0) {
        fputs("scache: out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    sc_stderr_init(&standalone.sink, "scache", getenv("JOURNAL_STREAM"));
    standalone.log =
        (struct sc_log){.sink = &standalone.sink.base, .verbosity = standalone.arguments.verbosity};
    int error = standalone_run(&standalone);
    sc_listen_close(&standalone.listen);
    sc_runtime_stop(&standalone.runtime);
    sc_access_fini(&standalone.access);
    sc_params_fini(&standalone.params);
    sc_log_settle(&standalone.log, LAST_WORDS_MS);
    sc_stderr_fini(&standalone.sink);
    sc_arguments_fini(&standalone.arguments);
    return error < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
