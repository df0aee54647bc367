/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files, command line and presets as one set of names. Which values are good
 * is for others to say.
 */
#include "config/dict.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/expand.h"
#include "config/text.h"

static const char default_directory[] = "/etc/postfix";
static const char default_domain[] = "localdomain";
static const char control_suffix[] = ".control";

/* The first version of Postfix whose clients wait for a greeting. */
enum { GREETS_MAJOR = 3, GREETS_MINOR = 6 };

enum { HOST_NAME_SIZE = 256, PLACE_SIZE = 512, SHOWN = 100 };

/* What the process itself says in place of a preset; null: nothing. */
static const char *dict_made_at_start(const struct sc_dict *dict, enum sc_param_id id)
{
    const struct sc_config_source *source = dict->source;

    switch (id) {
    case SC_PARAM_connection_cache_greeting:
        return dict->greeting;
    case SC_PARAM_connection_cache_control_socket:
        return dict->control_socket;
    case SC_PARAM_config_directory:
        return source->mode == SC_MODE_MASTER ? source->directory : NULL;
    case SC_PARAM_process_name:
        return source->process_name;
    case SC_PARAM_service_name:
        return source->service_name;
    case SC_PARAM_process_id:
        return dict->process_id;
    case SC_PARAM_myhostname:
        return dict->myhostname;
    case SC_PARAM_mydomain:
        return dict->mydomain;
    default:
        return NULL;
    }
}

const char *sc_dict_preset(const struct sc_dict *dict, struct sc_bytes name)
{
    const struct sc_param *param = sc_param_find(name.data, name.length);

    if (!param)
        return NULL;
    const char *made = dict_made_at_start(dict, sc_param_id(param));
    if (made)
        return made;
    if (dict->source->mode == SC_MODE_STANDALONE && param->preset_alone)
        return param->preset_alone;
    return param->preset;
}

static const char *dict_find(const void *context, struct sc_bytes name)
{
    const struct sc_dict *dict = context;
    const struct sc_cf_entry *entry = sc_cf_find(&dict->cf, name);

    return entry ? entry->value : sc_dict_preset(dict, name);
}

struct sc_origin sc_dict_origin(const struct sc_dict *dict, struct sc_bytes name)
{
    const struct sc_cf_entry *entry = sc_cf_find(&dict->cf, name);

    return entry ? entry->origin : (struct sc_origin){0};
}

const char *sc_dict_where(const struct sc_dict *dict, struct sc_bytes name, char *text, size_t size)
{
    return sc_origin_print(sc_dict_origin(dict, name), dict->files, text, size);
}

static int dict_shown(struct sc_bytes name)
{
    return name.length < SHOWN ? (int)name.length : SHOWN;
}

/* The mistake may be in the value of another name; then both are told. */
static int dict_report(const struct sc_dict *dict, struct sc_bytes name,
                       const struct sc_expand_problem *problem, struct sc_diag *diag)
{
    char place[PLACE_SIZE];

    sc_dict_where(dict, problem->name, place, sizeof(place));
    if (sc_bytes_equal(name, problem->name))
        return sc_diag_fatal(diag, -EINVAL, "%s: %.*s: %s", place, dict_shown(name), name.data,
                             problem->text);
    return sc_diag_fatal(diag, -EINVAL, "%s: %.*s: %s, in the value of %.*s", place,
                         dict_shown(problem->name), problem->name.data, problem->text,
                         dict_shown(name), name.data);
}

int sc_dict_expand(const struct sc_dict *dict, struct sc_bytes name, char **value,
                   struct sc_diag *diag)
{
    struct sc_expand_names names = {dict_find, dict};
    struct sc_expand_problem problem;
    const char *raw = dict_find(dict, name);
    struct sc_buf buf;

    sc_buf_init(&buf);
    int error = sc_expand(&buf, name, raw ? raw : "", &names, &problem);
    if (error == -EINVAL)
        error = dict_report(dict, name, &problem, diag);
    else if (error == 0)
        error = (*value = sc_text_dup(sc_buf_bytes(&buf))) ? 0 : -ENOMEM;
    sc_buf_fini(&buf);
    return error == -ENOMEM ? sc_diag_out_of_memory(diag) : error;
}

/* As Postfix has it: the host's own name, made complete when it is a single word. */
static void dict_find_host_name(struct sc_dict *dict)
{
    const struct sc_config_source *source = dict->source;
    char name[HOST_NAME_SIZE] = "";

    if (source->host_name)
        snprintf(name, sizeof(name), "%s", source->host_name);
    else if (gethostname(name, sizeof(name) - 1) < 0)
        name[0] = '\0';
    if (name[0] == '\0')
        snprintf(name, sizeof(name), "localhost");
    snprintf(dict->myhostname, sizeof(dict->myhostname), "%s%s", name,
             strchr(name, '.') ? "" : ".$mydomain");
}

/*
 * Who says which version of Postfix it is need not have it found out. What is
 * no number of a version says nothing.
 */
