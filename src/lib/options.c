/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The settings of a handle: numbers to names, ranges, defaults and what the
 * environment says. What a setting does is up to whoever reads it.
 */
#include "lib/options.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum kind { OF_ANY, OF_SERVER, OF_LOCAL };

struct option {
    size_t offset;
    int default_value;
    int least;
    int most;
    enum kind kind;
};

static const struct option table[] = {
    [SCACHE_OPT_DEADLINE_MS] = {offsetof(struct sc_options, deadline_ms), 250, 1, INT_MAX, OF_ANY},
    [SCACHE_OPT_BACKOFF_MIN_MS] = {offsetof(struct sc_options, backoff_min_ms), 100, 1, INT_MAX,
                                   OF_SERVER},
    [SCACHE_OPT_BACKOFF_MAX_MS] = {offsetof(struct sc_options, backoff_max_ms), 10000, 1, INT_MAX,
                                   OF_SERVER},
    [SCACHE_OPT_GREETING] = {offsetof(struct sc_options, greeting), 1, 0, 1, OF_SERVER},
    [SCACHE_OPT_CLASSIC] = {offsetof(struct sc_options, classic), 0, 0, 1, OF_SERVER},
    [SCACHE_OPT_HINTS] = {offsetof(struct sc_options, hints), 1, 0, 1, OF_SERVER},
    [SCACHE_OPT_MAX_CONNECTIONS] = {offsetof(struct sc_options, max_connections), 256, 1, INT_MAX,
                                    OF_LOCAL},
};

static int *options_value(struct sc_options *options, const struct option *option)
{
    return (int *)(void *)((char *)options + option->offset);
}

/* The setting of that number, if such a handle has it. */
static const struct option *options_find(bool is_local, enum scache_option number)
{
    size_t index = (size_t)number;

    if (index == 0 || index >= SC_COUNT_OF(table))
        return NULL;
    return table[index].kind == (is_local ? OF_SERVER : OF_LOCAL) ? NULL : &table[index];
}

/* A number of the environment, if it is one in this range. */
static bool options_read_environment(const char *name, int *value)
{
    const char *text = secure_getenv(name);
    char *end;

    if (!text || *text < '0' || *text > '9')
        return false;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || number < 1 || number > INT_MAX)
        return false;
    *value = (int)number;
    return true;
}

void sc_options_init(struct sc_options *options)
{
    int value;

    for (size_t i = 1; i < SC_COUNT_OF(table); i++)
        *options_value(options, &table[i]) = table[i].default_value;
    if (options_read_environment("SCACHE_DEADLINE", &value))
        options->deadline_ms = value;
    if (options_read_environment("SCACHE_CLASSIC", &value) && value == 1)
        options->classic = 1;
}

int sc_options_set(struct sc_options *options, bool is_local, enum scache_option number, long value)
{
    const struct option *option = options_find(is_local, number);

    if (!option || value < option->least || value > option->most)
        return -EINVAL;
    *options_value(options, option) = (int)value;
    return 0;
}

int sc_options_get(const struct sc_options *options, bool is_local, enum scache_option number,
                   long *value)
{
    const struct option *option = options_find(is_local, number);

    if (!option)
        return -EINVAL;
    *value = *(const int *)(const void *)((const char *)options + option->offset);
    return 0;
}
