/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the command line of a server on its own. What parameters mean is not
 * known here.
 */
#include "host/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/roster.h"

enum {
    DEFAULT_MODE = 0600,
    OPTION_CHECK = 256,
    OPTION_CONFIG,
    OPTION_GROUP,
    OPTION_LISTEN,
    OPTION_MODE,
    OPTION_OWNER,
    OPTION_PRINT_CONFIG,
    OPTION_USER
};

static const struct option long_options[] = {
    {"check", no_argument, NULL, OPTION_CHECK},
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"group", required_argument, NULL, OPTION_GROUP},
    {"listen", required_argument, NULL, OPTION_LISTEN},
    {"mode", required_argument, NULL, OPTION_MODE},
    {"owner", required_argument, NULL, OPTION_OWNER},
    {"print-config", no_argument, NULL, OPTION_PRINT_CONFIG},
    {"user", required_argument, NULL, OPTION_USER},
    {0},
};

/* Not strtoul(3) alone, which takes blanks, signs and nothing at all. */
static void arguments_parse_mode(struct sc_arguments *arguments, const char *text)
{
    char *end;
    unsigned long mode = strtoul(text, &end, 8);

    if (*text < '0' || *text > '7' || *end != '\0' || mode > 0777)
        sc_problem_note(&arguments->problem, "--mode %s: not an octal mode such as 0660", text);
    else
        arguments->mode = (mode_t)mode;
}

static void arguments_parse_owner(struct sc_arguments *arguments, const char *name)
{
    if (sc_roster_find_user(name, &arguments->owner) < 0)
        sc_problem_note(&arguments->problem, "--owner %s: no such user", name);
}

static void arguments_parse_group(struct sc_arguments *arguments, const char *name)
{
    if (sc_roster_find_group(name, &arguments->group) < 0)
        sc_problem_note(&arguments->problem, "--group %s: no such group", name);
}

/* It is the parameter by another name; the last one given wins. */
static void arguments_parse_user(struct sc_arguments *arguments, const char *name)
{
    int length =
        snprintf(arguments->user, sizeof(arguments->user), "connection_cache_user=%s", name);

    if ((size_t)length >= sizeof(arguments->user))
        sc_problem_note(&arguments->problem, "--user %.32s...: no such user", name);
    else
        arguments->overrides[arguments->override_count++] = arguments->user;
}

static void arguments_parse_option(struct sc_arguments *arguments, int option, const char *word)
{
    switch (option) {
    case 'c':
        arguments->directory = optarg;
        break;
    case 'n':
        arguments->only_set = true;
        break;
    case 'o':
        arguments->overrides[arguments->override_count++] = optarg;
        break;
    case 'v':
        arguments->verbosity++;
        break;
    case OPTION_CHECK:
        arguments->task = SC_TASK_CHECK;
        break;
    case OPTION_CONFIG:
        arguments->config = optarg;
        break;
    case OPTION_GROUP:
        arguments_parse_group(arguments, optarg);
        break;
    case OPTION_LISTEN:
        arguments->listen = optarg;
        break;
    case OPTION_MODE:
        arguments_parse_mode(arguments, optarg);
        break;
    case OPTION_OWNER:
        arguments_parse_owner(arguments, optarg);
        break;
    case OPTION_USER:
        arguments_parse_user(arguments, optarg);
        break;
    case OPTION_PRINT_CONFIG:
        arguments->task = SC_TASK_PRINT_CONFIG;
        break;
    case ':':
        sc_problem_note(&arguments->problem, "option %s requires an argument", word);
        break;
    default:
        sc_problem_note(&arguments->problem, "invalid option: %s (see scache --help)", word);
        break;
    }
}

int sc_arguments_parse(struct sc_arguments *arguments, int argc, char *argv[])
{
    int option;

    *arguments =
        (struct sc_arguments){.mode = DEFAULT_MODE, .owner = (uid_t)-1, .group = (gid_t)-1};
    arguments->overrides = calloc((size_t)argc + 1, sizeof(*arguments->overrides));
    if (!arguments->overrides)
        return -ENOMEM;
    opterr = 0;
    optind = 0; /* Starts anew, also when a program parses twice. */
    while ((option = getopt_long(argc, argv, "+:c:no:v", long_options, NULL)) != -1)
        arguments_parse_option(arguments, option, argv[optind - 1]);
    if (optind < argc)
        sc_problem_note(&arguments->problem, "unexpected argument: %s (see scache --help)",
                        argv[optind]);
    if (arguments->directory && arguments->task == SC_TASK_SERVE)
        sc_problem_note(&arguments->problem, "option -c is for --check and --print-config only");
    if (arguments->only_set && arguments->task != SC_TASK_PRINT_CONFIG)
        sc_problem_note(&arguments->problem, "option -n is for --print-config only");
    if (arguments->listen && arguments->listen[0] == '\0')
        sc_problem_note(&arguments->problem, "--listen: the path of the socket is empty");
    return 0;
}

void sc_arguments_fini(struct sc_arguments *arguments)
{
    free(arguments->overrides);
    arguments->overrides = NULL;
}
