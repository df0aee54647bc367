/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes metrics. Which there are, and what they mean, the server says.
 */
#include "prometheus.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* What a family is counted in ends its name; Prometheus wants all times in seconds. */
static const struct {
    const char *ending;
    double unit;
} units[] = {{"_milliseconds", 1e-3}, {"_microseconds", 1e-6}, {"_nanoseconds", 1e-9}};

/* How a family is called there. */
struct prometheus_name {
    int length; /* of what is left of the family's own */
    const char *seconds;
    const char *suffix;
    double unit;
};

static struct prometheus_name prometheus_name(const struct sc_ctl_metric *metric)
{
    size_t length = strlen(metric->family);
    struct prometheus_name name = {(int)length, "", metric->kind == SC_CTL_COUNTER ? "_total" : "",
                                   1};

    for (size_t i = 0; i < SC_CTL_COUNT_OF(units); i++) {
        size_t ending = strlen(units[i].ending);
        if (length > ending && strcmp(metric->family + length - ending, units[i].ending) == 0) {
            name.length = (int)(length - ending);
            name.seconds = "_seconds";
            name.unit = units[i].unit;
        }
    }
    return name;
}

static void prometheus_print_name(const struct sc_ctl_metric *metric,
                                  const struct prometheus_name *name, FILE *out)
{
    fprintf(out, "scache_%.*s%s%s", name->length, metric->family, name->seconds, name->suffix);
}

/* In a help text a backslash and a newline are written otherwise. */
static void prometheus_print_help(const char *help, FILE *out)
{
    for (; *help; help++) {
        if (*help == '\\')
            fputs("\\\\", out);
        else if (*help == '\n')
            fputs("\\n", out);
        else
            putc(*help, out);
    }
}

/* Before the first of a family. */
static void prometheus_print_family(const struct sc_ctl_metric *metric,
                                    const struct prometheus_name *name, FILE *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};

    if (*metric->help) {
        fputs("# HELP ", out);
        prometheus_print_name(metric, name, out);
        putc(' ', out);
        prometheus_print_help(metric->help, out);
        putc('\n', out);
    }
    fputs("# TYPE ", out);
    prometheus_print_name(metric, name, out);
    fprintf(out, " %s\n", types[metric->kind]);
}

static void prometheus_print_value(const struct sc_ctl_metric *metric,
                                   const struct prometheus_name *name, FILE *out)
{
    const char *open = *metric->labels ? "{" : "", *close = *metric->labels ? "}" : "";

    prometheus_print_name(metric, name, out);
    fprintf(out, "%s%s%s %.15g\n", open, metric->labels, close, metric->value * name->unit);
}

static void prometheus_print_histogram(const struct sc_ctl_metric *metric, FILE *out)
{
    const char *counts = metric->counts, *bounds = metric->bounds;
    double seen = 0;
    char *end;

    for (;;) {
        double count = strtod(counts, &end);
        if (end == counts)
            break;
        counts = end;
        seen += count;
        double bound = strtod(bounds, &end);
        if (end != bounds)
            fprintf(out, "scache_%s_bucket{le=\"%.9g\"} %.0f\n", metric->family,
                    bound * metric->unit, seen);
        else
            fprintf(out, "scache_%s_bucket{le=\"+Inf\"} %.0f\n", metric->family, seen);
        bounds = end;
    }
    fprintf(out, "scache_%s_sum %.9g\n", metric->family, metric->value * metric->unit);
    fprintf(out, "scache_%s_count %.0f\n", metric->family, seen);
}

/* The last word of a value, which has no quotes; anything else goes without. */
static const char *prometheus_word(const struct sc_ctl_facts *greeting, const char *name)
{
    const char *value = sc_ctl_facts_text(greeting, name);
    const char *blank = strrchr(value, ' ');
    const char *word = blank ? blank + 1 : value;

    return word[strcspn(word, "\"\\\n")] == '\0' ? word : "";
}

static void prometheus_print_up(const struct sc_ctl_facts *greeting, FILE *out)
{
    fprintf(out,
            "# HELP scache_up Whether the server answers.\n# TYPE scache_up gauge\nscache_up %d\n",
            greeting != NULL);
    if (greeting)
        fprintf(out,
                "# HELP scache_build_info What the server is.\n# TYPE scache_build_info gauge\n"
                "scache_build_info{version=\"%s\",mode=\"%s\"} 1\n",
                prometheus_word(greeting, "program"), prometheus_word(greeting, "mode"));
}

void sc_ctl_prometheus_print(const struct sc_ctl_facts *greeting,
                             const struct sc_ctl_reading *reading, FILE *out)
{
    const char *family = "";

    prometheus_print_up(greeting, out);
    for (size_t i = 0; i < reading->count; i++) {
        const struct sc_ctl_metric *metric = &reading->list[i];
        const struct prometheus_name name = prometheus_name(metric);
        if (strcmp(metric->family, family) != 0)
            prometheus_print_family(metric, &name, out);
        family = metric->family;
        if (metric->kind == SC_CTL_HISTOGRAM)
            prometheus_print_histogram(metric, out);
        else
            prometheus_print_value(metric, &name, out);
    }
}
