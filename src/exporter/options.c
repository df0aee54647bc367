/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a command line and says what is wrong with it. Nothing is opened.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char sc_options_help[] =
    "usage: scache-exporter --listen ADDRESS:PORT|unix:PATH --control [NAME=]PATH ...\n"
    "       scache-exporter --output FILE --control [NAME=]PATH ...\n"
    "Tells Prometheus what servers of scache do.\n"
    "\n"
    "  --listen WHERE          serve /metrics over HTTP there: an address in digits\n"
    "                          (127.0.0.1:9952, [::1]:9952) or unix:PATH\n"
    "  --output FILE           write the figures once, in one step, and end; -: standard output\n"
    "  --control [NAME=]PATH   a server's control socket, once for each; NAME is its label\n"
    "                          \"cache\", without one that is the path\n"
    "  --help, --version       say that and end\n";

static const struct option options_known[] = {
    {"listen", required_argument, NULL, 'l'},  {"output", required_argument, NULL, 'o'},
    {"control", required_argument, NULL, 'c'}, {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},       {0},
};

static int options_refuse(const char *why, const char *what)
{
    fprintf(stderr, "scache-exporter: %s%s\nscache-exporter: see scache-exporter --help\n", why,
            what);
    return -EINVAL;
}

/* A path begins with a slash or a dot; anything else before the first = is a name. */
static int options_add_source(struct sc_options *options, char *word)
{
    struct sc_source *source = &options->sources[options->count];
    char *equals = word[0] == '/' || word[0] == '.' ? NULL : strchr(word, '=');

    source->path = equals ? equals + 1 : word;
    source->name = word;
    if (equals)
        *equals = '\0';
    if (!*source->name || !*source->path)
        return options_refuse("--control: an empty name or path", "");
    for (size_t i = 0; i < options->count; i++)
        if (strcmp(options->sources[i].name, source->name) == 0)
            return options_refuse("--control: two are called ", source->name);
    options->count++;
    return 0;
}

static int options_take(struct sc_options *options, int option, char *value)
{
    switch (option) {
    case 'l':
        options->listen = value;
        return 0;
    case 'o':
        options->output = value;
        return 0;
    case 'c':
        return options_add_source(options, value);
    case 'h':
        options->help = true;
        return 0;
    case 'V':
        options->version = true;
        return 0;
    default: /* getopt has said what it is */
        return options_refuse("these words are not understood", "");
    }
}

static int options_check(const struct sc_options *options, const char *rest)
{
    if (options->help || options->version)
        return 0;
    if (rest)
        return options_refuse("what is this: ", rest);
    if (options->count == 0)
        return options_refuse("no --control", "");
    if (!options->listen == !options->output)
        return options_refuse("one of --listen and --output is wanted", "");
    return 0;
}

int sc_options_read(struct sc_options *options, int argc, char *argv[])
{
    int option, error = 0;

    *options = (struct sc_options){0};
    /* There are no more servers than words. */
    options->sources = calloc((size_t)argc + 1, sizeof(*options->sources));
    if (!options->sources)
        return -ENOMEM;
    while (error == 0 && (option = getopt_long(argc, argv, "", options_known, NULL)) != -1)
        error = options_take(options, option, optarg);
    return error < 0 ? error : options_check(options, argv[optind]);
}

void sc_options_fini(struct sc_options *options)
{
    free(options->sources);
    options->sources = NULL;
}
