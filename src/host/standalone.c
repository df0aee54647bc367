/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that nobody but its user, or a service manager, has started: what
 * it does from its command line to its end. Where it listens, who may come,
 * and how its configuration is read again are nouns of their own.
 */
#include "host/standalone.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "confine/sandbox.h"
#include "host/access.h"
#include "host/crew.h"
#include "host/owner.h"
#include "host/reload.h"
#include "host/sockets.h"
#include "host/standard_error.h"

/*
 * DRAIN: who is half-way may take so long to get on; a process that everybody
 * may start is in no hurry to be replaced. LAST_WORDS: so long is waited at the
 * end for the log to be written. LOOK: at the socket's files.
 */
enum { DRAIN_MS = 5000, FATAL_PAUSE_S = 0, LAST_WORDS_MS = 1000, LOOK_MS = 60000 };

struct standalone {
    const struct sc_program *program;
    struct sc_arguments arguments;
    struct sc_config_source source;
    struct sc_params params;
    struct sc_access access;
    struct sc_identity identity; /* that of the user to become */
    bool changes_user;
    struct sc_stderr sink;
    struct sc_log log;
    struct sc_sockets sockets;
    struct sc_runtime runtime;
    struct sc_reload reload;
    struct sc_signal terminate, interrupt, hang_up, tell;
    struct sc_timer look; /* at the socket's files */
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

/* The address is read each time: that costs nothing, and it stays what the manager said. */
static void standalone_notify(const char *word)
{
    sc_notify_manager(getenv("NOTIFY_SOCKET"), word);
}

/* No argument that master(8) gives begins like a long option. */
bool sc_standalone_is_wanted(int argc, char *argv[])
{
    struct sc_given given;

    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "--", 2) == 0 && argv[i][2] != '\0')
            return true;
    sc_sockets_find_given(&given);
    return given.count > 0;
}

/* --- what services tell --------------------------------------------------- */

/* The same as being let in, for those who only look: nobody is logged for asking. */
static int64_t standalone_space_of(struct sc_runtime *runtime, int client, int64_t user)
{
    const struct standalone *standalone = SC_CONTAINER_OF(runtime, struct standalone, runtime);

    return user < 0 ? -1 : sc_access_admit(&standalone->access, client, (uid_t)user);
}

/* Whom the kernel cannot name is nobody, and so is whoever no list names. */
static int64_t standalone_admit(struct sc_runtime *runtime, int client, int64_t user)
{
    struct standalone *standalone = SC_CONTAINER_OF(runtime, struct standalone, runtime);

    if (user < 0)
        return -1;
    int64_t space = sc_access_admit(&standalone->access, client, (uid_t)user);
    if (space < 0)
        sc_access_log_refusal(&standalone->access, &standalone->log, sc_loop_now(runtime->loop),
                              (uid_t)user);
    return space;
}

/* Services end one by one; the loop ends with the last. */
static void standalone_on_drained(struct sc_runtime *runtime)
{
    const struct standalone *standalone = SC_CONTAINER_OF(runtime, struct standalone, runtime);

    if (sc_crew_is_drained(standalone->program))
        sc_loop_stop(runtime->loop);
}

/* --- signals and the clock ------------------------------------------------- */

/* Nobody is let in any more, so the socket goes at once, and a successor can have the name. */
static void standalone_end(struct standalone *standalone)
{
    standalone_notify("STOPPING=1");
    sc_crew_drain(standalone->program, DRAIN_MS);
    sc_sockets_close(&standalone->sockets);
}

static void standalone_on_terminate(struct sc_signal *signal)
{
    standalone_end(SC_CONTAINER_OF(signal, struct standalone, terminate));
}

static void standalone_on_interrupt(struct sc_signal *signal)
{
    standalone_end(SC_CONTAINER_OF(signal, struct standalone, interrupt));
}

static void standalone_on_hang_up(struct sc_signal *signal)
{
    sc_reload_start(&SC_CONTAINER_OF(signal, struct standalone, hang_up)->reload);
}

/* For an operator who has no tool at hand. It changes nothing but the statistics' interval. */
static void standalone_on_tell(struct sc_signal *signal)
{
    struct standalone *standalone = SC_CONTAINER_OF(signal, struct standalone, tell);

    sc_crew_report(standalone->program);
    sc_crew_describe(standalone->program);
    sc_sockets_check(&standalone->sockets, &standalone->log);
}

