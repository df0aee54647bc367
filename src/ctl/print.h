/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_PRINT_H
#define SC_CTL_PRINT_H

/*
 * Records, one a line, as text or as JSON:
 *
 *     find: found endpoint="a" endpoint_property="b\n"
 *     {"command":"find","result":"found","endpoint":"a","endpoint_property":"b\n"}
 *
 * Values are bytes that strangers choose, so nothing that could move a
 * terminal's cursor goes out as it is. The text form can be read back by
 * `scachectl shell`. JSON has no place for bytes that are not UTF-8: these
 * become U+FFFD, and a member NAME_hex follows with the exact bytes.
 *
 * Does not look at errors of the stream; who closes it does.
 */

#include <stdbool.h>
#include <stdio.h>

struct sc_ctl_out {
    FILE *file;
    bool json;
};

void sc_ctl_print_begin(struct sc_ctl_out *out, const char *command, const char *result);
void sc_ctl_print_text(struct sc_ctl_out *out, const char *name, const char *value);
void sc_ctl_print_number(struct sc_ctl_out *out, const char *name, double value);
void sc_ctl_print_end(struct sc_ctl_out *out);

#endif
