/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>

#include "config/text.h"

enum { WHY_SIZE = 400, PLACE_SIZE = 512, SHOWN = 200 };

/* A value that the process itself gives is taken as it is. */
static int config_value_of(const struct sc_dict *dict, const struct sc_param *param, char **value,
                           struct sc_config_diag *diag)
{
    struct sc_bytes name = sc_bytes_of(param->name);

    if (!param->read_only)
        return sc_dict_expand(dict, name, value, diag);
    *value = sc_text_dup(sc_bytes_of(sc_dict_default(dict, name)));
    return *value ? 0 : sc_config_out_of_memory(diag);
}

static void config_note_origin(struct sc_params *params, size_t index, const struct sc_dict *dict)
{
    const struct sc_param *param = sc_param_get(index);
    const struct sc_cf_entry *entry = sc_cf_find(&dict->cf, sc_bytes_of(param->name));

    if (entry && !param->read_only)
        params->origins[index] = (struct sc_param_origin){entry->option, entry->line};
}

static int config_set(struct sc_params *params, size_t index, const struct sc_dict *dict,
                      struct sc_config_diag *diag)
{
    const struct sc_param *param = sc_param_get(index);
    char why[WHY_SIZE], place[PLACE_SIZE];
    char *value = NULL;
    int error = config_value_of(dict, param, &value, diag);

    if (error < 0)
        return error;
    config_note_origin(params, index, dict);
    error = sc_param_set(param, params, value, why, sizeof(why));
    if (error == -ENOMEM)
        error = sc_config_out_of_memory(diag);
    else if (error < 0)
        error = sc_config_fatal(diag, error, "%s: %s = %.*s: %s",
                                sc_params_where(params, param->name, place, sizeof(place)),
                                param->name, SHOWN, value, why);
    free(value);
    return error;
}

int sc_config_load(struct sc_params *params, const struct sc_config_source *source,
                   struct sc_config_diag *diag)
{
    struct sc_dict dict;

    *params = (struct sc_params){0};
    diag->fatal[0] = '\0';
    int error = sc_dict_init(&dict, source, diag);
    if (error < 0)
        return error;
    params->file = sc_text_dup(sc_bytes_of(dict.file ? dict.file : ""));
    if (!params->file)
        error = sc_config_out_of_memory(diag);
    for (size_t i = 0; error == 0 && i < SC_PARAM_COUNT; i++)
        error = config_set(params, i, &dict, diag);
    if (error < 0)
        sc_params_fini(params);
    sc_dict_fini(&dict);
    return error;
}
