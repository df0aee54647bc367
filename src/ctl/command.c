/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which commands there are. What they do is in a file for each, and what
 * their options mean too.
 */
#include "command.h"

#include <string.h>

#define COMMAND_LOOKS_UP (SC_CTL_TAKES_CACHE | SC_CTL_TAKES(DESTINATION) | SC_CTL_TAKES(VERBOSE))
#define COMMAND_SAVES                                                                              \
    (SC_CTL_TAKES_CACHE | SC_CTL_TAKES(TTL) | SC_CTL_TAKES(DESTINATION) | SC_CTL_TAKES(PROPERTY) | \
     SC_CTL_TAKES(FD) | SC_CTL_TAKES(ANY))
#define COMMAND_PUTS                                                                               \
    (COMMAND_SAVES | SC_CTL_TAKES(DESTINATION_PROPERTY) | SC_CTL_TAKES(DESTINATION_TTL))
#define COMMAND_RUNS                                                                               \
    (SC_CTL_TAKES_CACHE | SC_CTL_TAKES(TO) | SC_CTL_TAKES(TTL) | SC_CTL_TAKES(LABEL) |             \
     SC_CTL_TAKES(LABEL_EXACT) | SC_CTL_TAKES(SERVICE) | SC_CTL_TAKES(FIELD) |                     \
     SC_CTL_TAKES(PROPERTY) | SC_CTL_TAKES(CONNECT_TIMEOUT) | SC_CTL_TAKES(QUIET_PROTOCOL) |       \
     SC_CTL_TAKES(MAX_AGE) | SC_CTL_TAKES(MAX_USES) | SC_CTL_TAKES(VERBOSE))
#define COMMAND_FILTERS                                                                            \
    (SC_CTL_TAKES_CONTROL | SC_CTL_TAKES(LABEL) | SC_CTL_TAKES(CONTAINS) | SC_CTL_TAKES(USER))

static const struct sc_ctl_command commands[] = {
    {"ping", SC_CTL_TAKES_CACHE, 0, 0, NULL, false, true, sc_ctl_ping},
    {"save", COMMAND_SAVES, 1, 1, "an endpoint", false, true, sc_ctl_save},
    {"find", COMMAND_LOOKS_UP, 0, 1, NULL, true, true, sc_ctl_find},
    {"put", COMMAND_PUTS, 1, 1, "an endpoint", false, true, sc_ctl_put},
    {"take", COMMAND_LOOKS_UP, 0, -1, NULL, true, true, sc_ctl_take},
    {"shell", SC_CTL_TAKES_CACHE | SC_CTL_TAKES(ANY), 0, 0, NULL, false, true, sc_ctl_shell},
    {"run", COMMAND_RUNS, 0, 0, NULL, true, true, sc_ctl_run},
    {"stats", SC_CTL_TAKES_CONTROL | SC_CTL_TAKES(EVERY) | SC_CTL_TAKES(COUNT), 0, 0, NULL, false,
     false, sc_ctl_stats},
    {"list",
     COMMAND_FILTERS | SC_CTL_TAKES(SORT) | SC_CTL_TAKES(LIMIT) | SC_CTL_TAKES(LONG) |
         SC_CTL_TAKES(PROPERTIES) | SC_CTL_TAKES(EXACT),
     1, 1, "what to list: destinations, endpoints, connections, bindings, clients, users", false,
     false, sc_ctl_list},
    {"show", SC_CTL_TAKES_CONTROL | SC_CTL_TAKES(USER), 1, 1, "a label or an ID", false, false,
     sc_ctl_show},
    {"watch", COMMAND_FILTERS, 0, 0, NULL, false, false, sc_ctl_watch},
    {"advise", SC_CTL_TAKES_CONTROL | SC_CTL_TAKES(USER) | SC_CTL_TAKES(HTML), 0, 0, NULL, false,
     false, sc_ctl_advise},
    {"drop", SC_CTL_TAKES_CONTROL | SC_CTL_TAKES(USER) | SC_CTL_TAKES(DRY_RUN), 1, 2,
     "what to drop: all, or destinations, endpoints, connections, bindings and which", false, false,
     sc_ctl_drop},
    {"params", SC_CTL_TAKES_CONTROL, 0, 1, NULL, false, false, sc_ctl_params},
    {"set", SC_CTL_TAKES_CONTROL | SC_CTL_TAKES(FOR), 1, 1, "NAME=VALUE", false, false, sc_ctl_set},
    {"unset", SC_CTL_TAKES_CONTROL, 1, 1, "the name of a parameter", false, false, sc_ctl_unset},
    {"metrics", SC_CTL_TAKES_CONTROL | SC_CTL_TAKES(OUTPUT), 0, 0, NULL, false, false,
     sc_ctl_metrics},
    {0},
};

const struct sc_ctl_command *sc_ctl_command_find(const char *name)
{
    const struct sc_ctl_command *command = commands;

    while (command->name && strcmp(command->name, name) != 0)
        command++;
    return command->name ? command : NULL;
}

static bool command_is_color(const char *when)
{
    return strcmp(when, "auto") == 0 || strcmp(when, "always") == 0 || strcmp(when, "never") == 0;
}

int sc_ctl_command_check(const struct sc_ctl_command *command, const struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;

    if (args->word_count < command->words_min)
        return sc_ctl_misused(&ctl->voice, "takes %s", command->words);
    if (command->words_max >= 0 && args->word_count > command->words_max)
        return sc_ctl_misused(&ctl->voice, "what is \"%s\"?", args->words[command->words_max]);
    if (args->color && !command_is_color(args->color))
        return sc_ctl_misused(&ctl->voice, "--color %s: one of auto, always, never", args->color);
    if (args->program && !command->takes_program)
        return sc_ctl_misused(&ctl->voice, "runs no program");
    if (args->program && !args->program[0])
        return sc_ctl_misused(&ctl->voice, "no program behind --");
    return SC_CTL_DONE;
}