/* Whoever has removed the files cannot tell us, and nothing else would show it. */
static void standalone_on_look(struct sc_timer *timer)
{
    struct standalone *standalone = SC_CONTAINER_OF(timer, struct standalone, look);

    sc_sockets_check(&standalone->sockets, &standalone->log);
    sc_timer_set(timer, sc_loop_now(timer->loop) + LOOK_MS);
}

/* --- configuration ---------------------------------------------------------- */

/* Each change is told, those that hold at once to whoever wants to know (-v). */
static void standalone_report_change(void *context, const struct sc_param *param)
{
    struct standalone *standalone = context;

    if (param->change == SC_CHANGE_RESTART)
        sc_log(&standalone->log, SC_WARNING, "%s has changed: that needs a restart", param->name);
    else if (standalone->log.verbosity > 0)
        sc_log(&standalone->log, SC_INFO, "%s has changed", param->name);
}

/*
 * What cannot change keeps its old value, and a warning says so; the rest
 * holds from now on. The old set goes only when nothing refers to it any more:
 * services have copies of what they use.
 */
static void standalone_apply(struct sc_reload *reload, struct sc_params *fresh)
{
    struct standalone *standalone = SC_CONTAINER_OF(reload, struct standalone, reload);
    struct sc_params *params = &standalone->params;

    sc_params_diff(params, fresh, standalone_report_change, standalone);
    sc_params_keep_fixed(fresh, params);
    sc_params_fini(params);
    *params = *fresh;
    *fresh = (struct sc_params){0};
    sc_crew_configure(standalone->program, params);
    sc_log(&standalone->log, SC_INFO, "configuration read again");
}

static void standalone_warn(void *context, const char *text)
{
    sc_log(context, SC_WARNING, "%s", text);
}

