/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_READING_H
#define SC_CTL_READING_H

/*
 * All counters, gauges and histograms of a server at one moment. Counters only
 * grow, so the difference of two readings is what happened between them. What
 * is not there, as an older server has it, reads as 0.
 */

#include <stdbool.h>

#include "facts.h"

enum sc_ctl_metric_kind { SC_CTL_COUNTER, SC_CTL_GAUGE, SC_CTL_HISTOGRAM };

struct sc_ctl_metric {
    enum sc_ctl_metric_kind kind;
    char *family;
    char *labels; /* as Prometheus writes them: by="domain",result="hit" */
    char *help;
    char *bounds; /* of a histogram, in the unit that is counted; blanks between them */
    char *counts; /* likewise: of each bound, and of what is larger */
    double value; /* of a histogram: the sum, in the unit that is counted */
    double unit;  /* of a histogram: what is told for 1 counted */
};

struct sc_ctl_reading {
    struct sc_ctl_metric *list; /* owned, in the server's order */
    size_t count;
    size_t room;
};

void sc_ctl_reading_init(struct sc_ctl_reading *reading);
void sc_ctl_reading_fini(struct sc_ctl_reading *reading);

/* Adds a record; one of another kind is passed over. Returns 0 or -ENOMEM. */
SC_CTL_MUST_CHECK int sc_ctl_reading_add(struct sc_ctl_reading *reading,
                                         const struct sc_ctl_facts *facts);

/* One value, by its exact labels. */
double sc_ctl_reading_value(const struct sc_ctl_reading *reading, const char *family,
                            const char *labels);

/* The sum of all of a family whose labels have @part in them; null: of all. */
double sc_ctl_reading_sum(const struct sc_ctl_reading *reading, const char *family,
                          const char *part);

/*
 * The value below which @share of a histogram's values lie, at least as large
 * as it is, in the unit that is told; -1: there are none. With @before: of
 * those since then, else null.
 */
double sc_ctl_reading_quantile(const struct sc_ctl_reading *reading,
                               const struct sc_ctl_reading *before, const char *family,
                               double share);

/* The value of a label within such a list, "hit" for result; the text is the caller's room. */
bool sc_ctl_reading_label(const char *labels, const char *name, char *value, size_t size);

#endif
