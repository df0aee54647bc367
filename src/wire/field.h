/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_WIRE_FIELD_H
#define SC_WIRE_FIELD_H

/*
 * Named fields in one text, as labels and reports have them: each is
 * `name=value` and a newline; in names and values each byte below 0x20, the
 * byte 0x7f, `%` and `=` are `%` and two upper-case hexadecimal digits. No
 * value can pass for the end of its field, for a name, or for another field,
 * and each text can be read back in one way only.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/util.h"

/* Appends a field. Returns 0, or -ENOMEM with the buffer as it was. */
SC_MUST_CHECK int sc_field_append(struct sc_buf *text, struct sc_bytes name, struct sc_bytes value);

/*
 * Finds the first field of that name, which is written without escapes. The
 * value is as it stands in the text, escapes included. Returns whether there
 * is one.
 */
SC_MUST_CHECK bool sc_field_find(struct sc_bytes text, struct sc_bytes name,
                                 struct sc_bytes *value);

/*
 * Appends a value with its escapes undone. Returns 0; -EINVAL: an escape that
 * is none; or -ENOMEM; then the buffer is as it was.
 */
SC_MUST_CHECK int sc_field_decode(struct sc_buf *out, struct sc_bytes value);

#endif
