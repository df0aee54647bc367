/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_RECORD_H
#define SC_CTL_RECORD_H

/*
 * Records, one a line, as text or as JSON:
 *
 *     find: found endpoint="a" endpoint_property="b\n"
 *     {"command":"find","result":"found","endpoint":"a","endpoint_property":"b\n"}
 *
 * Values are bytes that strangers choose, so nothing that could move a
 * terminal's cursor goes out as it is. The text form can be read back by
 * `scachectl shell`. JSON has no place for bytes that are not UTF-8: these
 * become U+FFFD, and a member NAME_hex follows with the exact bytes. What is
 * only in JSON is for programs; a person is told in other words.
 *
 * From the first record on for which there is no memory, none is printed, and
 * the error says so. Errors of the stream are whoever's who closes it.
 */

#include <stdbool.h>
#include <stdio.h>

struct json_object;

struct sc_ctl_out {
    FILE *file;
    bool json;
    int error;                /* 0 or -ENOMEM */
    struct json_object *line; /* under way, with JSON; owned */
};

void sc_ctl_record_begin(struct sc_ctl_out *out, const char *command, const char *result);

/* The other kind of line: what there is of one thing, `connection id=5` or {"record":"connection".
 */
void sc_ctl_record_open(struct sc_ctl_out *out, const char *kind);

void sc_ctl_record_add_text(struct sc_ctl_out *out, const char *name, const char *value);
void sc_ctl_record_add_number(struct sc_ctl_out *out, const char *name, long long value);
void sc_ctl_record_add_real(struct sc_ctl_out *out, const char *name, double value);

/* A number whose digits are kept as they are. */
void sc_ctl_record_add_numeral(struct sc_ctl_out *out, const char *name, const char *digits);
void sc_ctl_record_add_flag(struct sc_ctl_out *out, const char *name, bool value);

/* Numbers with blanks between them; a list in JSON. */
void sc_ctl_record_add_numbers(struct sc_ctl_out *out, const char *name, const char *numbers);

/* Takes the value, for the JSON form; with a null one there was no memory. The text form has none.
 */
void sc_ctl_record_take(struct sc_ctl_out *out, const char *name, struct json_object *value);

/* Of the JSON form only. */
void sc_ctl_record_note_text(struct sc_ctl_out *out, const char *name, const char *value);

void sc_ctl_record_end(struct sc_ctl_out *out);

#endif
