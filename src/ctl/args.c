/* SPDX-License-Identifier: BSD-2-Clause */
#include "args.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Letters in upper case and those below without a short form are known here only. */
static const struct option long_options[] = {
    {"classic", no_argument, NULL, 'c'},
    {"connect-timeout", required_argument, NULL, 'w'},
    {"deadline", required_argument, NULL, 'm'},
    {"destination", required_argument, NULL, 'd'},
    {"destination-property", required_argument, NULL, 'P'},
    {"destination-ttl", required_argument, NULL, 'T'},
    {"fd", required_argument, NULL, 'f'},
    {"field", required_argument, NULL, 'F'},
    {"help", no_argument, NULL, 'h'},
    {"json", no_argument, NULL, 'j'},
    {"label", required_argument, NULL, 'l'},
    {"no-greeting", no_argument, NULL, 'g'},
    {"property", required_argument, NULL, 'p'},
    {"socket", required_argument, NULL, 's'},
    {"to", required_argument, NULL, 'o'},
    {"ttl", required_argument, NULL, 't'},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, 'V'},
    {0},
};

#define SHORT_OPTIONS ":hjvVs:t:d:p:f:"

int sc_ctl_args_init(struct sc_ctl_args *args, int argc)
{
    *args = (struct sc_ctl_args){
        .ttl = -1, .fd = -1, .connect_seconds = -1, .destination_ttl = -1, .property = ""};
    args->fields = calloc((size_t)argc + 1, sizeof(*args->fields));
    return args->fields ? 0 : -ENOMEM;
}

void sc_ctl_args_fini(struct sc_ctl_args *args)
{
    free(args->fields);
    args->fields = NULL;
}

int sc_ctl_parse_number(const char *text, int least, int *number)
{
    /* strtol() would take blanks and a sign. */
    if (!isdigit((unsigned char)*text))
        return -EINVAL;
    char *end;
    long value = strtol(text, &end, 10);
    if (*end != '\0' || value < least)
        return -EINVAL;
    *number = value > INT_MAX ? INT_MAX : (int)value;
    return 0;
}

static const char *args_option_name(int letter)
{
    const struct option *option = long_options;

    while (option->name && option->val != letter)
        option++;
    return option->name ? option->name : "?";
}

static int args_parse_number(const struct sc_ctl *ctl, int letter, int least, int *number)
{
    int error = sc_ctl_parse_number(optarg, least, number);

    if (error < 0)
        sc_ctl_misused(ctl, "--%s %s: not a number of at least %d", args_option_name(letter),
                       optarg, least);
    return error;
}

static int args_add_field(struct sc_ctl *ctl)
{
    if (!strchr(optarg, '=')) {
        sc_ctl_misused(ctl, "--field %s: not of the form NAME=VALUE", optarg);
        return -EINVAL;
    }
    ctl->args.fields[ctl->args.field_count++] = optarg;
    return 0;
}

static void args_set_text(struct sc_ctl_args *args, int letter)
{
    switch (letter) {
    case 's':
        args->socket = optarg;
        break;
    case 'd':
        args->destination = optarg;
        break;
    case 'p':
        args->property = optarg;
        break;
    case 'P':
        args->destination_property = optarg;
        break;
    case 'o':
        args->to = optarg;
        break;
    case 'l':
        args->label = optarg;
        break;
    }
}

static void args_set_flag(struct sc_ctl_args *args, int letter)
{
    switch (letter) {
    case 'j':
        args->json = true;
        break;
    case 'c':
        args->classic = true;
        break;
    case 'g':
        args->no_greeting = true;
        break;
    case 'h':
        args->help = true;
        break;
    case 'v':
        args->verbose = true;
        break;
    case 'V':
        args->version = true;
        break;
    }
}

static int args_set_option(struct sc_ctl *ctl, int letter)
{
    struct sc_ctl_args *args = &ctl->args;

    switch (letter) {
    case 'm':
        return args_parse_number(ctl, letter, 1, &args->deadline_ms);
    case 't':
        return args_parse_number(ctl, letter, 1, &args->ttl);
    case 'T':
        return args_parse_number(ctl, letter, 1, &args->destination_ttl);
    case 'f':
        return args_parse_number(ctl, letter, 0, &args->fd);
    case 'w':
        return args_parse_number(ctl, letter, 1, &args->connect_seconds);
    case 'F':
        return args_add_field(ctl);
    default:
        if (optarg)
            args_set_text(args, letter);
        else
            args_set_flag(args, letter);
        return 0;
    }
}

/* Says what getopt did not like about a word. */
static int args_refuse(const struct sc_ctl *ctl, int letter, const char *word)
{
    if (letter == ':')
        sc_ctl_misused(ctl, "option %s takes an argument", word);
    else
        sc_ctl_misused(ctl, "unknown option %s", word);
    return -EINVAL;
}

static int args_parse(struct sc_ctl *ctl, const char *letters, const char *accepts, int argc,
                      char *argv[])
{
    int letter;

    /* Zero makes glibc start anew; the messages are ours. */
    optind = 0;
    opterr = 0;
    while ((letter = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
        if (letter == ':' || letter == '?')
            return args_refuse(ctl, letter, argv[optind - 1]);
        if (!strchr(accepts, letter)) {
            sc_ctl_misused(ctl, "does not take --%s", args_option_name(letter));
            return -EINVAL;
        }
        int error = args_set_option(ctl, letter);
        if (error < 0)
            return error;
    }
    return 0;
}

int sc_ctl_args_parse_common(struct sc_ctl *ctl, int argc, char *argv[])
{
    int error = args_parse(ctl, "+" SHORT_OPTIONS, SC_CTL_COMMON, argc, argv);

    return error < 0 ? error : optind;
}

int sc_ctl_args_parse(struct sc_ctl *ctl, const char *accepts, int argc, char *argv[])
{
    int end = 1;

    /* getopt would move the words behind the "--" that divides them from the program. */
    while (end < argc && strcmp(argv[end], "--") != 0)
        end++;
    int error = args_parse(ctl, SHORT_OPTIONS, accepts, end, argv);
    if (error < 0)
        return error;
    ctl->args.words = argv + optind;
    ctl->args.word_count = end - optind;
    ctl->args.program = end < argc ? argv + end + 1 : NULL;
    return 0;
}
