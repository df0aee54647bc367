/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/params.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/text.h"

enum { CHOICES_MAX = 300 /* bytes of a list of choices in a message */ };

/*
 * Offsets come from offsetof() on the field that the table names, so the
 * field has the type that the table says.
 */
static void *params_place_of(const struct sc_param *param, struct sc_params *params)
{
    return (char *)params + param->offset;
}

static const void *params_view_of(const struct sc_param *param, const struct sc_params *params)
{
    return (const char *)params + param->offset;
}

static int params_refuse(char *why, size_t size, const char *format, ...) SC_PRINTF(3, 4);
static int params_refuse(char *why, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, size, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static int params_set_text(const struct sc_param *param, struct sc_params *params, const char *text,
                           char *why, size_t size)
{
    char **place = params_place_of(param, params);
    size_t length = strlen(text);

    if ((int64_t)length < param->min)
        return params_refuse(why, size, "must not be empty");
    char *copy = sc_text_dup((struct sc_bytes){text, length});
    if (!copy)
        return -ENOMEM;
    free(*place);
    *place = copy;
    return 0;
}

static int params_set_bool(const struct sc_param *param, struct sc_params *params, const char *text,
                           char *why, size_t size)
{
    bool *place = params_place_of(param, params);
    bool yes = strcasecmp(text, "yes") == 0;

    if (!yes && strcasecmp(text, "no") != 0)
        return params_refuse(why, size, "must be yes or no");
    *place = yes;
    return 0;
}

static int params_set_choice(const struct sc_param *param, struct sc_params *params,
                             const char *text, char *why, size_t size)
{
    int *place = params_place_of(param, params);
    char words[CHOICES_MAX] = "";
    size_t used = 0;

    for (const struct sc_param_choice *choice = param->choices; choice->word; choice++) {
        int order = param->any_case ? strcasecmp(text, choice->word) : strcmp(text, choice->word);
        if (order == 0) {
            *place = choice->value;
            return 0;
        }
        int length = snprintf(words + used, sizeof(words) - used, "%s%s", used > 0 ? ", " : "",
                              choice->word);
        if (length > 0 && (size_t)length < sizeof(words) - used)
            used += (size_t)length;
    }
    return params_refuse(why, size, "must be one of %s", words);
}

/* Takes digits at the front; a number that does not fit is as large as can be. */
static const char *params_take_digits(const char *text, int64_t *number)
{
    *number = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        int digit = *text - '0';
        *number = *number > (INT64_MAX - digit) / 10 ? INT64_MAX : *number * 10 + digit;
    }
    return text;
}

static int params_set_within(const struct sc_param *param, struct sc_params *params, int64_t number,
                             char *why, size_t size)
{
    int64_t *place = params_place_of(param, params);
    const char *unit = param->type == SC_PARAM_TIME ? param->unit : "";

    if (number < param->min)
        return params_refuse(why, size, "must be at least %lld%s", (long long)param->min, unit);
    if (number > param->max)
        return params_refuse(why, size, "must be at most %lld%s", (long long)param->max, unit);
    *place = number;
    return 0;
}

static int params_set_integer(const struct sc_param *param, struct sc_params *params,
                              const char *text, char *why, size_t size)
{
    int64_t number;
    const char *rest = params_take_digits(text, &number);

    if (rest == text || *rest != '\0')
        return params_refuse(why, size, "must be a number, of digits only");
    return params_set_within(param, params, number, why, size);
}

/* Seconds in a unit of which the first letter counts; 0: there is no such unit. */
static int64_t params_seconds_in(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 60 * 60;
    case 'd':
        return 24 * 60 * 60;
    case 'w':
        return 7 * 24 * 60 * 60;
    default:
        return 0;
    }
}

static int params_set_time(const struct sc_param *param, struct sc_params *params, const char *text,
                           char *why, size_t size)
{
    int64_t number;
    const char *unit = params_take_digits(text, &number);
    int64_t seconds = params_seconds_in(*unit != '\0' ? *unit : *param->unit);

    if (unit == text || seconds == 0)
        return params_refuse(why, size, "must be a time: digits, then s, m, h, d or w");
    number = number > INT64_MAX / seconds ? INT64_MAX : number * seconds;
    return params_set_within(param, params, number, why, size);
}

int sc_param_set(const struct sc_param *param, struct sc_params *params, const char *text,
                 char *why, size_t why_size)
{
    switch (param->type) {
    case SC_PARAM_TEXT:
        return params_set_text(param, params, text, why, why_size);
    case SC_PARAM_BOOL:
        return params_set_bool(param, params, text, why, why_size);
    case SC_PARAM_INTEGER:
        return params_set_integer(param, params, text, why, why_size);
    case SC_PARAM_TIME:
        return params_set_time(param, params, text, why, why_size);
    case SC_PARAM_CHOICE:
        return params_set_choice(param, params, text, why, why_size);
    }
    return -EINVAL;
}

void sc_params_fini(struct sc_params *params)
{
    for (size_t i = 0; i < SC_PARAM_COUNT; i++)
        if (sc_param_get(i)->type == SC_PARAM_TEXT)
            free(*(char **)params_place_of(sc_param_get(i), params));
    free(params->file);
    *params = (struct sc_params){0};
}

const char *sc_params_where(const struct sc_params *params, const char *name, char *text,
                            size_t size)
{
    const struct sc_param *param = sc_param_find(name, strlen(name));
    struct sc_param_origin origin = {0};

    if (param)
        origin = params->origins[param - sc_param_get(0)];
    if (origin.option)
        snprintf(text, size, "option %s", origin.option);
    else if (origin.line > 0)
        snprintf(text, size, "%s, line %zu", params->file, origin.line);
    else
        snprintf(text, size, "default");
    return text;
}

static size_t params_size_of(enum sc_param_type type)
{
    switch (type) {
    case SC_PARAM_TEXT:
        return sizeof(char *);
    case SC_PARAM_BOOL:
        return sizeof(bool);
    case SC_PARAM_INTEGER:
    case SC_PARAM_TIME:
        return sizeof(int64_t);
    case SC_PARAM_CHOICE:
        return sizeof(int);
    }
    return 0;
}

static bool params_is_equal(const struct sc_param *param, const struct sc_params *one,
                            const struct sc_params *other)
{
    const void *a = params_view_of(param, one);
    const void *b = params_view_of(param, other);

    if (param->type == SC_PARAM_TEXT)
        return strcmp(*(char *const *)a, *(char *const *)b) == 0;
    return memcmp(a, b, params_size_of(param->type)) == 0;
}

void sc_params_diff(const struct sc_params *one, const struct sc_params *other,
                    void (*differs)(void *context, const struct sc_param *param), void *context)
{
    for (size_t i = 0; i < SC_PARAM_COUNT; i++)
        if (!params_is_equal(sc_param_get(i), one, other))
            differs(context, sc_param_get(i));
}

static void params_exchange(void *one, void *other, size_t size)
{
    char kept[sizeof(struct sc_param_origin)];

    memcpy(kept, one, size);
    memcpy(one, other, size);
    memcpy(other, kept, size);
}

void sc_params_keep_fixed(struct sc_params *fresh, struct sc_params *old)
{
    for (size_t i = 0; i < SC_PARAM_COUNT; i++) {
        const struct sc_param *param = sc_param_get(i);
        if (!param->fixed)
            continue;
        params_exchange(params_place_of(param, fresh), params_place_of(param, old),
                        params_size_of(param->type));
        params_exchange(&fresh->origins[i], &old->origins[i], sizeof(fresh->origins[i]));
    }
}