static int standalone_load(struct standalone *standalone)
{
    struct sc_diag diag = {.warn = standalone_warn, .context = &standalone->log};

    standalone->source = (struct sc_config_source){
        .program = standalone->program->params,
        .mode = SC_MODE_STANDALONE,
        .file = standalone->arguments.config,
        .socket = standalone->arguments.listen,
        .overrides = standalone->arguments.overrides,
        .override_count = standalone->arguments.override_count,
    };
    if (sc_config_load(&standalone->params, &standalone->source, &diag) < 0)
        return standalone_fatal(standalone, "%s", diag.fatal);
    return 0;
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

/* --- the start --------------------------------------------------------------- */

/* The server's own user may connect, and so must be able to. */
static int standalone_open_sockets(struct standalone *standalone)
{
    bool changes = standalone->changes_user;

    return sc_sockets_open(&standalone->sockets, standalone->program, &standalone->arguments,
                           changes ? standalone->identity.user : (uid_t)-1,
                           changes ? standalone->identity.group : (gid_t)-1, &standalone->log);
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

/* What the loop is to wake us for. Signals before this moment had their usual effect. */
static int standalone_start_timers(struct standalone *standalone)
{
    struct sc_loop *loop = standalone->runtime.loop;
    int error = sc_timer_init(&standalone->look, loop, standalone_on_look);

    if (error < 0)
        return standalone_fatal(standalone, "out of memory");
    sc_timer_set(&standalone->look, sc_loop_now(loop) + LOOK_MS);
    standalone->reload = (struct sc_reload){
        .loop = loop,
        .source = &standalone->source,
        .params = &standalone->params,
        .log = &standalone->log,
        .apply = standalone_apply,
    };
    (void)!sc_reload_init(&standalone->reload); /* If not now, when it is needed. */
    sc_signal_start(&standalone->terminate, loop, SIGTERM, standalone_on_terminate);
    sc_signal_start(&standalone->interrupt, loop, SIGINT, standalone_on_interrupt);
    sc_signal_start(&standalone->hang_up, loop, SIGHUP, standalone_on_hang_up);
    sc_signal_start(&standalone->tell, loop, SIGUSR1, standalone_on_tell);
    return 0;
}

/* Everything that takes neither privileges nor files, until the loop is about to run. */
static int standalone_start(struct standalone *standalone, const struct sc_sandbox *sandbox)
{
    const struct sc_program *program = standalone->program;
    int error = sc_sandbox_give_up(sandbox);

    if (error < 0)
        return error;
    sc_standard_error_detach(&standalone->sink, &standalone->log, sandbox->mode);
    error = sc_runtime_start(&standalone->runtime, FATAL_PAUSE_S);
    if (error == 0)
        error = sc_crew_start(program, &standalone->runtime);
    if (error == 0)
        error = sc_sockets_listen(&standalone->sockets, program);
    if (error == 0)
        error = standalone_start_timers(standalone);
    return error == 0 ? sc_sandbox_enter(sandbox) : error;
}

static int standalone_serve(struct standalone *standalone)
{
    struct sc_sandbox sandbox = {
        .mode = standalone->params.host.sandbox,
        .log = &standalone->log,
        .alone = true,
        .config = standalone->arguments.config,
        .socket = standalone->arguments.listen,
    };
    int error = standalone_start(standalone, &sandbox);

    if (error < 0)
        return error;
    sc_runtime_say(&standalone->runtime, standalone->program->name, "has started");
    standalone_notify("READY=1");
    sc_loop_run(standalone->runtime.loop);
    sc_crew_report(standalone->program);
    sc_runtime_say(&standalone->runtime, standalone->program->name, "ends");
    return 0;
}

/*
 * From the command line to the loop. The order is that of rights: names are
 * looked up and files opened as whoever has started us, then those rights go.
 */
static int standalone_run(struct standalone *standalone)
{
    int error = 0;

    if (standalone->arguments.problem.text[0] != '\0')
        error = standalone_fatal(standalone, "%s", standalone->arguments.problem.text);
    if (error == 0)
        error = standalone_load(standalone);
    if (error == 0)
        error = standalone_look_up_owner(standalone);
    if (error == 0)
        error = standalone_look_up_users(standalone);
    if (error == 0)
        error = standalone_open_sockets(standalone);
    standalone->runtime.socket = standalone->arguments.listen;
    standalone->runtime.owner = standalone->changes_user ? standalone->identity.user : geteuid();
    standalone->runtime.group = standalone->changes_user ? standalone->identity.group : getegid();
    if (error == 0)
        error = sc_crew_prepare(standalone->program, &standalone->runtime);
    if (error == 0)
        error = standalone_become_owner(standalone);
    return error == 0 ? standalone_serve(standalone) : error;
}

/* A signal that comes before its handler is there must not end the process. */
static void standalone_init(struct standalone *standalone, const struct sc_program *program)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    standalone->program = program;
    sc_sockets_init(&standalone->sockets);
    sc_stderr_init(&standalone->sink, program->name, getenv("JOURNAL_STREAM"));
    standalone->log = (struct sc_log){.sink = &standalone->sink.base,
                                      .verbosity = standalone->arguments.verbosity};
    standalone->runtime = (struct sc_runtime){
        .log = &standalone->log,
        .params = &standalone->params,
        .admit = standalone_admit,
        .space_of = standalone_space_of,
        .drained = standalone_on_drained,
    };
}

/* What a thread still looks at that reads a configuration is left to the kernel. */
static void standalone_fini(struct standalone *standalone)
{
    bool left_behind;

    sc_sockets_close(&standalone->sockets);
    sc_crew_stop(standalone->program);
    left_behind = sc_reload_fini(&standalone->reload);
    sc_timer_fini(&standalone->look);
    sc_runtime_stop(&standalone->runtime);
    sc_log_settle(&standalone->log, LAST_WORDS_MS);
    sc_stderr_fini(&standalone->sink);
    if (left_behind)
        return;
    sc_access_fini(&standalone->access);
    sc_params_fini(&standalone->params);
    sc_arguments_fini(&standalone->arguments);
    free(standalone);
}

int sc_standalone_run(const struct sc_program *program, int argc, char *argv[])
{
    struct standalone *standalone = calloc(1, sizeof(*standalone));

    if (!standalone || sc_arguments_parse(&standalone->arguments, argc, argv) < 0) {
        fprintf(stderr, "%s: out of memory\n", program->name);
        free(standalone);
        return EXIT_FAILURE;
    }
    standalone_init(standalone, program);
    int error = standalone_run(standalone);
    standalone_fini(standalone);
    return error < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
