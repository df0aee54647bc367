/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the arguments that master(8) gives. What is wrong with them is only
 * noted: the log, in which it belongs, is not open yet.
 */
#include "host/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Postfix has no service with more than a few; a mistyped number is not to open thousands. */
enum { OPTIONS_SOCKETS_MOST = 100 };

static void options_parse_sockets(struct sc_master_options *options, const char *text)
{
    char *end;

    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < 1 || number > OPTIONS_SOCKETS_MOST)
        sc_problem_note(&options->problem, "bad number of listening sockets: -s %s (1 to %d)", text,
                        OPTIONS_SOCKETS_MOST);
    else
        options->sockets = (int)number;
}

static void options_parse_one(struct sc_master_options *options, int option)
{
    switch (option) {
    case 'c':
        options->chroot = true;
        break;
    case 'd':
        options->on_terminal = true;
        break;
    case 'D':
        options->debugger = true;
        break;
    case 'i':
        options->max_idle = optarg;
        break;
    case 'l':
        options->single_process = true;
        break;
    case 'n':
        options->service_name = optarg;
        break;
    case 'o':
        options->overrides[options->override_count++] = optarg;
        break;
    case 's':
        options_parse_sockets(options, optarg);
        break;
    case 'S':
        options->standard_io = true;
        break;
    case 't':
        options->transport = optarg;
        break;
    case 'u':
        options->change_user = true;
        break;
    case 'v':
        options->verbosity++;
        break;
    case 'V':
        options->also_stderr = true;
        break;
    case 'm': /* How many clients to serve, and ... */
    case 'z': /* ... whether for ever: a cache serves them all. */
        break;
    case ':':
        sc_problem_note(&options->problem, "option -%c requires an argument", optopt);
        break;
    default:
        sc_problem_note(&options->problem, "invalid option: %c", optopt);
        break;
    }
}

/* In the order in which people meet these mistakes; only the first one is told. */
static void options_check(struct sc_master_options *options, int argc, char *argv[])
{
    if (optind < argc)
        sc_problem_note(&options->problem, "unexpected command-line argument: %s", argv[optind]);
    if (options->standard_io)
        return;
    if (!options->single_process)
        sc_problem_note(&options->problem, "service %s requires a process limit of 1",
                        options->service_name);
    if (!options->transport)
        sc_problem_note(&options->problem, "no transport type specified");
    else if (strcmp(options->transport, "unix") != 0)
        sc_problem_note(&options->problem, "unsupported transport type: %s", options->transport);
}

int sc_master_options_parse(struct sc_master_options *options, int argc, char *argv[])
{
    const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;
    int option;

    *options = (struct sc_master_options){.sockets = 1};
    options->service_name = name ? name + 1 : argc > 0 ? argv[0] : "scache";
    options->overrides = calloc((size_t)argc + 1, sizeof(*options->overrides));
    if (!options->overrides)
        return -ENOMEM;
    opterr = 0;
    optind = 0; /* Starts anew, also when a program parses twice. */
    while ((option = getopt(argc, argv, "+:cdDi:lm:n:o:s:St:uvVz")) != -1)
        options_parse_one(options, option);
    options_check(options, argc, argv);
    return 0;
}

void sc_master_options_fini(struct sc_master_options *options)
{
    free(options->overrides);
    options->overrides = NULL;
}
