/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set of values as a whole: ended, compared, explained. Where values come
 * from is not known here.
 */
#include "config/params.h"

#include <stdlib.h>

#include "config/value.h"

void sc_params_fini(struct sc_params *params)
{
    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++)
        sc_value_fini(sc_param_get(id), params);
    for (size_t i = 0; i < SC_ORIGIN_FILES; i++)
        free(params->files[i]);
    *params = (struct sc_params){0};
}

const char *sc_params_where(const struct sc_params *params, enum sc_param_id id, char *text,
                            size_t size)
{
    return sc_origin_print(params->origins[id], params->files, text, size);
}

void sc_params_diff(const struct sc_params *one, const struct sc_params *other,
                    void (*differs)(void *context, const struct sc_param *param), void *context)
{
    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++)
        if (sc_param_is_of(sc_param_get(id), one->program) &&
            !sc_value_is_equal(sc_param_get(id), one, other))
            differs(context, sc_param_get(id));
}

void sc_params_keep_fixed(struct sc_params *fresh, struct sc_params *old)
{
    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++) {
        const struct sc_param *param = sc_param_get(id);
        if (param->change != SC_CHANGE_RESTART || !sc_param_is_of(param, old->program))
            continue;
        sc_value_swap(param, fresh, old);
        struct sc_origin origin = fresh->origins[id];
        fresh->origins[id] = old->origins[id];
        old->origins[id] = origin;
    }
}
