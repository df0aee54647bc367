/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A service of Postfix's master(8): what it does from its command line to its
 * end. Its log and its options are nouns of their own; what it serves is not
 * known here.
 */
#include "host/master.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "config/config.h"
#include "confine/identity.h"
#include "confine/sandbox.h"
#include "host/crew.h"
#include "host/mail_log.h"
#include "host/options.h"
#include "host/owner.h"
#include "host/status.h"
#include "host/warnings.h"
#include "io/pass.h"

/* Descriptors that master(8) gives. */
enum { STATUS_CHANNEL = 5, FIRST_LISTENER = 6 };

/*
 * DRAIN: clients wait for the next process meanwhile, and give up after 5
 * seconds. FATAL_PAUSE: master starts another one at once otherwise, again and
 * again. LAST_WORDS: the end is to come within a tenth of a second.
 */
enum {
    DRAIN_MS = 1000,
    FATAL_PAUSE_S = 1,
    LAST_WORDS_MS = 50,
    LEAST_MAX_IDLE_MS = 1000,
    WATCH_AGAIN_MS = 100, /* the status channel, when the kernel could not watch it */
};

struct master {
    const struct sc_program *program;
    struct sc_master_options options;
    struct sc_params params;
    struct sc_mail_log log;
    struct sc_warnings warnings; /* until it is known where they are logged */
    struct sc_runtime runtime;
    struct sc_identity identity;
    struct sc_watch status_channel;
    struct sc_signal terminate, tell;
    struct sc_timer idle;
    struct sc_timer watch_again;
    int generation;
    bool used;    /* and master was told */
    bool by_hand; /* started by somebody else */
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
    sc_loop_stop(master->runtime.loop);
}

/* --- what services tell --------------------------------------------------- */

/*
 * Master believes that a service works only when it has seen it busy; one
 * that dies before that counts as a bad start.
 */
static void master_on_used(struct sc_runtime *runtime)
{
    struct master *master = SC_CONTAINER_OF(runtime, struct master, runtime);

    if (!master->options.standard_io && !master->used)
        sc_status_report_use(STATUS_CHANNEL, master->generation);
    master->used = true;
}

/* From now on nobody is here, for so long. */
static void master_begin_idling(struct master *master)
{
    int64_t max_idle = master->params.host.max_idle;

    if (max_idle < LEAST_MAX_IDLE_MS)
        max_idle = LEAST_MAX_IDLE_MS;
    sc_timer_set(&master->idle, sc_loop_now(master->runtime.loop) + max_idle);
}

/* Whoever is connected keeps it; cached connections do not. */
static void master_on_changed(struct sc_runtime *runtime)
{
    struct master *master = SC_CONTAINER_OF(runtime, struct master, runtime);

    if (sc_crew_clients(master->program) > 0)
        sc_timer_stop(&master->idle);
    else if (master->options.standard_io)
        master_stop(master);
    else
        master_begin_idling(master);
}

static void master_on_drained(struct sc_runtime *runtime)
{
    struct master *master = SC_CONTAINER_OF(runtime, struct master, runtime);

    if (sc_crew_is_drained(master->program))
        master_stop(master);
}

/* --- signals, the clock, master ------------------------------------------- */

/* Not drained: all of Postfix is told to stop, clients too. */
static void master_on_terminate(struct sc_signal *signal)
{
    master_stop(SC_CONTAINER_OF(signal, struct master, terminate));
}

static void master_on_tell(struct sc_signal *signal)
{
    const struct master *master = SC_CONTAINER_OF(signal, struct master, tell);

    sc_crew_report(master->program);
    sc_crew_describe(master->program);
}

static void master_on_idle(struct sc_timer *timer)
{
    master_stop(SC_CONTAINER_OF(timer, struct master, idle));
}

static void master_on_watch_again(struct sc_timer *timer)
{
    sc_watch_want(&SC_CONTAINER_OF(timer, struct master, watch_again)->status_channel,
                  SC_WATCH_READ);
}

