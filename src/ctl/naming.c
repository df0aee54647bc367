/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes labels by the library's builder. What is in them is never read back.
 */
#include "naming.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scache.h"

/* Our part of every label made here, so that no other program's is ever equal. */
static const char service[] = "scachectl run";

static bool naming_is_executable(const char *path)
{
    struct stat file;

    return stat(path, &file) == 0 && S_ISREG(file.st_mode) && access(path, X_OK) == 0;
}

/* "DIRECTORY/NAME" with the directory absolute and free of links, if it is there. */
static char *naming_resolve(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("./");
    char *whole = NULL;

    if (!directory)
        return NULL;
    char *resolved = realpath(directory, NULL);
    free(directory);
    if (!resolved)
        return errno == ENOMEM ? NULL : strdup(path);
    if (asprintf(&whole, "%s/%s", strcmp(resolved, "/") == 0 ? "" : resolved,
                 slash ? slash + 1 : path) < 0)
        whole = NULL;
    free(resolved);
    return whole;
}

/* The places to look in, as execvp(3) has them; the caller's. */
static char *naming_search_path(void)
{
    const char *path = getenv("PATH");

    return strdup(path ? path : "/bin:/usr/bin");
}

/* Returns 0 and the first that can be executed, or null; or -ENOMEM. An empty place is here. */
static int naming_search(char *places, const char *word, char **found)
{
    *found = NULL;
    for (char *place = strsep(&places, ":"); place && !*found; place = strsep(&places, ":")) {
        if (asprintf(found, "%s%s%s", place, *place ? "/" : "", word) < 0)
            return -ENOMEM;
        if (naming_is_executable(*found))
            continue;
        free(*found);
        *found = NULL;
    }
    return 0;
}

char *sc_ctl_naming_find_program(const char *word)
{
    char *places, *found;

    if (strchr(word, '/'))
        return naming_resolve(word);
    places = naming_search_path();
    if (!places)
        return NULL;
    int error = naming_search(places, word, &found);
    free(places);
    if (error < 0)
        return NULL;
    /* None: it will not be executed either. */
    char *program = found ? naming_resolve(found) : strdup(word);
    free(found);
    return program;
}

/* A mistake that the builder keeps, so that no label is made that lacks something. */
static void naming_spoil(struct scache_label *label)
{
    scache_label_add(label, NULL, NULL);
}

static void naming_add_program(const struct sc_ctl_args *args, struct scache_label *label)
{
    char *program = sc_ctl_naming_find_program(args->program[0]);
    char *directory = getcwd(NULL, 0);

    scache_label_add(label, "service", service);
    scache_label_add(label, "program", program);
    for (char **argument = args->program + 1; *argument; argument++)
        scache_label_add(label, "argument", *argument);
    scache_label_add(label, "directory", directory);
    free(program);
    free(directory);
}

static void naming_add_speaker(const struct sc_ctl_args *args, struct scache_label *label)
{
    if (args->service)
        scache_label_add(label, "service", args->service);
    else
        naming_add_program(args, label);
}

/* Where a target leads, as far as it is known before there is a connection. */
static void naming_add_target(const struct sc_ctl_target *target, struct scache_label *label)
{
    struct sockaddr_storage address;

    if (sc_ctl_target_has_name(target)) {
        scache_label_add_host(label, target->host, target->port);
        return;
    }
    socklen_t length = sc_ctl_target_address(target, &address);
    if (length > 0)
        scache_label_add_address(label, -1, (const struct sockaddr *)&address, length);
    else
        naming_spoil(label);
}

/* Adds what the caller has said. */
static void naming_add_fields(const struct sc_ctl_args *args, struct scache_label *label)
{
    for (size_t i = 0; i < args->field_count; i++) {
        size_t length = strcspn(args->fields[i], "=");
        char *name = strndup(args->fields[i], length);
        scache_label_add(label, name, args->fields[i] + length + 1);
        free(name);
    }
}

/* Takes the builder. */
static int naming_finish(struct scache_label *builder, char **label)
{
    const char *text = scache_label_text(builder);
    int error = scache_label_error(builder);

    *label = text ? strdup(text) : NULL;
    if (error == 0 && !*label)
        error = -ENOMEM;
    scache_label_free(builder);
    return error;
}

int sc_ctl_naming_destination(const struct sc_ctl_args *args, const struct sc_ctl_target *target,
                              char **label)
{
    struct scache_label *builder = scache_label_new();

    naming_add_speaker(args, builder);
    naming_add_target(target, builder);
    naming_add_fields(args, builder);
    return naming_finish(builder, label);
}

/* The user's own label, and the network: the same words in a container mean another place. */
static int naming_add_network(const struct sc_ctl_args *args, const struct sc_ctl_target *target,
                              char **label)
{
    struct scache_label *builder = scache_label_new();

    scache_label_add(builder, "label", args->label);
    if (target->path)
        naming_add_target(target, builder);
    else
        scache_label_add_network(builder, -1);
    return naming_finish(builder, label);
}

int sc_ctl_naming_endpoint(const struct sc_ctl_args *args, const struct sc_ctl_target *target,
                           int fd, char **label)
{
    if (args->label && args->label_exact) {
        *label = strdup(args->label);
        return *label ? 0 : -ENOMEM;
    }
    if (args->label)
        return naming_add_network(args, target, label);
    struct scache_label *builder = scache_label_new();
    naming_add_speaker(args, builder);
    if (target->path)
        naming_add_target(target, builder);
    else
        scache_label_add_address(builder, fd, NULL, 0);
    naming_add_fields(args, builder);
    return naming_finish(builder, label);
}
