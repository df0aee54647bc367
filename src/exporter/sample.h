/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_EXPORTER_SAMPLE_H
#define SC_EXPORTER_SAMPLE_H

/*
 * A record of a server's answer to "stats", as a series. This is where a
 * family of the server's gets the name that Prometheus knows it by: scache_ in
 * front, _total behind a counter, and seconds for whatever it is counted in.
 */

#include "exposition.h"

/* The texts of a record, borrowed; null: it has none of the name. */
struct sc_sample {
    const char *record; /* counter, gauge or histogram */
    const char *family;
    const char *labels;
    const char *help;
    const char *value;
    const char *unit;
    const char *bounds; /* numbers with a blank behind each, like the counts */
    const char *counts;
    const char *sum;
};

/* Where a sample has room for what a record calls by that name; null: it does not matter here. */
const char **sc_sample_place(struct sc_sample *sample, const char *name);

/* Adds it. Returns 0; -EINVAL: it is no series, or not a sound one; or -ENOMEM. */
__attribute__((warn_unused_result)) int sc_sample_add(const struct sc_sample *sample,
                                                      struct sc_exposition *exposition);

#endif
