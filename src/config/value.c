/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the text of a value means: words, numbers, times, within their bounds.
 * References in it were replaced before; what a user, path or service that is
 * named here really is, is for those who use it to find out.
 */
#include "config/value.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/text.h"

enum {
    MS = 1000,
    CHOICES_MAX = 300 /* bytes of a list of choices in a message */
};

/*
 * The table was compiled with the type of each field, so the field has the
 * type that the parameter's says.
 */
static void *value_place(const struct sc_param *param, struct sc_params *params)
{
    return (char *)params + param->offset;
}

static const void *value_view(const struct sc_param *param, const struct sc_params *params)
{
    return (const char *)params + param->offset;
}

/* A field is written whole, from a value of its own size; there may be none. */
static void value_store(const struct sc_param *param, struct sc_params *params, const void *value)
{
    if (param->size > 0)
        memcpy(value_place(param, params), value, param->size);
}

static int value_refuse(char *why, size_t size, const char *format, ...) SC_PRINTF(3, 4);
static int value_refuse(char *why, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, size, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static int value_set_text(const struct sc_param *param, struct sc_params *params, const char *text,
                          char *why, size_t size)
{
    size_t length = strlen(text);

    if ((int64_t)length < param->min)
        return value_refuse(why, size, "must not be empty");
    if (param->size == 0)
        return 0;
    char *copy = sc_text_dup((struct sc_bytes){text, length});
    if (!copy)
        return -ENOMEM;
    sc_value_fini(param, params);
    value_store(param, params, &copy);
    return 0;
}

static int value_set_bool(const struct sc_param *param, struct sc_params *params, const char *text,
                          char *why, size_t size)
{
    bool yes = strcasecmp(text, "yes") == 0;

    if (!yes && strcasecmp(text, "no") != 0)
        return value_refuse(why, size, "must be yes or no");
    value_store(param, params, &yes);
    return 0;
}

/* On a mistake all words are told, as many as there is room for. */
static int value_set_choice(const struct sc_param *param, struct sc_params *params,
                            const char *text, char *why, size_t size)
{
    char words[CHOICES_MAX] = "";
    size_t used = 0;

    for (const struct sc_param_choice *choice = param->choices; choice->word; choice++) {
        int order = param->exact ? strcmp(text, choice->word) : strcasecmp(text, choice->word);
        if (order == 0) {
            bool flag = choice->value != 0;
            value_store(param, params,
                        param->size == sizeof(flag) ? (const void *)&flag : &choice->value);
            return 0;
        }
        int length = snprintf(words + used, sizeof(words) - used, "%s%s", used > 0 ? ", " : "",
                              choice->word);
        if (length > 0 && (size_t)length < sizeof(words) - used)
            used += (size_t)length;
    }
    return value_refuse(why, size, "must be one of %s", words);
}

/*
 * Takes a number at the front; one that does not fit is as large as can be.
 * As Postfix has it, blanks and a plus sign may precede it. Returns null if
 * there is none.
 */
static const char *value_take_number(const char *text, int64_t *number)
{
    *number = 0;
    text += strspn(text, " \t\n\v\f\r");
    text += *text == '+';
    if (*text < '0' || *text > '9')
        return NULL;
    for (; *text >= '0' && *text <= '9'; text++) {
        int digit = *text - '0';
        *number = *number > (INT64_MAX - digit) / 10 ? INT64_MAX : *number * 10 + digit;
    }
    return text;
}

static int value_check_bounds(const struct sc_param *param, int64_t number, int64_t min,
                              const char *unit, char *why, size_t size)
{
    int64_t max = param->max > 0 ? param->max : INT_MAX;

    if (number < min)
        return value_refuse(why, size, "must be at least %lld%s", (long long)min, unit);
    if (number > max)
        return value_refuse(why, size, "must be at most %lld%s", (long long)max, unit);
    return 0;
}

/* Digits to the end: "10k" is no ten. */
static int value_set_number(const struct sc_param *param, struct sc_params *params,
                            const char *text, char *why, size_t size)
{
    int64_t number;
    const char *rest = value_take_number(text, &number);

    if (!rest || *rest != '\0')
        return value_refuse(why, size, "must be a number, of digits only");
    int error = value_check_bounds(param, number, param->min, "", why, size);
    if (error == 0)
        value_store(param, params, &(size_t){(size_t)number});
    return error;
}

/* Seconds in a unit of which the first letter counts, none is one; 0: there is no such unit. */
static int64_t value_seconds_in(char unit)
{
    switch (unit) {
    case '\0':
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

static int value_set_time(const struct sc_param *param, struct sc_params *params, const char *text,
                          char *why, size_t size)
{
    int64_t number;
    const char *unit = value_take_number(text, &number);
    int64_t seconds = unit ? value_seconds_in(*unit) : 0;

    if (seconds == 0)
        return value_refuse(why, size, "must be a time: digits, then s, m, h, d or w");
    /* Postfix takes no more than this of a larger unit: 24855 days are too many. */
    if (seconds > 1 && number >= INT_MAX / seconds)
        return value_refuse(why, size, "must be less than %lld%c", (long long)INT_MAX / seconds,
                            *unit);
    number *= seconds;
    int error = value_check_bounds(param, number, param->zero ? 0 : 1, "s", why, size);
    if (error == 0)
        value_store(param, params, &(int64_t){number * MS});
    return error;
}

int sc_value_set(const struct sc_param *param, struct sc_params *params, const char *text,
                 char *why, size_t why_size)
{
    switch (param->type) {
    case SC_PARAM_TEXT:
        return value_set_text(param, params, text, why, why_size);
    case SC_PARAM_BOOL:
        return value_set_bool(param, params, text, why, why_size);
    case SC_PARAM_NUMBER:
        return value_set_number(param, params, text, why, why_size);
    case SC_PARAM_TIME:
        return value_set_time(param, params, text, why, why_size);
    case SC_PARAM_CHOICE:
        return value_set_choice(param, params, text, why, why_size);
    case SC_PARAM_NAME:
        return 0;
    }
    return -EINVAL;
}

/* Null in a set of another program's values. */
static const char *value_text(const struct sc_param *param, const struct sc_params *params)
{
    const char *text;

    memcpy(&text, value_view(param, params), sizeof(text));
    return text;
}

/* An enumeration and an int are read alike; a bool is smaller. */
static int value_choice(const struct sc_param *param, const struct sc_params *params)
{
    bool flag;
    int number;

    if (param->size == sizeof(flag)) {
        memcpy(&flag, value_view(param, params), sizeof(flag));
        return flag;
    }
    memcpy(&number, value_view(param, params), sizeof(number));
    return number;
}

static const char *value_show_choice(const struct sc_param *param, const struct sc_params *params)
{
    const struct sc_param_choice *choice = param->choices;

    while (choice->word && choice->value != value_choice(param, params))
        choice++;
    return choice->word ? choice->word : "";
}

const char *sc_value_show(const struct sc_param *param, const struct sc_params *params,
                          char room[SC_VALUE_ROOM])
{
    const void *value = value_view(param, params);

    room[0] = '\0';
    if (param->size == 0)
        return room;
    switch (param->type) {
    case SC_PARAM_TEXT:
        return value_text(param, params) ? value_text(param, params) : "";
    case SC_PARAM_BOOL:
        return *(const bool *)value ? "yes" : "no";
    case SC_PARAM_NUMBER:
        snprintf(room, SC_VALUE_ROOM, "%zu", *(const size_t *)value);
        return room;
    case SC_PARAM_TIME:
        snprintf(room, SC_VALUE_ROOM, "%llds", (long long)*(const int64_t *)value / MS);
        return room;
    case SC_PARAM_CHOICE:
        return value_show_choice(param, params);
    case SC_PARAM_NAME:
        break;
    }
    return room;
}

bool sc_value_is_equal(const struct sc_param *param, const struct sc_params *one,
                       const struct sc_params *other)
{
    if (param->type != SC_PARAM_TEXT || param->size == 0)
        return memcmp(value_view(param, one), value_view(param, other), param->size) == 0;
    const char *a = value_text(param, one), *b = value_text(param, other);
    return a && b ? strcmp(a, b) == 0 : a == b;
}

void sc_value_swap(const struct sc_param *param, struct sc_params *one, struct sc_params *other)
{
    char kept[sizeof(int64_t)];

    memcpy(kept, value_place(param, one), param->size);
    memcpy(value_place(param, one), value_place(param, other), param->size);
    memcpy(value_place(param, other), kept, param->size);
}

void sc_value_fini(const struct sc_param *param, struct sc_params *params)
{
    char *text;

    if (param->type != SC_PARAM_TEXT || param->size == 0)
        return;
    memcpy(&text, value_place(param, params), sizeof(text));
    free(text);
    memset(value_place(param, params), 0, sizeof(text));
}
