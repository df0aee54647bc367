/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The encoding of named fields in one text. It knows no field by name.
 */
#include "wire/field.h"

#include <errno.h>

static const char field_digits[] = "0123456789ABCDEF";

static bool field_is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte != 0x7f && byte != '%' && byte != '=';
}

/* There is room for three times its length. */
static void field_add_escaped(struct sc_buf *text, struct sc_bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        char escaped[] = {'%', field_digits[byte >> 4], field_digits[byte & 15]};
        if (field_is_plain(byte))
            sc_buf_add(text, (struct sc_bytes){&bytes.data[i], 1});
        else
            sc_buf_add(text, (struct sc_bytes){escaped, sizeof(escaped)});
    }
}

int sc_field_append(struct sc_buf *text, struct sc_bytes name, struct sc_bytes value)
{
    int error = sc_buf_reserve(text, 3 * (name.length + value.length) + 2);

    if (error < 0)
        return error;
    field_add_escaped(text, name);
    sc_buf_add(text, SC_BYTES("="));
    field_add_escaped(text, value);
    sc_buf_add(text, SC_BYTES("\n"));
    return 0;
}

bool sc_field_find(struct sc_bytes text, struct sc_bytes name, struct sc_bytes *value)
{
    while (text.length > 0) {
        const char *end = memchr(text.data, '\n', text.length);
        size_t length = end ? (size_t)(end - text.data) : text.length;
        size_t next = end ? length + 1 : length;
        if (length > name.length && text.data[name.length] == '=' &&
            sc_bytes_equal((struct sc_bytes){text.data, name.length}, name)) {
            *value = (struct sc_bytes){text.data + name.length + 1, length - name.length - 1};
            return true;
        }
        text.data += next;
        text.length -= next;
    }
    return false;
}

/* The value of an upper-case hexadecimal digit, or -1. */
static int field_digit(char byte)
{
    const char *at = byte == '\0' ? NULL : strchr(field_digits, byte);

    return at ? (int)(at - field_digits) : -1;
}

int sc_field_decode(struct sc_buf *out, struct sc_bytes value)
{
    size_t before = sc_buf_length(out);
    int error = sc_buf_reserve(out, value.length);

    for (size_t i = 0; i < value.length && error == 0; i++) {
        char byte = value.data[i];
        if (byte == '%') {
            int high = i + 2 < value.length ? field_digit(value.data[i + 1]) : -1;
            int low = i + 2 < value.length ? field_digit(value.data[i + 2]) : -1;
            if (high < 0 || low < 0) {
                error = -EINVAL;
                break;
            }
            byte = (char)(high << 4 | low);
            i += 2;
        }
        sc_buf_add(out, (struct sc_bytes){&byte, 1});
    }
    if (error < 0)
        sc_buf_truncate(out, before);
    return error;
}
