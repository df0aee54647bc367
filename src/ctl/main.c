/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scachectl, the shared connection cache for shells and scripts: decides which
 * command is meant, and sees to what is the same for all of them. What a
 * command does is in a file of its own.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "help.h"
#include "server.h"
#include "standard.h"

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

/* What could not be printed for lack of memory is no success. */
static int main_finish(struct sc_ctl *ctl, int code)
{
    if (ctl->out.error < 0 && code == SC_CTL_DONE && !ctl->args.program)
        return sc_ctl_exhausted(&ctl->voice);
    return code;
}

static int main_run_command(struct sc_ctl *ctl, const struct sc_ctl_command *command)
{
    int code = sc_ctl_command_check(command, ctl);

    if (code != SC_CTL_DONE)
        return code;
    ctl->out = (struct sc_ctl_out){.file = stdout, .json = ctl->args.json};
    if (!command->uses_cache)
        return main_finish(ctl, command->run(ctl));
    ctl->cache = sc_ctl_server_open(&ctl->args);
    if (!ctl->cache)
        return main_refuse_socket(ctl, errno);
    code = command->run(ctl);
    scache_close(ctl->cache);
    return main_finish(ctl, code);
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
    const struct sc_ctl_command *command = sc_ctl_command_find(argv[0]);
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
    /* For how wide characters are; numbers stay as programs read them. */
    setlocale(LC_CTYPE, "");
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
