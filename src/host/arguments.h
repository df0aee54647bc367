/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_ARGUMENTS_H
#define SC_HOST_ARGUMENTS_H

/*
 * The arguments of a server that stands alone. Pure but for the look-up of
 * owner and group; all views are of argv, or of the
 * structure itself, which so must stay where it is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/util.h"
#include "host/problem.h"

/* What is to be done; all but to serve is done by inspect.c. */
enum sc_task { SC_TASK_SERVE, SC_TASK_CHECK, SC_TASK_PRINT_CONFIG };

struct sc_arguments {
    enum sc_task task;
    const char *listen;     /* null: a service manager gives the sockets */
    const char *config;     /* null: none */
    const char *directory;  /* of Postfix's configuration, to be looked at; null: not given */
    const char **overrides; /* owned */
    size_t override_count;
    mode_t mode;
    uid_t owner; /* (uid_t)-1: not given */
    gid_t group; /* (gid_t)-1: not given */
    int verbosity;
    bool only_set;  /* of values to be printed */
    char user[300]; /* --user, as an override */
    struct sc_problem problem;
};

/* Returns 0 or -ENOMEM; look at the problem too. */
SC_MUST_CHECK int sc_arguments_parse(struct sc_arguments *arguments, int argc, char *argv[]);
void sc_arguments_fini(struct sc_arguments *arguments);

#endif
