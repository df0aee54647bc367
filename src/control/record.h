/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_RECORD_H
#define SC_CONTROL_RECORD_H

/*
 * What the control service says: attribute lists, each a record of one thing,
 * and a last one with the status. Text that strangers chose goes as it is; it
 * is cut where it is very long, and then marked. Rendering is the tool's.
 *
 * Pure. Errors are kept until the end of a record, which returns them.
 */

#include "wire/list.h"

/* A label or property beyond so many bytes is cut. */
enum { SC_RECORD_TEXT_MAX = 4096 };

enum sc_control_status {
    SC_CONTROL_DONE = 0,
    SC_CONTROL_MALFORMED = 1,
    SC_CONTROL_IMPOSSIBLE = 2,
    SC_CONTROL_FORBIDDEN = 3
};

struct sc_list_writer sc_record_begin(struct sc_buf *out, const char *kind);
void sc_record_text(struct sc_list_writer *record, const char *name, struct sc_bytes text);
void sc_record_number(struct sc_list_writer *record, const char *name, int64_t number);

/* The end of an answer; the reason may be null. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_record_status(struct sc_buf *out, enum sc_control_status status,
                                   uint64_t count, const char *reason);

#endif