/* Master never says anything on this channel; its end means that it has gone. */
static void master_on_status_channel(struct sc_watch *watch, int events)
{
    struct master *master = SC_CONTAINER_OF(watch, struct master, status_channel);
    struct sc_received received;
    char bytes[64];

    if (events == SC_WATCH_REFUSED) {
        sc_timer_set(&master->watch_again, sc_loop_now(watch->loop) + WATCH_AGAIN_MS);
        return;
    }
    int error = sc_pass_receive(sc_watch_fd(watch), bytes, sizeof(bytes), &received);
    if (error == -EAGAIN || error == -EINTR)
        return;
    if (error == 0 && received.length > 0)
        return;
    sc_watch_want(watch, SC_WATCH_NONE);
    sc_timer_stop(&master->idle);
    sc_crew_drain(master->program, DRAIN_MS);
}

/* --- the start --------------------------------------------------------------- */

/* Where warnings go is said by the configuration that they are about. */
static void master_warn(void *context, const char *text)
{
    struct master *master = context;

    if (sc_warnings_keep(&master->warnings, text) < 0)
        sc_log(&master->log.log, SC_WARNING, "%s", text);
}

static int master_configure(struct master *master)
{
    struct sc_config_source source = {
        .program = master->program->params,
        .mode = SC_MODE_MASTER,
        .directory = sc_config_directory(NULL),
        .overrides = master->options.overrides,
        .override_count = master->options.override_count,
        .process_name = master->program->name,
        .service_name = master->options.service_name,
        .max_idle = master->options.max_idle,
    };
    struct sc_diag diag = {.warn = master_warn, .context = master};

    if (sc_config_load(&master->params, &source, &diag) < 0)
        return master_fatal(master, "%s", diag.fatal);
    return 0;
}

/* What can be wrong before anything was read. */
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

/*
 * Everything that takes rights, names or files, in the order in which they go:
 * users are looked up while there is somebody to ask, and the time zone and
 * the log's socket are found before the jail hides them.
 */
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
    tzset();
    if (chdir(params->host.queue_directory) < 0)
        return master_fatal(master, "%s: queue_directory = %s: cannot change to it: %s",
                            sc_params_where(params, SC_PARAM_queue_directory, where, sizeof(where)),
                            params->host.queue_directory, strerror(errno));
    master->runtime.standard_io = master->options.standard_io;
    master->runtime.owner = identity ? identity->user : geteuid();
    master->runtime.group = identity ? identity->group : getegid();
    error = sc_crew_prepare(master->program, &master->runtime);
    if (error < 0)
        return error;
    sc_sandbox_drop_bounds(params->host.sandbox);
    error =
        sc_identity_assume(identity, master->options.chroot ? params->host.queue_directory : NULL);
    if (error < 0)
        return master_fatal(master, "cannot become user %s%s: %s", params->host.mail_owner,
                            master->options.chroot ? " in queue_directory" : "", strerror(-error));
    sc_mail_log_enter_jail(&master->log, master->options.chroot);
    return 0;
}

/* HUP is for master alone; TERM ends a process that has not come so far yet. */
static void master_ignore_signals(void)
{
    static const int ignored[] = {SIGHUP, SIGPIPE, SIGXFSZ, SIGUSR1};

    for (size_t i = 0; i < SC_COUNT_OF(ignored); i++)
        signal(ignored[i], SIG_IGN);
}

static int master_start_timers(struct master *master)
{
    struct sc_loop *loop = master->runtime.loop;
    int error = sc_timer_init(&master->idle, loop, master_on_idle);

    if (error == 0)
        error = sc_timer_init(&master->watch_again, loop, master_on_watch_again);
    if (error < 0)
        return master_fatal(master, "out of memory");
    sc_signal_start(&master->terminate, loop, SIGTERM, master_on_terminate);
    sc_signal_start(&master->tell, loop, SIGUSR1, master_on_tell);
    return 0;
}

static int master_listen(struct master *master)
{
    struct sc_service *service = master->program->services[0];
    const char *generation = getenv("GENERATION");

    master->generation = generation ? (int)strtol(generation, NULL, 8) : 0;
    for (int i = 0; i < master->options.sockets; i++)
        if (service->calls->listen(service, FIRST_LISTENER + i) < 0)
            return master_fatal(master, "out of memory");
    sc_watch_init(&master->status_channel, master->runtime.loop, STATUS_CHANNEL,
                  master_on_status_channel);
    sc_watch_want(&master->status_channel, SC_WATCH_READ);
    master_begin_idling(master);
    return 0;
}

/* One client on standard input and output; no socket, no master, no time limit on idling. */
static int master_serve_standard_io(struct master *master)
{
    struct sc_service *service = master->program->services[0];

    if (!service->calls->serve || service->calls->serve(service, STDIN_FILENO, STDOUT_FILENO) < 0)
        return master_fatal(master, "out of memory");
    return 0;
}

