/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the values that hold. What they mean is said in the manual.
 */
#include "config/listing.h"

#include <stdlib.h>
#include <string.h>

#include "config/value.h"

enum { PLACE_SIZE = 512 };

static int listing_compare(const void *one, const void *other)
{
    const enum sc_param_id *a = one, *b = other;

    return strcmp(sc_param_get(*a)->name, sc_param_get(*b)->name);
}

/* One line each, whatever a value of the command line holds. */
static void listing_print_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        fputc((unsigned char)*text < ' ' && *text != '\t' ? '?' : *text, out);
    fputc('\n', out);
}

static void listing_print_value(FILE *out, const struct sc_params *params,
                                const struct sc_param *param)
{
    char room[SC_VALUE_ROOM], place[PLACE_SIZE];

    fputs("# ", out);
    listing_print_text(out, sc_params_where(params, sc_param_id(param), place, sizeof(place)));
    const char *value = sc_value_show(param, params, room);
    fprintf(out, "%s =%s", param->name, *value != '\0' ? " " : "");
    listing_print_text(out, value);
}

void sc_listing_print(FILE *out, const struct sc_params *params, enum sc_param_mode mode,
                      bool only_set)
{
    enum sc_param_id list[SC_PARAM_COUNT];
    size_t count = 0;

    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++) {
        const struct sc_param *param = sc_param_get(id);
        bool has_effect = param->size > 0 && (param->only == 0 || param->only == mode);
        if (has_effect && !(only_set && sc_origin_is_preset(params->origins[id])))
            list[count++] = id;
    }
    qsort(list, count, sizeof(list[0]), listing_compare);
    for (size_t i = 0; i < count; i++)
        listing_print_value(out, params, sc_param_get(list[i]));
}
