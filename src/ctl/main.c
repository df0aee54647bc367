/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scachectl, the shared connection cache for shells and scripts: decides which
 * command is meant, and sees to what is the same for all of them. What a
 * command does is in a file of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "help.h"
#include "server.h"
#include "standard.h"

struct command {
    const char *name;
    uint64_t takes; /* options */
    int words_min;
    int words_max; /* -1: any number */
    bool takes_program;
    int (*run)(struct sc_ctl *ctl);
};

#define MAIN_SAVES                                                                                 \
    (SC_CTL_TAKES_COMMON | SC_CTL_TAKES(TTL) | SC_CTL_TAKES(DESTINATION) |                         \
     SC_CTL_TAKES(PROPERTY) | SC_CTL_TAKES(FD) | SC_CTL_TAKES(ANY))
#define MAIN_LOOKS (SC_CTL_TAKES_COMMON | SC_CTL_TAKES(DESTINATION) | SC_CTL_TAKES(VERBOSE))
#define MAIN_PUTS  (MAIN_SAVES | SC_CTL_TAKES(DESTINATION_PROPERTY) | SC_CTL_TAKES(DESTINATION_TTL))
#define MAIN_RUNS                                                                                  \
    (SC_CTL_TAKES_COMMON | SC_CTL_TAKES(TO) | SC_CTL_TAKES(TTL) | SC_CTL_TAKES(LABEL) |            \
     SC_CTL_TAKES(LABEL_EXACT) | SC_CTL_TAKES(SERVICE) | SC_CTL_TAKES(FIELD) |                     \
     SC_CTL_TAKES(PROPERTY) | SC_CTL_TAKES(CONNECT_TIMEOUT) | SC_CTL_TAKES(QUIET_PROTOCOL) |       \
     SC_CTL_TAKES(MAX_AGE) | SC_CTL_TAKES(MAX_USES) | SC_CTL_TAKES(VERBOSE))

static const struct command commands[] = {
    {"ping", SC_CTL_TAKES_COMMON, 0, 0, false, sc_ctl_ping},
    {"save", MAIN_SAVES, 1, 1, false, sc_ctl_save},
    {"find", MAIN_LOOKS, 0, 1, true, sc_ctl_find},
    {"put", MAIN_PUTS, 1, 1, false, sc_ctl_put},
    {"take", MAIN_LOOKS, 0, -1, true, sc_ctl_take},
    {"shell", SC_CTL_TAKES_COMMON | SC_CTL_TAKES(ANY), 0, 0, false, sc_ctl_shell},
    {"run", MAIN_RUNS, 0, 0, true, sc_ctl_run},
    {0},
};

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
        return sc_ctl_misused(&ctl->voice, "takes an endpoint");
    if (command->words_max >= 0 && args->word_count > command->words_max)
        return sc_ctl_misused(&ctl->voice, "what is \"%s\"?", args->words[command->words_max]);
    if (args->program && !command->takes_program)
        return sc_ctl_misused(&ctl->voice, "runs no program");
    if (args->program && !args->program[0])
        return sc_ctl_misused(&ctl->voice, "no program behind --");
    return SC_CTL_DONE;
}

static int main_refuse_socket(const struct sc_ctl *ctl, int error)
{
    const char *path = ctl->args.socket ? ctl->args.socket : "of the environment";

    if (error == EINVAL)
        return sc_ctl_misused(&ctl->voice, "--socket: an empty path");
    if (error == ENAMETOOLONG)
        return sc_ctl_misused(&ctl->voice, "--socket %s: longer than the path of a socket can be",
                              path);
    return sc_ctl_exhausted(&ctl->voice);
}

static int main_run_command(struct sc_ctl *ctl, const struct command *command)
{
    int code = main_check_words(ctl, command);

    if (code != SC_CTL_DONE)
        return code;
    ctl->out = (struct sc_ctl_out){.file = stdout, .json = ctl->args.json};
    ctl->cache = sc_ctl_server_open(&ctl->args);
    if (!ctl->cache)
        return main_refuse_socket(ctl, errno);
    code = command->run(ctl);
    scache_close(ctl->cache);
    if (ctl->out.error < 0 && code == SC_CTL_DONE && !ctl->args.program)
        code = sc_ctl_exhausted(&ctl->voice);
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

    return text ? main_show(text) : sc_ctl_misused(&ctl->voice, "%s: no such command", argv[1]);
}

/* argv[0] is the command. */
static int main_dispatch(struct sc_ctl *ctl, int argc, char *argv[])
{
    ctl->voice.command = argv[0];
    if (strcmp(argv[0], "help") == 0)
        return main_help(ctl, argc, argv);
    const struct command *command = main_find_command(argv[0]);
    if (!command)
        return sc_ctl_misused(&(struct sc_ctl_voice){0}, "%s: no such command", argv[0]);
    if (sc_ctl_args_parse(&ctl->args, &ctl->voice, command->takes, argc, argv) < 0)
        return SC_CTL_USAGE;
    if (ctl->args.help)
        return main_show(sc_ctl_help_find(command->name));
    return ctl->args.version ? main_show("scachectl " SC_VERSION "\n")
                             : main_run_command(ctl, command);
}

static int main_begin(struct sc_ctl *ctl, int argc, char *argv[])
{
    int at = sc_ctl_args_parse_common(&ctl->args, &ctl->voice, argc, argv);

    if (at < 0)
        return SC_CTL_USAGE;
    if (ctl->args.help)
        return main_show(sc_ctl_help_overview);
    if (ctl->args.version)
        return main_show("scachectl " SC_VERSION "\n");
    if (at >= argc)
        return sc_ctl_misused(&ctl->voice, "no command");
    return main_dispatch(ctl, argc - at, argv + at);
}

int main(int argc, char *argv[])
{
    struct sc_ctl ctl = {0};

    if (!sc_ctl_standard_open())
        return SC_CTL_TROUBLE;
    if (sc_ctl_args_init(&ctl.args, argc) < 0)
        return sc_ctl_exhausted(&ctl.voice);
    int code = main_begin(&ctl, argc, argv);
    sc_ctl_args_fini(&ctl.args);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == SC_CTL_DONE) {
        sc_ctl_complain(&ctl.voice, "standard output: %s", strerror(errno));
        code = SC_CTL_TROUBLE;
    }
    return code;
}
