/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_WIRE_LIST_H
#define SC_WIRE_LIST_H

/*
 * Attribute lists, all that is ever said on the wire: "name NUL value NUL",
 * repeated, and one NUL more, an empty name, that ends the list.
 *
 * Reading has two steps. The scanner finds where a list ends; it is fed any
 * pieces and looks at no byte twice. The reader then goes through a complete
 * list; or it goes first, and the scanner behind what it has read. Names and
 * values are views of the caller's bytes; nothing is copied and nothing can
 * fail.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/util.h"

struct sc_list_scanner {
    size_t seen;  /* bytes of this list that were looked at */
    size_t token; /* where the name or value at hand starts */
    bool in_value;
};

/*
 * Looks on in the bytes of a list, given from its start. Returns the length
 * of the list with its end, or 0 as long as the end has not come. The scanner
 * starts zeroed, and is zeroed again once it has found an end.
 */
SC_MUST_CHECK size_t sc_list_scan(struct sc_list_scanner *scanner, struct sc_bytes bytes);

/* Goes on behind the attributes, @length bytes from the list's start, that a reader has read. */
static inline void sc_list_scan_from(struct sc_list_scanner *scanner, size_t length)
{
    *scanner = (struct sc_list_scanner){.seen = length, .token = length};
}

/*
 * The bytes that were scanned without finding an end go away, and what is
 * scanned next starts behind them.
 */
void sc_list_skip_seen(struct sc_list_scanner *scanner);

/* What is left to read of a list. */
struct sc_list_reader {
    struct sc_bytes rest;
    bool cut; /* the bytes ended in the midst of what was read last */
};

struct sc_attribute {
    struct sc_bytes name;
    struct sc_bytes value;
};

static inline struct sc_list_reader sc_list_read(struct sc_bytes list)
{
    return (struct sc_list_reader){.rest = list};
}

/* The next attribute; false at the end of the list. */
SC_MUST_CHECK bool sc_list_next(struct sc_list_reader *reader, struct sc_attribute *attribute);

/* What stands behind the name that comes next, of @name_length bytes with its NUL. */
struct sc_bytes sc_list_value(struct sc_list_reader *reader, size_t name_length);

/*
 * The value of the next attribute, if that is its name, which is not empty.
 * An attribute of another name stays unread. In here the compiler knows a
 * literal, and compares it without a call.
 */
SC_MUST_CHECK static inline bool sc_list_expect(struct sc_list_reader *reader, const char *name,
                                                struct sc_bytes *value)
{
    size_t length = strlen(name) + 1;

    if (length == 1 || reader->rest.length < length || memcmp(reader->rest.data, name, length) != 0)
        return false;
    *value = sc_list_value(reader, length);
    return true;
}

/*
 * Writes one list at the end of a buffer. An error is kept until the end of
 * the list, which returns it, and leaves the buffer as it was before.
 */
struct sc_list_writer {
    struct sc_buf *out;
    size_t length_before;
    int error;
};

struct sc_list_writer sc_list_write(struct sc_buf *out);

static inline void sc_list_put(struct sc_list_writer *writer, const char *name,
                               struct sc_bytes value)
{
    size_t name_length = strlen(name) + 1;

    if (writer->error == 0)
        writer->error = sc_buf_reserve(writer->out, name_length + value.length + 1);
    if (writer->error < 0)
        return;
    sc_buf_add(writer->out, (struct sc_bytes){name, name_length});
    sc_buf_add(writer->out, value);
    sc_buf_add(writer->out, SC_BYTES("\0"));
}

void sc_list_put_number(struct sc_list_writer *writer, const char *name, uint64_t value);

/* Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_list_end(struct sc_list_writer *writer);

#endif
