/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes a command line apart, by one table. Which options a command takes, how
 * many words, and what any of it means, is not known here.
 */
#include "args.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "complaint.h"

enum args_kind { ARGS_FLAG, ARGS_TEXT, ARGS_NUMBER, ARGS_FIELD };

struct args_option {
    const char *name;
    char letter; /* of the short form; 0: there is none */
    enum args_kind kind;
    size_t place; /* in the structure */
    int least;    /* of a number */
};

#define ARGS_PLACE(member) offsetof(struct sc_ctl_args, member)

static const struct args_option options[SC_CTL_OPTIONS] = {
    [SC_CTL_OPT_ANY] = {"any", 0, ARGS_FLAG, ARGS_PLACE(any), 0},
    [SC_CTL_OPT_BATCH] = {"batch", 'b', ARGS_FLAG, ARGS_PLACE(batch), 0},
    [SC_CTL_OPT_COLOR] = {"color", 0, ARGS_TEXT, ARGS_PLACE(color), 0},
    [SC_CTL_OPT_CONTAINS] = {"contains", 0, ARGS_TEXT, ARGS_PLACE(contains), 0},
    [SC_CTL_OPT_CONTROL] = {"control", 0, ARGS_TEXT, ARGS_PLACE(control), 0},
    [SC_CTL_OPT_COUNT] = {"count", 'n', ARGS_NUMBER, ARGS_PLACE(count), 1},
    [SC_CTL_OPT_DRY_RUN] = {"dry-run", 0, ARGS_FLAG, ARGS_PLACE(dry_run), 0},
    [SC_CTL_OPT_EVERY] = {"every", 0, ARGS_NUMBER, ARGS_PLACE(every), 1},
    [SC_CTL_OPT_EXACT] = {"exact", 0, ARGS_FLAG, ARGS_PLACE(exact), 0},
    [SC_CTL_OPT_FOR] = {"for", 0, ARGS_TEXT, ARGS_PLACE(duration), 0},
    [SC_CTL_OPT_HTML] = {"html", 0, ARGS_TEXT, ARGS_PLACE(html), 0},
    [SC_CTL_OPT_LIMIT] = {"limit", 0, ARGS_NUMBER, ARGS_PLACE(limit), 1},
    [SC_CTL_OPT_LONG] = {"long", 0, ARGS_FLAG, ARGS_PLACE(at_length), 0},
    [SC_CTL_OPT_OUTPUT] = {"output", 'o', ARGS_TEXT, ARGS_PLACE(output), 0},
    [SC_CTL_OPT_PROPERTIES] = {"properties", 0, ARGS_FLAG, ARGS_PLACE(properties), 0},
    [SC_CTL_OPT_SORT] = {"sort", 0, ARGS_TEXT, ARGS_PLACE(sort), 0},
    [SC_CTL_OPT_USER] = {"user", 0, ARGS_TEXT, ARGS_PLACE(user), 0},
    [SC_CTL_OPT_CLASSIC] = {"classic", 0, ARGS_FLAG, ARGS_PLACE(classic), 0},
    [SC_CTL_OPT_CONNECT_TIMEOUT] = {"connect-timeout", 0, ARGS_NUMBER, ARGS_PLACE(connect_seconds),
                                    1},
    [SC_CTL_OPT_DEADLINE] = {"deadline", 0, ARGS_NUMBER, ARGS_PLACE(deadline_ms), 1},
    [SC_CTL_OPT_DESTINATION] = {"destination", 'd', ARGS_TEXT, ARGS_PLACE(destination), 0},
    [SC_CTL_OPT_DESTINATION_PROPERTY] = {"destination-property", 0, ARGS_TEXT,
                                         ARGS_PLACE(destination_property), 0},
    [SC_CTL_OPT_DESTINATION_TTL] = {"destination-ttl", 0, ARGS_NUMBER, ARGS_PLACE(destination_ttl),
                                    1},
    [SC_CTL_OPT_FD] = {"fd", 'f', ARGS_NUMBER, ARGS_PLACE(fd), 0},
    [SC_CTL_OPT_FIELD] = {"field", 0, ARGS_FIELD, ARGS_PLACE(fields), 0},
    [SC_CTL_OPT_HELP] = {"help", 'h', ARGS_FLAG, ARGS_PLACE(help), 0},
    [SC_CTL_OPT_JSON] = {"json", 'j', ARGS_FLAG, ARGS_PLACE(json), 0},
    [SC_CTL_OPT_LABEL] = {"label", 0, ARGS_TEXT, ARGS_PLACE(label), 0},
    [SC_CTL_OPT_LABEL_EXACT] = {"label-exact", 0, ARGS_FLAG, ARGS_PLACE(label_exact), 0},
    [SC_CTL_OPT_MAX_AGE] = {"max-age", 0, ARGS_NUMBER, ARGS_PLACE(max_age), 1},
    [SC_CTL_OPT_MAX_USES] = {"max-uses", 0, ARGS_NUMBER, ARGS_PLACE(max_uses), 1},
    [SC_CTL_OPT_NO_GREETING] = {"no-greeting", 0, ARGS_FLAG, ARGS_PLACE(no_greeting), 0},
    [SC_CTL_OPT_PROPERTY] = {"property", 'p', ARGS_TEXT, ARGS_PLACE(property), 0},
    [SC_CTL_OPT_QUIET_PROTOCOL] = {"quiet-protocol", 0, ARGS_FLAG, ARGS_PLACE(quiet_protocol), 0},
    [SC_CTL_OPT_SERVICE] = {"service", 0, ARGS_TEXT, ARGS_PLACE(service), 0},
    [SC_CTL_OPT_SOCKET] = {"socket", 's', ARGS_TEXT, ARGS_PLACE(socket), 0},
    [SC_CTL_OPT_TO] = {"to", 0, ARGS_TEXT, ARGS_PLACE(to), 0},
    [SC_CTL_OPT_TTL] = {"ttl", 't', ARGS_NUMBER, ARGS_PLACE(ttl), 1},
    [SC_CTL_OPT_VERBOSE] = {"verbose", 'v', ARGS_FLAG, ARGS_PLACE(verbose), 0},
    [SC_CTL_OPT_VERSION] = {"version", 'V', ARGS_FLAG, ARGS_PLACE(version), 0},
};

