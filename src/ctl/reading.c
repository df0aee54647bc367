/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeps a reading, and finds in it. What a family means is not known here.
 */
#include "reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { READING_FIRST_ROOM = 128 };

void sc_ctl_reading_init(struct sc_ctl_reading *reading)
{
    *reading = (struct sc_ctl_reading){0};
}

static void reading_free_metric(struct sc_ctl_metric *metric)
{
    free(metric->family);
    free(metric->labels);
    free(metric->help);
    free(metric->bounds);
    free(metric->counts);
}

void sc_ctl_reading_fini(struct sc_ctl_reading *reading)
{
    for (size_t i = 0; i < reading->count; i++)
        reading_free_metric(&reading->list[i]);
    free(reading->list);
    sc_ctl_reading_init(reading);
}

static int reading_make_room(struct sc_ctl_reading *reading)
{
    size_t room = reading->room ? 2 * reading->room : READING_FIRST_ROOM;

    if (reading->count < reading->room)
        return 0;
    struct sc_ctl_metric *list = reallocarray(reading->list, room, sizeof(*list));
    if (!list)
        return -ENOMEM;
    reading->list = list;
    reading->room = room;
    return 0;
}

static bool reading_kind_of(const struct sc_ctl_facts *facts, enum sc_ctl_metric_kind *kind)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};

    for (int i = SC_CTL_COUNTER; i <= SC_CTL_HISTOGRAM; i++) {
        *kind = (enum sc_ctl_metric_kind)i;
        if (sc_ctl_facts_is(facts, "record", kinds[i]))
            return true;
    }
    return false;
}

int sc_ctl_reading_add(struct sc_ctl_reading *reading, const struct sc_ctl_facts *facts)
{
    struct sc_ctl_metric metric = {
        .value = sc_ctl_facts_real(facts, "value", 0),
        .unit = sc_ctl_facts_real(facts, "unit", 1),
    };

    if (!reading_kind_of(facts, &metric.kind))
        return 0;
    if (metric.kind == SC_CTL_HISTOGRAM)
        metric.value = sc_ctl_facts_real(facts, "sum", 0);
    metric.family = strdup(sc_ctl_facts_text(facts, "family"));
    metric.labels = strdup(sc_ctl_facts_text(facts, "labels"));
    metric.help = strdup(sc_ctl_facts_text(facts, "help"));
    metric.bounds = strdup(sc_ctl_facts_text(facts, "bounds"));
    metric.counts = strdup(sc_ctl_facts_text(facts, "counts"));
    if (!metric.family || !metric.labels || !metric.help || !metric.bounds || !metric.counts ||
        reading_make_room(reading) < 0) {
        reading_free_metric(&metric);
        return -ENOMEM;
    }
    reading->list[reading->count++] = metric;
    return 0;
}

static const struct sc_ctl_metric *reading_find(const struct sc_ctl_reading *reading,
                                                const char *family, const char *labels)
{
    for (size_t i = 0; i < reading->count; i++)
        if (strcmp(reading->list[i].family, family) == 0 &&
            strcmp(reading->list[i].labels, labels) == 0)
            return &reading->list[i];
    return NULL;
}

double sc_ctl_reading_value(const struct sc_ctl_reading *reading, const char *family,
                            const char *labels)
{
    const struct sc_ctl_metric *metric = reading_find(reading, family, labels);

    return metric ? metric->value : 0;
}

double sc_ctl_reading_sum(const struct sc_ctl_reading *reading, const char *family,
                          const char *part)
{
    double sum = 0;

    for (size_t i = 0; i < reading->count; i++)
        if (strcmp(reading->list[i].family, family) == 0 &&
            (!part || strstr(reading->list[i].labels, part)))
            sum += reading->list[i].value;
    return sum;
}

/* The next number of a list, from *text on; without one, *number stays what it is. */
static bool reading_next(const char **text, double *number)
{
    char *end;
    double next = strtod(*text, &end);

    if (end == *text)
        return false;
    *number = next;
    *text = end;
    return true;
}

static double reading_total(const char *counts)
{
    double number, total = 0;

    while (reading_next(&counts, &number))
        total += number;
    return total;
}

double sc_ctl_reading_quantile(const struct sc_ctl_reading *reading,
                               const struct sc_ctl_reading *before, const char *family,
                               double share)
{
    const struct sc_ctl_metric *metric = reading_find(reading, family, "");
    const struct sc_ctl_metric *earlier = before ? reading_find(before, family, "") : NULL;
    const char *counts = metric ? metric->counts : "";
    const char *others = earlier ? earlier->counts : "";
    const char *bounds = metric ? metric->bounds : "";
    double total = reading_total(counts) - reading_total(others);
    double count, other, seen = 0, bound = 0;

    if (total <= 0)
        return -1;
    while (reading_next(&counts, &count)) {
        seen += count - (reading_next(&others, &other) ? other : 0);
        /* What is larger than the last bound is shown as that. */
        (void)reading_next(&bounds, &bound);
        if (seen >= share * total)
            break;
    }
    return bound * metric->unit;
}

bool sc_ctl_reading_label(const char *labels, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);

    while (*labels) {
        const char *quoted = labels + strcspn(labels, "=") + 1;
        bool is_it = strncmp(labels, name, length) == 0 && labels[length] == '=';
        if (quoted[-1] == '\0' || *quoted != '"')
            return false;
        size_t value_length = strcspn(++quoted, "\"");
        if (is_it && value_length < size) {
            memcpy(value, quoted, value_length);
            value[value_length] = '\0';
            return true;
        }
        labels = quoted + value_length + (quoted[value_length] == '"');
        labels += *labels == ',';
    }
    return false;
}
