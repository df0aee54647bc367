/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records written as attribute lists. What goes into them is not known here.
 */
#include "control/record.h"

#include <inttypes.h>
#include <stdio.h>

struct sc_list_writer sc_record_begin(struct sc_buf *out, const char *kind)
{
    struct sc_list_writer record = sc_list_write(out);

    sc_list_put(&record, "record", sc_bytes_of(kind));
    return record;
}

void sc_record_text(struct sc_list_writer *record, const char *name, struct sc_bytes text)
{
    bool cut = text.length > SC_RECORD_TEXT_MAX;

    if (cut)
        text.length = SC_RECORD_TEXT_MAX;
    sc_list_put(record, name, text);
    if (cut)
        sc_list_put(record, "cut", sc_bytes_of(name));
}

void sc_record_number(struct sc_list_writer *record, const char *name, int64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRId64, number);
    sc_list_put(record, name, sc_bytes_of(text));
}

int sc_record_status(struct sc_buf *out, enum sc_control_status status, uint64_t count,
                     const char *reason)
{
    struct sc_list_writer record = sc_list_write(out);

    sc_list_put_number(&record, "status", status);
    sc_list_put_number(&record, "count", count);
    sc_list_put(&record, "reason", sc_bytes_of(reason ? reason : ""));
    return sc_list_end(&record);
}
