/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scachectl, the shared connection cache for shells and scripts: decides which
 * command is meant.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "help.h"
#include "server.h"
#include "standard.h"

struct command {
    const char *name;
    const char *accepts; /* letters of options */
    int words_min;
    int words_max; /* -1: any number */
    bool takes_program;
    int (*run)(struct sc_ctl *ctl);
};

static const struct command commands[] = {
    {"ping", SC_CTL_COMMON, 0, 0, false, sc_ctl_ping},
    {"save", SC_CTL_COMMON "tdpf", 1, 1, false, sc_ctl_save},
    {"find", SC_CTL_COMMON "dv", 0, 1, true, sc_ctl_find},
    {"put", SC_CTL_COMMON "tdpfPT", 1, 1, false, sc_ctl_put},
    {"take", SC_CTL_COMMON "dv", 0, -1, true, sc_ctl_take},
    {"shell", SC_CTL_COMMON, 0, 0, false, sc_ctl_shell},
    {"run", SC_CTL_COMMON "otlFpwv", 0, 0, true, sc_ctl_run},
    {0},
};

static void main_complain(const struct sc_ctl *ctl, const char *format, va_list values)
{
    /* After the results so far, in case both go to one place. */
    fflush(stdout);
    fputs("scachectl: ", stderr);
    if (ctl->command)
        fprintf(stderr, "%s: ", ctl->command);
    vfprintf(stderr, format, values);
}

void sc_ctl_complain(const struct sc_ctl *ctl, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    main_complain(ctl, format, values);
    va_end(values);
    putc('\n', stderr);
}

int sc_ctl_misused(const struct sc_ctl *ctl, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    main_complain(ctl, format, values);
    va_end(values);
    fprintf(stderr, "; see scachectl %s%s--help\n", ctl->command ? ctl->command : "",
            ctl->command ? " " : "");
    return SC_CTL_USAGE;
}

static const struct command *main_find_command(const char *name)
{
    const struct command *command = commands;

    while (command->name && strcmp(command->name, name) != 0)
        command++;
    return command->name ? command : NULL;
}

static int main_check_words(const struct sc_ctl *ctl, const struct command *command)
{
    const struct sc_ctl_args *args = &ctl->args;

    if (args->word_count < command->words_min)
        return sc_ctl_misused(ctl, "takes an endpoint");
    if (command->words_max >= 0 && args->word_count > command->words_max)
        return sc_ctl_misused(ctl, "what is \"%s\"?", args->words[command->words_max]);
    if (args->program && !command->takes_program)
        return sc_ctl_misused(ctl, "runs no program");
    if (args->program && !args->program[0])
        return sc_ctl_misused(ctl, "no program behind --");
    return SC_CTL_DONE;
}

static int main_run_command(struct sc_ctl *ctl, const struct command *command)
{
    int code = main_check_words(ctl, command);

    if (code != SC_CTL_DONE)
        return code;
    ctl->out = (struct sc_ctl_out){.file = stdout, .json = ctl->args.json};
    ctl->cache = sc_ctl_server_open(&ctl->args);
    if (!ctl->cache) {
        bool is_mistake = errno == EINVAL || errno == ENAMETOOLONG;
        sc_ctl_complain(ctl, "--socket: %s", strerror(errno));
        return is_mistake ? SC_CTL_USAGE : SC_CTL_TROUBLE;
    }
    code = command->run(ctl);
    scache_close(ctl->cache);
    return code;
}

static int main_show(const char *text)
{
    fputs(text, stdout);
    return SC_CTL_DONE;
}

static int main_help(const struct sc_ctl *ctl, int argc, char *argv[])
{
    const char *text = argc > 1 ? sc_ctl_help_find(argv[1]) : sc_ctl_help_overview;

    return text ? main_show(text) : sc_ctl_misused(ctl, "%s: no such command", argv[1]);
}

/* argv[0] is the command. */
static int main_dispatch(struct sc_ctl *ctl, int argc, char *argv[])
{
    ctl->command = argv[0];
    if (strcmp(argv[0], "help") == 0)
        return main_help(ctl, argc, argv);
    const struct command *command = main_find_command(argv[0]);
    if (!command)
        return sc_ctl_misused(&(struct sc_ctl){0}, "%s: no such command", argv[0]);
    if (sc_ctl_args_parse(ctl, command->accepts, argc, argv) < 0)
        return SC_CTL_USAGE;
    if (ctl->args.help)
        return main_show(sc_ctl_help_find(command->name));
    return ctl->args.version ? main_show("scachectl " SC_VERSION "\n")
                             : main_run_command(ctl, command);
}

static int main_begin(struct sc_ctl *ctl, int argc, char *argv[])
{
    int at = sc_ctl_args_parse_common(ctl, argc, argv);

    if (at < 0)
        return SC_CTL_USAGE;
    if (ctl->args.help)
        return main_show(sc_ctl_help_overview);
    if (ctl->args.version)
        return main_show("scachectl " SC_VERSION "\n");
    if (at >= argc)
        return sc_ctl_misused(ctl, "no command");
    return main_dispatch(ctl, argc - at, argv + at);
}

int main(int argc, char *argv[])
{
    struct sc_ctl ctl = {0};

    if (!sc_ctl_standard_open())
        return SC_CTL_TROUBLE;
    if (sc_ctl_args_init(&ctl.args, argc) < 0) {
        sc_ctl_complain(&ctl, "%s", strerror(ENOMEM));
        return SC_CTL_TROUBLE;
    }
    int code = main_begin(&ctl, argc, argv);
    sc_ctl_args_fini(&ctl.args);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == SC_CTL_DONE) {
        sc_ctl_complain(&ctl, "standard output: %s", strerror(errno));
        code = SC_CTL_TROUBLE;
    }
    return code;
}
