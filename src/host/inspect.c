/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a configuration as a server would, looks up what it names, and says
 * what is wrong, or which values hold. It serves nobody, opens no socket and
 * writes to no log: it is for who sits in front of it.
 */
#include "host/inspect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/config.h"
#include "config/listing.h"
#include "host/access.h"
#include "host/arguments.h"
#include "host/mail_log.h"
#include "host/owner.h"

/* A configuration that is looked at, and how many things are wrong with it. */
struct inspection {
    const struct sc_program *program;
    struct sc_arguments arguments;
    struct sc_params params;
    enum sc_param_mode mode;
    size_t wrong;
};

bool sc_inspect_is_wanted(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--check") == 0 || strcmp(argv[i], "--print-config") == 0)
            return true;
    return false;
}

/* A file or a command line may hold any bytes; a terminal gets those that print. */
static void inspect_say(const struct inspection *inspection, const char *severity, const char *text)
{
    fprintf(stderr, "%s: %s: ", inspection->program->name, severity);
    for (; *text != '\0'; text++)
        fputc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, stderr);
    fputc('\n', stderr);
}

static void inspect_on_warning(void *context, const char *text)
{
    inspect_say(context, "warning", text);
}

static void inspect_on_mistake(void *context, const char *text)
{
    struct inspection *inspection = context;

    inspection->wrong++;
    inspect_say(inspection, "fatal", text);
}

static void inspect_load(struct inspection *inspection)
{
    const struct sc_arguments *arguments = &inspection->arguments;
    struct sc_config_source source = {
        .program = inspection->program->params,
        .mode = inspection->mode,
        .directory = sc_config_directory(arguments->directory),
        .file = arguments->config,
        .socket = arguments->listen,
        .overrides = arguments->overrides,
        .override_count = arguments->override_count,
        .service_name = inspection->mode == SC_MODE_MASTER ? inspection->program->name : NULL,
    };
    struct sc_diag diag = {
        .warn = inspect_on_warning, .mistake = inspect_on_mistake, .context = inspection};

    if (sc_config_load(&inspection->params, &source, &diag) < 0 && inspection->wrong == 0)
        inspect_on_mistake(inspection, diag.fatal);
}

/* What a server of Postfix's would find out when it settles down. */
static void inspect_postfix(struct inspection *inspection)
{
    const struct sc_params *params = &inspection->params;
    char problem[SC_DIAG_TEXT_MAX], where[SC_DIAG_TEXT_MAX];
    struct sc_identity identity;
    struct stat queue;

    if (sc_owner_find(&identity, params, problem, sizeof(problem)) < 0)
        inspect_on_mistake(inspection, problem);
    if (sc_mail_log_check(params, problem, sizeof(problem)) < 0)
        inspect_on_mistake(inspection, problem);
    int error = stat(params->host.queue_directory, &queue) < 0 ? errno
                : S_ISDIR(queue.st_mode)                       ? 0
                                                               : ENOTDIR;
    if (error == 0)
        return;
    snprintf(problem, sizeof(problem), "%s: queue_directory = %s: %s",
             sc_params_where(params, SC_PARAM_queue_directory, where, sizeof(where)),
             params->host.queue_directory, strerror(error));
    inspect_on_mistake(inspection, problem);
}

/* What a server on its own would find out when it starts, but for its sockets. */
static void inspect_alone(struct inspection *inspection)
{
    char problem[SC_ACCESS_TEXT_MAX];
    struct sc_identity identity;
    struct sc_access access;

    int result = sc_owner_find_alone(&identity, &inspection->params, problem, sizeof(problem));
    if (result < 0)
        inspect_on_mistake(inspection, problem);
    else if (problem[0] != '\0')
        inspect_say(inspection, "warning", problem);
    if (sc_access_init(&access, &inspection->params, problem) < 0) {
        inspect_on_mistake(inspection, problem);
        return;
    }
    if (sc_access_has_idle_sharer(&access, &inspection->params, problem))
        inspect_say(inspection, "warning", problem);
    sc_access_fini(&access);
}

/* Values are printed only if all are right: half a configuration would mislead. */
static void inspect_configuration(struct inspection *inspection)
{
    const struct sc_arguments *arguments = &inspection->arguments;

    inspect_load(inspection);
    if (inspection->wrong > 0)
        return;
    if (arguments->task == SC_TASK_PRINT_CONFIG)
        sc_listing_print(stdout, &inspection->params, inspection->mode, arguments->only_set);
    else if (inspection->mode == SC_MODE_MASTER)
        inspect_postfix(inspection);
    else
        inspect_alone(inspection);
}

int sc_inspect_run(const struct sc_program *program, int argc, char *argv[])
{
    struct inspection inspection = {.program = program};
    struct sc_arguments *arguments = &inspection.arguments;

    if (sc_arguments_parse(arguments, argc, argv) < 0) {
        fprintf(stderr, "%s: out of memory\n", program->name);
        return EXIT_FAILURE;
    }
    /* Whoever names a file or a socket speaks of a server on its own. */
    inspection.mode = !program->serves_master || arguments->listen || arguments->config
                          ? SC_MODE_STANDALONE
                          : SC_MODE_MASTER;
    if (inspection.mode == SC_MODE_STANDALONE && arguments->directory)
        sc_problem_note(&arguments->problem, "-c %s: is for Postfix's configuration only",
                        arguments->directory);
    if (arguments->problem.text[0] != '\0')
        inspect_on_mistake(&inspection, arguments->problem.text);
    else
        inspect_configuration(&inspection);
    sc_params_fini(&inspection.params);
    sc_arguments_fini(arguments);
    return fflush(stdout) == 0 && inspection.wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
