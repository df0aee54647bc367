/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_ARGS_H
#define SC_CTL_ARGS_H

/*
 * Command lines of scachectl: options before the command's name, which every
 * command knows; then the command's own, in any order with its words; then
 * "--" and a program. One table has all options, and a command names those it
 * takes, so that the same word means the same everywhere.
 *
 * Views into argv are borrowed for as long as the program runs. What is wrong
 * is said on standard error, once.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

struct sc_ctl_voice;

/* Every option; the order is that of the table in args.c. */
enum sc_ctl_option {
    SC_CTL_OPT_ANY,
    SC_CTL_OPT_BATCH,
    SC_CTL_OPT_CLASSIC,
    SC_CTL_OPT_COLOR,
    SC_CTL_OPT_CONNECT_TIMEOUT,
    SC_CTL_OPT_CONTAINS,
    SC_CTL_OPT_CONTROL,
    SC_CTL_OPT_COUNT,
    SC_CTL_OPT_DEADLINE,
    SC_CTL_OPT_DESTINATION,
    SC_CTL_OPT_DESTINATION_PROPERTY,
    SC_CTL_OPT_DESTINATION_TTL,
    SC_CTL_OPT_DRY_RUN,
    SC_CTL_OPT_EVERY,
    SC_CTL_OPT_EXACT,
    SC_CTL_OPT_FD,
    SC_CTL_OPT_FIELD,
    SC_CTL_OPT_FOR,
    SC_CTL_OPT_HELP,
    SC_CTL_OPT_HTML,
    SC_CTL_OPT_JSON,
    SC_CTL_OPT_LABEL,
    SC_CTL_OPT_LABEL_EXACT,
    SC_CTL_OPT_LIMIT,
    SC_CTL_OPT_LONG,
    SC_CTL_OPT_MAX_AGE,
    SC_CTL_OPT_MAX_USES,
    SC_CTL_OPT_NO_GREETING,
    SC_CTL_OPT_OUTPUT,
    SC_CTL_OPT_PROPERTIES,
    SC_CTL_OPT_PROPERTY,
    SC_CTL_OPT_QUIET_PROTOCOL,
    SC_CTL_OPT_SERVICE,
    SC_CTL_OPT_SOCKET,
    SC_CTL_OPT_SORT,
    SC_CTL_OPT_TO,
    SC_CTL_OPT_TTL,
    SC_CTL_OPT_USER,
    SC_CTL_OPT_VERBOSE,
    SC_CTL_OPT_VERSION,
    SC_CTL_OPTIONS
};

/* Sets of options, one bit each. */
#define SC_CTL_TAKES(option) (UINT64_C(1) << SC_CTL_OPT_##option)
#define SC_CTL_TAKES_ANYWHERE                                                                      \
    (SC_CTL_TAKES(SOCKET) | SC_CTL_TAKES(JSON) | SC_CTL_TAKES(HELP) | SC_CTL_TAKES(VERSION))
/* Of the commands that use the cache, and of those that look at its server. */
#define SC_CTL_TAKES_CACHE                                                                         \
    (SC_CTL_TAKES_ANYWHERE | SC_CTL_TAKES(DEADLINE) | SC_CTL_TAKES(CLASSIC) |                      \
     SC_CTL_TAKES(NO_GREETING))
#define SC_CTL_TAKES_CONTROL (SC_CTL_TAKES_ANYWHERE | SC_CTL_TAKES(CONTROL) | SC_CTL_TAKES(COLOR))
/* Before the name of a command. */
#define SC_CTL_TAKES_COMMON (SC_CTL_TAKES_CACHE | SC_CTL_TAKES_CONTROL)

/* A command line, taken apart. Numbers that were not given are -1, texts null. */
struct sc_ctl_args {
    const char *socket;
    int deadline_ms;
    bool json;
    bool classic;
    bool no_greeting;
    bool help;
    bool version;
    bool verbose;
    bool any;
    bool label_exact;
    bool quiet_protocol;
    bool batch;
    bool dry_run;
    bool exact;
    bool at_length;
    bool properties;
    int ttl;
    int fd;
    int connect_seconds;
    int destination_ttl;
    int max_age;
    int max_uses;
    int every;
    int count;
    int limit;
    const char *destination;
    const char *destination_property;
    const char *property;
    const char *to;
    const char *label;
    const char *service;
    const char *color;
    const char *contains;
    const char *control;
    const char *duration;
    const char *html;
    const char *output;
    const char *sort;
    const char *user;
    const char **fields; /* each "NAME=VALUE"; owned */
    size_t field_count;
    char **words; /* what is no option */
    int word_count;
    char **program; /* what follows "--", ends with a null pointer; or null */
};

/* Returns 0 or -ENOMEM. */
SC_CTL_MUST_CHECK int sc_ctl_args_init(struct sc_ctl_args *args, int argc);
void sc_ctl_args_fini(struct sc_ctl_args *args);

/*
 * Parses what stands before the command. Returns the place of the command in
 * argv (argc: there is none), or -EINVAL.
 */
SC_CTL_MUST_CHECK int sc_ctl_args_parse_common(struct sc_ctl_args *args,
                                               const struct sc_ctl_voice *voice, int argc,
                                               char *argv[]);

/* Parses what follows; argv[0] is the command. Returns 0 or -EINVAL. */
SC_CTL_MUST_CHECK int sc_ctl_args_parse(struct sc_ctl_args *args, const struct sc_ctl_voice *voice,
                                        uint64_t takes, int argc, char *argv[]);

/* A decimal number of at least @least. What is too large for an int becomes INT_MAX. */
SC_CTL_MUST_CHECK int sc_ctl_args_number(const char *text, int least, int *number);

#endif