/* What getopt_long() returns for an option: above every letter. */
enum { ARGS_FIRST_VALUE = 256 };

/* The same table in getopt's words: "+:" or ":" and the letters; and the long names. */
struct args_getopt {
    char letters[2 + 2 * SC_CTL_OPTIONS + 1];
    struct option names[SC_CTL_OPTIONS + 1];
};

static void args_fill_getopt(struct args_getopt *getopt, const char *start)
{
    char *letter = stpcpy(getopt->letters, start);

    for (int i = 0; i < SC_CTL_OPTIONS; i++) {
        const struct args_option *option = &options[i];
        int takes_value = option->kind == ARGS_FLAG ? no_argument : required_argument;
        getopt->names[i] = (struct option){option->name, takes_value, NULL, ARGS_FIRST_VALUE + i};
        if (option->letter)
            *letter++ = option->letter;
        if (option->letter && takes_value)
            *letter++ = ':';
    }
    getopt->names[SC_CTL_OPTIONS] = (struct option){0};
    *letter = '\0';
}

/* Which option getopt has found; SC_CTL_OPTIONS: none. */
static int args_find_option(int value)
{
    int i = value - ARGS_FIRST_VALUE;

    if (i >= 0 && i < SC_CTL_OPTIONS)
        return i;
    for (i = 0; i < SC_CTL_OPTIONS; i++)
        if (options[i].letter && options[i].letter == value)
            break;
    return i;
}