/* Everything that takes neither privileges nor files, until the loop is about to run. */
static int master_start(struct master *master, const struct sc_sandbox *sandbox)
{
    int error = sc_sandbox_give_up(sandbox);

    if (error < 0)
        return error;
    sc_mail_log_detach(&master->log, sandbox->mode);
    error = sc_runtime_start(&master->runtime, FATAL_PAUSE_S);
    if (error == 0)
        error = sc_crew_start(master->program, &master->runtime);
    if (error == 0)
        error = master_start_timers(master);
    if (error == 0)
        error =
            master->options.standard_io ? master_serve_standard_io(master) : master_listen(master);
    return error == 0 ? sc_sandbox_enter(sandbox) : error;
}

static int master_serve(struct master *master)
{
    struct sc_sandbox sandbox = {
        .mode = master->params.host.sandbox,
        .log = &master->log.log,
    };
    int error = master_start(master, &sandbox);

    if (error < 0)
        return error;
    sc_runtime_say(&master->runtime, master->program->name, "has started");
    sc_loop_run(master->runtime.loop);
    sc_crew_report(master->program);
    sc_runtime_say(&master->runtime, master->program->name, "ends");
    return 0;
}

/* A warning is logged as soon as it is known where, before the first client comes. */
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

/* --- who has started it ------------------------------------------------------ */

static bool master_has_option(int fd, int option, int wanted)
{
    int value = -1;
    socklen_t size = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

/* Its status channel and a listener are there only if master(8) has started it. */
static bool master_is_parent(void)
{
    return master_has_option(STATUS_CHANNEL, SO_TYPE, SOCK_STREAM) &&
           master_has_option(FIRST_LISTENER, SO_ACCEPTCONN, 1);
}

/* Somebody has typed the name of the program to see what it does. */
static bool master_is_at_terminal(const struct master *master)
{
    return isatty(STDIN_FILENO) && !master->options.on_terminal && !master->options.standard_io;
}

static void master_explain(const struct master *master)
{
    const char *name = master->program->name;

    fprintf(stderr,
            "%s: do not run this command by hand; it is started by Postfix's master(8).\n"
            "To run a cache of your own: %s --listen PATH (see %s --help)\n",
            name, name, name);
}

static void master_init(struct master *master)
{
    master_ignore_signals();
    master->by_hand = !master_is_parent();
    sc_warnings_init(&master->warnings);
    sc_mail_log_init(&master->log, master->program->name, master->options.verbosity);
    /* Where it is nobody's service nobody reads the log either. */
    if (master->options.also_stderr || master->by_hand)
        sc_mail_log_add_stderr(&master->log);
    master->runtime = (struct sc_runtime){
        .log = &master->log.log,
        .params = &master->params,
        .under_master = true,
        .used = master_on_used,
        .changed = master_on_changed,
        .drained = master_on_drained,
    };
}

static void master_fini(struct master *master)
{
    sc_crew_stop(master->program);
    sc_timer_fini(&master->idle);
    sc_timer_fini(&master->watch_again);
    sc_runtime_stop(&master->runtime);
    sc_params_fini(&master->params);
    sc_warnings_fini(&master->warnings);
    sc_log_settle(&master->log.log, LAST_WORDS_MS);
    sc_mail_log_fini(&master->log);
}

/* Returns the exit status. */
static int master_run_to_end(struct master *master)
{
    int status = EXIT_SUCCESS;

    master_init(master);
    if (master_run(master) < 0) {
        sc_warnings_flush(&master->warnings, &master->log.log);
        if (master->by_hand && !master->options.standard_io)
            master_explain(master);
        else
            sleep(FATAL_PAUSE_S);
        status = EXIT_FAILURE;
    }
    master_fini(master);
    return status;
}

int sc_master_run(const struct sc_program *program, int argc, char *argv[])
{
    struct master master = {.program = program};
    int status = EXIT_FAILURE;

    if (sc_master_options_parse(&master.options, argc, argv) < 0)
        fprintf(stderr, "%s: out of memory\n", program->name);
    else if (master_is_at_terminal(&master))
        master_explain(&master);
    else
        status = master_run_to_end(&master);
    sc_master_options_fini(&master.options);
    return status;
}
