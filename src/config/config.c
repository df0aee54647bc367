/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the sources of a configuration to a set of values, parameter by
 * parameter. How a file is read, a reference replaced, a text understood is
 * the affair of dict.c, expand.c and value.c.
 */
#include "config/config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "config/spelling.h"
#include "config/value.h"

enum { WHY_SIZE = 400, PLACE_SIZE = 512, SHOWN = 200 };

static int config_set(struct sc_params *params, const struct sc_param *param,
                      const struct sc_dict *dict, struct sc_diag *diag)
{
    struct sc_bytes name = sc_bytes_of(param->name);
    char why[WHY_SIZE], place[PLACE_SIZE];
    char *value = NULL;
    int error = sc_dict_expand(dict, name, &value, diag);

    if (error < 0)
        return error;
    params->origins[sc_param_id(param)] = sc_dict_origin(dict, name);
    error = sc_value_set(param, params, value, why, sizeof(why));
    if (error == -ENOMEM)
        error = sc_diag_out_of_memory(diag);
    else if (error < 0)
        error = sc_diag_fatal(diag, error, "%s: %s = %.*s: %s",
                              sc_dict_where(dict, name, place, sizeof(place)), param->name, SHOWN,
                              value, why);
    free(value);
    return error;
}

/* A name that is only referred to may hold anything; what is another program's is its affair. */
static bool config_is_checked(const struct sc_param *param, enum sc_param_program program)
{
    return param->type != SC_PARAM_NAME && sc_param_is_of(param, program);
}

/* Sets all parameters that somebody has set, or all others. */
static int config_set_all(struct sc_params *params, const struct sc_dict *dict, bool preset,
                          struct sc_diag *diag)
{
    int error = 0, bad = 0;

    for (enum sc_param_id id = 0; error == 0 && id < SC_PARAM_COUNT; id++) {
        const struct sc_param *param = sc_param_get(id);
        if (!config_is_checked(param, dict->source->program) ||
            preset != sc_origin_is_preset(sc_dict_origin(dict, sc_bytes_of(param->name))))
            continue;
        error = config_set(params, param, dict, diag);
        if (error != -EINVAL || !diag->mistake)
            continue;
        diag->mistake(diag->context, diag->fatal);
        bad = error;
        error = 0;
    }
    return error < 0 ? error : bad;
}

const char *sc_config_directory(const char *named)
{
    const char *directory = named ? named : getenv("MAIL_CONFIG");

    return directory && *directory != '\0' ? directory : "/etc/postfix";
}

int sc_config_load(struct sc_params *params, const struct sc_config_source *source,
                   struct sc_diag *diag)
{
    struct sc_dict dict;

    *params = (struct sc_params){.program = source->program};
    diag->fatal[0] = '\0';
    int error = sc_dict_init(&dict, source, diag);
    if (error < 0)
        return error;
    sc_spelling_check(&dict, diag);
    /* A preset may refer to what was set: what is wrong is then told where it stands. */
    error = config_set_all(params, &dict, false, diag);
    if (error == 0)
        error = config_set_all(params, &dict, true, diag);
    if (error == 0)
        sc_dict_steal_files(&dict, params->files);
    else
        sc_params_fini(params);
    sc_dict_fini(&dict);
    return error;
}