int sc_ctl_args_init(struct sc_ctl_args *args, int argc)
{
    *args = (struct sc_ctl_args){
        .deadline_ms = -1,
        .ttl = -1,
        .fd = -1,
        .connect_seconds = -1,
        .destination_ttl = -1,
        .max_age = -1,
        .max_uses = -1,
        .every = -1,
        .count = -1,
        .limit = -1,
    };
    args->fields = calloc((size_t)argc + 1, sizeof(*args->fields));
    return args->fields ? 0 : -ENOMEM;
}

void sc_ctl_args_fini(struct sc_ctl_args *args)
{
    free(args->fields);
    args->fields = NULL;
}

int sc_ctl_args_number(const char *text, int least, int *number)
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

static int args_set_number(const struct sc_ctl_voice *voice, const struct args_option *option,
                           int *number)
{
    int error = sc_ctl_args_number(optarg, option->least, number);

    if (error < 0)
        sc_ctl_misused(voice, "--%s %s: not a number of at least %d", option->name, optarg,
                       option->least);
    return error;
}

static int args_add_field(struct sc_ctl_args *args, const struct sc_ctl_voice *voice)
{
    if (!strchr(optarg, '=')) {
        sc_ctl_misused(voice, "--field %s: not of the form NAME=VALUE", optarg);
        return -EINVAL;
    }
    args->fields[args->field_count++] = optarg;
    return 0;
}

static int args_set_option(struct sc_ctl_args *args, const struct sc_ctl_voice *voice,
                           const struct args_option *option)
{
    void *place = (char *)args + option->place;

    switch (option->kind) {
    case ARGS_FLAG:
        *(bool *)place = true;
        return 0;
    case ARGS_TEXT:
        *(const char **)place = optarg;
        return 0;
    case ARGS_NUMBER:
        return args_set_number(voice, option, place);
    case ARGS_FIELD:
        return args_add_field(args, voice);
    }
    return -EINVAL;
}

/* Says what getopt did not like about a word. */
static int args_refuse(const struct sc_ctl_voice *voice, int value, const char *word)
{
    if (value == ':')
        sc_ctl_misused(voice, "option %s takes an argument", word);
    else
        sc_ctl_misused(voice, "unknown option %s", word);
    return -EINVAL;
}

static int args_parse(struct sc_ctl_args *args, const struct sc_ctl_voice *voice, const char *start,
                      uint64_t takes, int argc, char *argv[])
{
    struct args_getopt table;
    int value;

    args_fill_getopt(&table, start);
    /* Zero makes glibc start anew; the messages are ours. */
    optind = 0;
    opterr = 0;
    while ((value = getopt_long(argc, argv, table.letters, table.names, NULL)) != -1) {
        int i = args_find_option(value);
        if (value == ':' || i == SC_CTL_OPTIONS)
            return args_refuse(voice, value, argv[optind - 1]);
        if (!(takes & UINT64_C(1) << i)) {
            sc_ctl_misused(voice, "does not take --%s", options[i].name);
            return -EINVAL;
        }
        int error = args_set_option(args, voice, &options[i]);
        if (error < 0)
            return error;
    }
    return 0;
}

int sc_ctl_args_parse_common(struct sc_ctl_args *args, const struct sc_ctl_voice *voice, int argc,
                             char *argv[])
{
    /* The plus sign: up to the first word. */
    int error = args_parse(args, voice, "+:", SC_CTL_TAKES_COMMON, argc, argv);

    return error < 0 ? error : optind;
}

int sc_ctl_args_parse(struct sc_ctl_args *args, const struct sc_ctl_voice *voice, uint64_t takes,
                      int argc, char *argv[])
{
    int end = 1;

    /* getopt would move the words behind the "--" that divides them from the program. */
    while (end < argc && strcmp(argv[end], "--") != 0)
        end++;
    int error = args_parse(args, voice, ":", takes, end, argv);
    if (error < 0)
        return error;
    args->words = argv + optind;
    args->word_count = end - optind;
    args->program = end < argc ? argv + end + 1 : NULL;
    return 0;
}
