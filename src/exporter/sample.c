/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a record to a series. It reads what a record says and asks nobody; which
 * families there are is the server's to know.
 */
#include "sample.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* More bounds than any histogram of the server's has. */
enum { SAMPLE_NAME_SIZE = 128, SAMPLE_BOUNDS_MOST = 64, SAMPLE_DIGITS = 9 };

/* What is counted in parts of a second is told in seconds, with the digits that it has. */
static const struct sample_unit {
    const char *suffix;
    int digits;
} units[] = {{"_milliseconds", 3}, {"_microseconds", 6}, {"_nanoseconds", 9}};

const char **sc_sample_place(struct sc_sample *sample, const char *name)
{
    const struct {
        const char *name;
        const char **place;
    } places[] = {
        {"record", &sample->record}, {"family", &sample->family}, {"labels", &sample->labels},
        {"help", &sample->help},     {"value", &sample->value},   {"unit", &sample->unit},
        {"bounds", &sample->bounds}, {"counts", &sample->counts}, {"sum", &sample->sum},
    };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (strcmp(places[i].name, name) == 0)
            return places[i].place;
    return NULL;
}

/* One number in decimal, and what is behind it. */
static bool sample_read(const char **text, uint64_t *number)
{
    char *end;

    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *number = strtoull(*text, &end, 10);
    *text = end;
    return errno == 0;
}

static bool sample_read_only(const char *text, uint64_t *number)
{
    return text && sample_read(&text, number) && *text == '\0';
}

/* As many numbers as there are; false: something else is there, or too many. */
static bool sample_read_all(const char *text, uint64_t *numbers, size_t *count)
{
    *count = 0;
    while (text && *text) {
        if (*count == SAMPLE_BOUNDS_MOST || !sample_read(&text, &numbers[*count]))
            return false;
        if (*text == ' ')
            text++;
        else if (*text)
            return false;
        ++*count;
    }
    return text != NULL;
}

/* The length of a family without its unit, if that is a part of a second; and its digits. */
static size_t sample_strip_unit(const char *family, int *digits)
{
    size_t length = strlen(family);

    *digits = 0;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t suffix = strlen(units[i].suffix);
        if (length > suffix && strcmp(family + length - suffix, units[i].suffix) == 0) {
            *digits = units[i].digits;
            return length - suffix;
        }
    }
    return length;
}

/* Seconds of a number of parts with so many digits, and the rest in nanoseconds. */
static uint64_t sample_split(uint64_t value, int digits, uint64_t *rest)
{
    uint64_t scale = 1, more = 1;

    for (int i = 0; i < SAMPLE_DIGITS; i++)
        *(i < digits ? &scale : &more) *= 10;
    *rest = value % scale * more;
    return value / scale;
}

static int sample_add_number(const struct sc_sample *sample, struct sc_exposition *exposition,
                             enum sc_exposition_kind kind, const char *suffix)
{
    char name[SAMPLE_NAME_SIZE], number[64];
    uint64_t value, rest;
    int digits;

    if (!sample_read_only(sample->value, &value))
        return -EINVAL;
    size_t stem = sample_strip_unit(sample->family, &digits);
    int length = snprintf(name, sizeof(name), "scache_%.*s%s%s", (int)stem, sample->family,
                          digits ? "_seconds" : "", suffix);
    if (length < 0 || (size_t)length >= sizeof(name))
        return -EINVAL;
    /* Exactly, which a double could not: the digits before the point, and nine behind it. */
    uint64_t whole = sample_split(value, digits, &rest);
    if (digits > 0)
        snprintf(number, sizeof(number), "%" PRIu64 ".%09" PRIu64, whole, rest);
    else
        snprintf(number, sizeof(number), "%" PRIu64, value);
    struct sc_exposition_series series = {kind, name, sample->help ? sample->help : "",
                                          sample->labels ? sample->labels : ""};
    return sc_exposition_add(exposition, &series, number);
}

static int sample_add_histogram(const struct sc_sample *sample, struct sc_exposition *exposition)
{
    uint64_t bounds[SAMPLE_BOUNDS_MOST], counts[SAMPLE_BOUNDS_MOST], sum;
    size_t bound_count, count_count;
    char name[SAMPLE_NAME_SIZE];

    if (!sample_read_all(sample->bounds, bounds, &bound_count) ||
        !sample_read_all(sample->counts, counts, &count_count) ||
        !sample_read_only(sample->sum, &sum) || !sample->unit || count_count != bound_count + 1)
        return -EINVAL;
    int length = snprintf(name, sizeof(name), "scache_%s", sample->family);
    if (length < 0 || (size_t)length >= sizeof(name))
        return -EINVAL;
    struct sc_exposition_series series = {SC_EXPOSITION_HISTOGRAM, name,
                                          sample->help ? sample->help : "",
                                          sample->labels ? sample->labels : ""};
    return sc_exposition_add_histogram(exposition, &series, bounds, counts, bound_count, sum,
                                       strtod(sample->unit, NULL));
}

int sc_sample_add(const struct sc_sample *sample, struct sc_exposition *exposition)
{
    if (!sample->record || !sample->family)
        return -EINVAL;
    if (strcmp(sample->record, "counter") == 0)
        return sample_add_number(sample, exposition, SC_EXPOSITION_COUNTER, "_total");
    if (strcmp(sample->record, "gauge") == 0)
        return sample_add_number(sample, exposition, SC_EXPOSITION_GAUGE, "");
    if (strcmp(sample->record, "histogram") == 0)
        return sample_add_histogram(sample, exposition);
    return -EINVAL;
}
