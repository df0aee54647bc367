/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metrics by family, as text. It knows the format, and no metric: names, kinds
 * and help come from whoever adds them.
 */
#include "exposition.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"

/* A number of more digits is nobody's, and is refused. */
enum { EXPOSITION_NUMBER_MOST = 40 };

struct sc_exposition_family {
    STAILQ_ENTRY(sc_exposition_family) entry;
    enum sc_exposition_kind kind;
    char *name;
    char *help;
    FILE *lines; /* into memory */
    char *text;  /* what was written, as of the last flush */
    size_t length;
};

int sc_exposition_init(struct sc_exposition *exposition, const char *base)
{
    STAILQ_INIT(&exposition->families);
    exposition->base = strdup(base);
    return exposition->base ? 0 : -ENOMEM;
}

static void exposition_free_family(struct sc_exposition_family *family)
{
    if (family->lines)
        fclose(family->lines);
    free(family->text);
    free(family->name);
    free(family->help);
    free(family);
}

void sc_exposition_fini(struct sc_exposition *exposition)
{
    struct sc_exposition_family *family;

    while ((family = STAILQ_FIRST(&exposition->families))) {
        STAILQ_REMOVE_HEAD(&exposition->families, entry);
        exposition_free_family(family);
    }
    free(exposition->base);
    exposition->base = NULL;
}

static struct sc_exposition_family *exposition_new_family(struct sc_exposition *exposition,
                                                          const struct sc_exposition_series *series)
{
    struct sc_exposition_family *family = calloc(1, sizeof(*family));

    if (!family)
        return NULL;
    family->kind = series->kind;
    family->name = strdup(series->family);
    family->help = strdup(series->help);
    family->lines = open_memstream(&family->text, &family->length);
    if (!family->name || !family->help || !family->lines) {
        exposition_free_family(family);
        return NULL;
    }
    STAILQ_INSERT_TAIL(&exposition->families, family, entry);
    return family;
}

/* The family of a series, made if need be. */
static int exposition_find_family(struct sc_exposition *exposition,
                                  const struct sc_exposition_series *series,
                                  struct sc_exposition_family **found)
{
    struct sc_exposition_family *family;

    STAILQ_FOREACH (family, &exposition->families, entry)
        if (strcmp(family->name, series->family) == 0)
            break;
    if (!family)
        family = exposition_new_family(exposition, series);
    if (!family)
        return -ENOMEM;
    *found = family;
    return family->kind == series->kind ? 0 : -EINVAL;
}

static bool exposition_is_sound(const struct sc_exposition_series *series)
{
    return sc_labels_may_name(series->family) && sc_labels_are_sound(series->labels);
}

static bool exposition_is_number(const char *number)
{
    size_t length = strlen(number);
    char *end;

    if (length == 0 || length > EXPOSITION_NUMBER_MOST ||
        strspn(number, "0123456789.e+-") != length)
        return false;
    (void)strtod(number, &end);
    return *end == '\0';
}

/* The name and the labels of a line; @le: the bound of a bucket, or null. */
static void exposition_put_name(const struct sc_exposition *exposition,
                                const struct sc_exposition_series *series, FILE *out,
                                const char *suffix, const char *le)
{
    const char *parts[] = {exposition->base, series->labels};
    bool is_first = true;

    fprintf(out, "%s%s", series->family, suffix);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (*parts[i]) {
            fprintf(out, "%c%s", is_first ? '{' : ',', parts[i]);
            is_first = false;
        }
    if (le) {
        fprintf(out, "%cle=\"%s\"", is_first ? '{' : ',', le);
        is_first = false;
    }
    fputs(is_first ? " " : "} ", out);
}

int sc_exposition_add(struct sc_exposition *exposition, const struct sc_exposition_series *series,
                      const char *number)
{
    struct sc_exposition_family *family;

    if (!exposition_is_sound(series) || !exposition_is_number(number) ||
        series->kind == SC_EXPOSITION_HISTOGRAM)
        return -EINVAL;
    int error = exposition_find_family(exposition, series, &family);
    if (error < 0)
        return error;
    exposition_put_name(exposition, series, family->lines, "", NULL);
    fprintf(family->lines, "%s\n", number);
    return ferror(family->lines) ? -ENOMEM : 0;
}

/* A bound must look the same in every version, or its series would be another one: 9 digits hold
 * each bound that is written down in decimal, and no more. */
static void exposition_put_buckets(const struct sc_exposition *exposition,
                                   const struct sc_exposition_series *series, FILE *out,
                                   const uint64_t *bounds, const uint64_t *counts, size_t count,
                                   double unit)
{
    uint64_t total = 0;
    char le[32];

    for (size_t i = 0; i < count; i++) {
        total += counts[i];
        snprintf(le, sizeof(le), "%.9g", (double)bounds[i] * unit);
        exposition_put_name(exposition, series, out, "_bucket", le);
        fprintf(out, "%llu\n", (unsigned long long)total);
    }
    total += counts[count];
    exposition_put_name(exposition, series, out, "_bucket", "+Inf");
    fprintf(out, "%llu\n", (unsigned long long)total);
}

int sc_exposition_add_histogram(struct sc_exposition *exposition,
                                const struct sc_exposition_series *series, const uint64_t *bounds,
                                const uint64_t *counts, size_t count, uint64_t sum, double unit)
{
    struct sc_exposition_family *family;
    uint64_t total = 0;

    if (!exposition_is_sound(series) || series->kind != SC_EXPOSITION_HISTOGRAM || !(unit > 0))
        return -EINVAL;
    for (size_t i = 1; i < count; i++)
        if (bounds[i] <= bounds[i - 1])
            return -EINVAL;
    int error = exposition_find_family(exposition, series, &family);
    if (error < 0)
        return error;
    exposition_put_buckets(exposition, series, family->lines, bounds, counts, count, unit);
    for (size_t i = 0; i <= count; i++)
        total += counts[i];
    exposition_put_name(exposition, series, family->lines, "_sum", NULL);
    fprintf(family->lines, "%.15g\n", (double)sum * unit);
    exposition_put_name(exposition, series, family->lines, "_count", NULL);
    fprintf(family->lines, "%llu\n", (unsigned long long)total);
    return ferror(family->lines) ? -ENOMEM : 0;
}

int sc_exposition_merge(struct sc_exposition *exposition, struct sc_exposition *other)
{
    struct sc_exposition_family *family, *into;

    STAILQ_FOREACH (family, &other->families, entry) {
        struct sc_exposition_series series = {family->kind, family->name, family->help, ""};
        int error = exposition_find_family(exposition, &series, &into);
        if (error < 0)
            return error;
        if (fflush(family->lines) != 0)
            return -ENOMEM;
        fwrite(family->text, 1, family->length, into->lines);
        if (ferror(into->lines))
            return -ENOMEM;
    }
    return 0;
}

int sc_exposition_write(struct sc_exposition *exposition, FILE *out)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    struct sc_exposition_family *family;

    STAILQ_FOREACH (family, &exposition->families, entry) {
        if (fflush(family->lines) != 0)
            return -EIO;
        fprintf(out, "# HELP %s ", family->name);
        sc_labels_put_help(out, family->help);
        fprintf(out, "\n# TYPE %s %s\n", family->name, kinds[family->kind]);
        fwrite(family->text, 1, family->length, out);
    }
    return ferror(out) ? -EIO : 0;
}
