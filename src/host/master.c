/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/master.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config/config.h"
#include "confine/identity.h"
#include "confine/sandbox.h"
#include "host/mail_log.h"
#include "host/options.h"
#include "host/owner.h"
#include "host/random.h"
#include "host/runtime.h"
#include "host/status.h"
#include "host/warnings.h"
#include "io/pass.h"

/* How soon the status channel is watched again when the kernel could not watch it. */
#define WATCH_AGAIN_S 0.1

/* Descriptors that master(8) gives. */
enum { STATUS_CHANNEL = 5, FIRST_LISTENER = 6 };

enum { MS = 1000, DRAIN_MS = 1000, FATAL_PAUSE_S = 1, LEAST_MAX_IDLE_S = 1, LAST_WORDS_MS = 50 };

struct master {
    struct sc_master_options options;
    struct sc_params params;
    struct sc_mail_log log;
    struct sc_warnings warnings; /* until it is known where they are logged */
    struct sc_runtime runtime;
    unsigned char key[SC_STORE_KEY_LENGTH]; /* of the store */
    struct sc_identity identity;
    struct ev_io status_channel;
    struct ev_signal terminate;
    struct ev_timer idle;
    struct ev_timer watch_again;
    int generation;
};

static int master_fatal(struct master *master, const char *format, ...) SC_PRINTF(2, 3);
static int master_fatal(struct master *master, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    sc_log_list(&master->log.log, SC_FATAL, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static void master_stop(struct master *master)
{
    ev_break(master->runtime.loop, EVBREAK_ALL);
}

static void master_on_terminate(struct ev_loop *loop, struct ev_signal *watch, int events)
{
    (void)loop;
    (void)events;
    master_stop(watch->data);
}

static void master_on_idle(struct ev_loop *loop, struct ev_timer *watch, int events)
{
    (void)loop;
    (void)events;
    master_stop(watch->data);
}

static void master_on_drained(void *context)
{
    master_stop(context);
}

static void master_on_first_request(void *context)
{
    struct master *master = context;

    if (!master->options.standard_io)
        sc_status_report_use(STATUS_CHANNEL, master->generation);
}

static void master_on_clients_changed(void *context, size_t clients)
{
    struct master *master = context;
    struct ev_loop *loop = master->runtime.loop;

    if (clients > 0)
        ev_timer_stop(loop, &master->idle);
    else if (master->options.standard_io)
        master_stop(master);
    else
        ev_timer_again(loop, &master->idle);
}

static void master_on_watch_again(struct ev_loop *loop, struct ev_timer *watch, int events)
{
    struct master *master = watch->data;

    (void)events;
    ev_io_start(loop, &master->status_channel);
}

/* Master never says anything on this channel; its end means that it has gone. */
static void master_on_status_channel(struct ev_loop *loop, struct ev_io *watch, int events)
{
    struct master *master = watch->data;
    struct sc_received received;
    char bytes[64];

    if ((events & EV_ERROR) != 0) {
        ev_timer_set(&master->watch_again, WATCH_AGAIN_S, 0.0);
        ev_timer_start(loop, &master->watch_again);
        return;
    }
    int error = sc_pass_receive(watch->fd, bytes, sizeof(bytes), &received);
    if (error == -EAGAIN || error == -EINTR)
        return;
    if (error == 0 && received.length > 0)
        return;
    ev_io_stop(loop, watch);
    ev_timer_stop(loop, &master->idle);
    sc_server_drain(master->runtime.server, DRAIN_MS);
}

static void master_warn(void *context, const char *text)
{
    struct master *master = context;

    if (sc_warnings_keep(&master->warnings, text) < 0)
        sc_log(&master->log.log, SC_WARNING, "%s", text);
}

static int master_configure(struct master *master)
{
    struct sc_config_source source = {
        .mode = SC_MODE_MASTER,
        .directory = sc_config_directory(NULL),
        .overrides = master->options.overrides,
        .override_count = master->options.override_count,
        .process_name = "scache",
        .service_name = master->options.service_name,
        .max_idle = master->options.max_idle,
    };
    struct sc_diag diag = {.warn = master_warn, .context = master};

    if (sc_config_load(&master->params, &source, &diag) < 0)
        return master_fatal(master, "%s", diag.fatal);
    return 0;
}

static int master_check_arguments(struct master *master)
{
    if (master->options.problem.text[0] != '\0')
        return master_fatal(master, "%s", master->options.problem.text);
    if (master->options.debugger)
        master_warn(master, "option -D is ignored: no debugger is started");
    if (!master->options.standard_io && fcntl(FIRST_LISTENER, F_GETFD) < 0)
        return master_fatal(master,
                            "descriptor %d is not open: this program is to be started by "
                            "master(8), or with --listen PATH",
                            FIRST_LISTENER);
    return 0;
}

static int master_settle_down(struct master *master)
{
    const struct sc_params *params = &master->params;
    const struct sc_identity *identity = NULL;
    char where[SC_DIAG_TEXT_MAX];
    int error;

    if (master->options.change_user && getuid() == 0) {
        identity = &master->identity;
        error = sc_owner_find(&master->identity, params, where, sizeof(where));
        if (error < 0)
            return master_fatal(master, "%s", where);
    }
    error = sc_mail_log_open(&master->log, params);
    if (error < 0)
        return error;
    error = sc_random_fill(master->key, sizeof(master->key));
    if (error < 0)
        return master_fatal(master, "cannot get random bytes: %s", strerror(-error));
    tzset();
    if (chdir(params->host.queue_directory) < 0)
        return master_fatal(master, "%s: queue_directory = %s: cannot change to it: %s",
                            sc_params_where(params, SC_PARAM_queue_directory, where, sizeof(where)),
                            params->host.queue_directory, strerror(errno));
    sc_sandbox_drop_bounds(params->host.sandbox);
    error =
        sc_identity_assume(identity, master->options.chroot ? params->host.queue_directory : NULL);
    if (error < 0)
        return master_fatal(master, "cannot become user %s%s: %s", params->host.mail_owner,
                            master->options.chroot ? " in queue_directory" : "", strerror(-error));
    sc_mail_log_enter_jail(&master->log, master->options.chroot);
    return 0;
}

static void master_ignore_signals(void)
{
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

static int serve_master(struct master *master)
{
    struct ev_loop *loop = master->runtime.loop;
    const char *generation = getenv("GENERATION");
    ev_tstamp max_idle = (ev_tstamp)master->params.host.max_idle / MS;

    master->generation = generation ? (int)strtol(generation, NULL, 8) : 0;
    for (int i = 0; i < master->options.sockets; i++)
        if (sc_server_listen(master->runtime.server, FIRST_LISTENER + i) < 0)
            return master_fatal(master, "out of memory");
    ev_io_init(&master->status_channel, master_on_status_channel, STATUS_CHANNEL, EV_READ);
    master->status_channel.data = master;
    ev_io_start(loop, &master->status_channel);
    master->idle.repeat = max_idle > LEAST_MAX_IDLE_S ? max_idle : LEAST_MAX_IDLE_S;
    ev_timer_again(loop, &master->idle);
    return 0;
}

static int master_serve_standard_io(struct master *master)
{
    if (sc_server_serve(master->runtime.server, STDIN_FILENO, STDOUT_FILENO) < 0)
        return master_fatal(master, "out of memory");
    return 0;
}

static int master_serve(struct master *master)
{
    struct sc_server_host host = {
        .first_request = master_on_first_request,
        .clients_changed = master_on_clients_changed,
        .drained = master_on_drained,
        .context = master,
    };
    struct sc_sandbox sandbox = {
        .mode = master->params.host.sandbox,
        .log = &master->log.log,
    };
    int error = sc_sandbox_give_up(&sandbox);

    if (error < 0)
        return error;
    sc_mail_log_detach(&master->log, sandbox.mode);
    ev_init(&master->idle, master_on_idle);
    ev_init(&master->watch_again, master_on_watch_again);
    ev_signal_init(&master->terminate, master_on_terminate, SIGTERM);
    master->idle.data = master->watch_again.data = master->terminate.data = master;
    master_ignore_signals();
    error = sc_runtime_start(&master->runtime, &master->log.log, &master->params, &host,
                             master->key, FATAL_PAUSE_S);
    if (error < 0)
        return error;
    ev_signal_start(master->runtime.loop, &master->terminate);
    error = master->options.standard_io ? master_serve_standard_io(master) : serve_master(master);
    if (error == 0)
        error = sc_sandbox_enter(&sandbox);
    if (error < 0)
        return error;
    ev_run(master->runtime.loop, 0);
    sc_server_report(master->runtime.server);
    return 0;
}

static int master_run(struct master *master)
{
    int error = master_check_arguments(master);

    if (error == 0)
        error = master_configure(master);
    if (error == 0)
        error = master_settle_down(master);
    if (error == 0) {
        sc_warnings_flush(&master->warnings, &master->log.log);
        error = master_serve(master);
    }
    return error;
}

static bool master_is_by_hand(const struct master *master)
{
    return isatty(STDIN_FILENO) && !master->options.on_terminal && !master->options.standard_io;
}

int sc_master_run(int argc, char *argv[])
{
    struct master master = {0};
    int status = EXIT_SUCCESS;

    if (sc_master_options_parse(&master.options, argc, argv) < 0) {
        fputs("scache: out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    if (master_is_by_hand(&master)) {
        fputs("scache: do not run this command by hand; it is started by Postfix's master(8).\n"
              "To run a cache of your own: scache --listen PATH (see scache --help)\n",
              stderr);
        sc_master_options_fini(&master.options);
        return EXIT_FAILURE;
    }
    sc_mail_log_init(&master.log, "scache", master.options.verbosity);
    if (master.options.also_stderr)
        sc_mail_log_add_stderr(&master.log);
    sc_warnings_init(&master.warnings);
    if (master_run(&master) < 0) {
        sc_warnings_flush(&master.warnings, &master.log.log);
        sleep(FATAL_PAUSE_S);
        status = EXIT_FAILURE;
    }
    sc_runtime_stop(&master.runtime);
    sc_params_fini(&master.params);
    sc_warnings_fini(&master.warnings);
    sc_log_settle(&master.log.log, LAST_WORDS_MS);
    sc_mail_log_fini(&master.log);
    sc_master_options_fini(&master.options);
    return status;
}