static void dict_find_greeting(struct sc_dict *dict, struct sc_diag *diag)
{
    const struct sc_cf_entry *entry = sc_cf_find(&dict->cf, SC_BYTES("mail_version"));
    unsigned major, minor;
    char place[PLACE_SIZE];

    if (!entry || dict->source->mode != SC_MODE_MASTER ||
        sscanf(entry->value, "%3u.%3u", &major, &minor) != 2)
        return;
    bool expects = major > GREETS_MAJOR || (major == GREETS_MAJOR && minor >= GREETS_MINOR);
    dict->greeting = expects ? "yes" : "no";
    if (!expects && !sc_cf_find(&dict->cf, SC_BYTES("connection_cache_greeting")))
        sc_diag_warn(diag,
                     "%s: mail_version = %.*s: clients are not greeted; if they wait for it, set "
                     "connection_cache_greeting = auto",
                     sc_dict_where(dict, entry->name, place, sizeof(place)), SHOWN, entry->value);
}

/* A preset is read like a file, where a dollar sign stands for more than itself. */
static int dict_find_control_socket(struct sc_dict *dict, struct sc_diag *diag)
{
    const char *socket = dict->source->socket;

    if (!socket || dict->source->mode != SC_MODE_STANDALONE)
        return 0;
    char *end = dict->control_socket = malloc(2 * strlen(socket) + sizeof(control_suffix));
    if (!end)
        return sc_diag_out_of_memory(diag);
    for (; *socket != '\0'; socket++) {
        if (*socket == '$')
            *end++ = '$';
        *end++ = *socket;
    }
    memcpy(end, control_suffix, sizeof(control_suffix));
    return 0;
}

/*
 * The domain is what follows the first dot of the host's name. That name may
 * refer to the domain, which is empty until it is found here.
 */
static int dict_find_domain(struct sc_dict *dict, struct sc_diag *diag)
{
    char *host = NULL;
    int error = sc_dict_expand(dict, SC_BYTES("myhostname"), &host, diag);

    if (error < 0)
        return error;
    const char *dot = strchr(host, '.');
    dict->mydomain = sc_text_dup(sc_bytes_of(dot && dot[1] != '\0' ? dot + 1 : default_domain));
    free(host);
    return dict->mydomain ? 0 : sc_diag_out_of_memory(diag);
}

/* Null when out of memory. */
static char *dict_path(const char *directory, const char *name)
{
    size_t size = strlen(directory) + 1 + strlen(name) + 1;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s/%s", directory, name);
    return path;
}

/* The file takes the next number. The path becomes ours, null if there was no memory for it. */
static int dict_read_file(struct sc_dict *dict, char *path, struct sc_cf_file file,
                          struct sc_diag *diag)
{
    char **place = &dict->files[file.number];

    if (!path)
        return sc_diag_out_of_memory(diag);
    *place = path;
    file.path = path;
    int error = sc_cf_read(&dict->cf, &file, diag);
    if (error != -ENOENT || !file.optional)
        return error;
    free(*place);
    *place = NULL;
    return 0;
}

/* Which files there are to read; the later wins. */
static int dict_read_files(struct sc_dict *dict, struct sc_diag *diag)
{
    const struct sc_config_source *source = dict->source;
    const char *directory = source->directory ? source->directory : default_directory;
    struct sc_cf_file main = {.of_postfix = source->mode == SC_MODE_MASTER};
    struct sc_cf_file ours = {.number = 1, .optional = true};

    if (source->file)
        return dict_read_file(dict, sc_text_dup(sc_bytes_of(source->file)), main, diag);
    if (source->mode != SC_MODE_MASTER)
        return 0;
    int error = dict_read_file(dict, dict_path(directory, "main.cf"), main, diag);
    if (error == 0)
        error = dict_read_file(dict, dict_path(directory, "scache.cf"), ours, diag);
    return error;
}

/* Files, then -o in order, then -i: each wins over all before it. */
static int dict_read_sources(struct sc_dict *dict, struct sc_diag *diag)
{
    const struct sc_config_source *source = dict->source;
    const struct sc_origin idle = {.option = "-i"};
    int error = dict_read_files(dict, diag);

    for (size_t i = 0; error == 0 && i < source->override_count; i++)
        error = sc_cf_override(&dict->cf, source->overrides[i], diag);
    if (error == 0 && source->max_idle &&
        sc_cf_set(&dict->cf, SC_BYTES("max_idle"), sc_bytes_of(source->max_idle), idle) < 0)
        error = sc_diag_out_of_memory(diag);
    return error;
}

int sc_dict_init(struct sc_dict *dict, const struct sc_config_source *source, struct sc_diag *diag)
{
    *dict = (struct sc_dict){.source = source};
    sc_cf_init(&dict->cf);
    snprintf(dict->process_id, sizeof(dict->process_id), "%ld",
             source->process_id != 0 ? source->process_id : (long)getpid());
    dict_find_host_name(dict);
    int error = dict_find_control_socket(dict, diag);
    if (error == 0)
        error = dict_read_sources(dict, diag);
    if (error == 0)
        dict_find_greeting(dict, diag);
    if (error == 0)
        error = dict_find_domain(dict, diag);
    if (error < 0)
        sc_dict_fini(dict);
    return error;
}

void sc_dict_fini(struct sc_dict *dict)
{
    sc_cf_fini(&dict->cf);
    free(dict->control_socket);
    free(dict->mydomain);
    for (size_t i = 0; i < SC_ORIGIN_FILES; i++)
        free(dict->files[i]);
    *dict = (struct sc_dict){0};
}

void sc_dict_steal_files(struct sc_dict *dict, char *files[SC_ORIGIN_FILES])
{
    memcpy(files, dict->files, sizeof(dict->files));
    memset(dict->files, 0, sizeof(dict->files));
}
