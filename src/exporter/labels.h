/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_EXPORTER_LABELS_H
#define SC_EXPORTER_LABELS_H

/*
 * Labels of Prometheus's text format: name="value", with a comma between two.
 * Values come from strangers; whatever bytes they hold, what is written here
 * stays one line and within its quotation marks.
 */

#include <stdbool.h>
#include <stdio.h>

/* Whether a text could be the name of a metric. */
bool sc_labels_may_name(const char *text);

/*
 * Whether a text of somebody else's can stand between the braces as it is: no
 * label, or several with a comma between two; none is called le or cache,
 * which are ours to set, and none begins with two underscores.
 */
bool sc_labels_are_sound(const char *text);

/*
 * Writes one label. Quotation marks, backslashes and line feeds are escaped as
 * the format wants it; control characters and bytes that are not UTF-8 become
 * \xHH, for the eye.
 */
void sc_labels_put(FILE *out, const char *name, const char *value);

/* Writes the help of a metric, of which a line feed would be the end. */
void sc_labels_put_help(FILE *out, const char *help);

#endif
