/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads and writes attribute lists, the form of all that is said. What a name or a value means is
 * not known here, nor is any length too long.
 */
#include "wire/list.h"

#include <stdint.h>

size_t sc_list_scan(struct sc_list_scanner *scanner, struct sc_bytes bytes)
{
    while (scanner->seen < bytes.length) {
        const char *from = bytes.data + scanner->seen;
        const char *nul = memchr(from, '\0', bytes.length - scanner->seen);
        if (!nul) {
            scanner->seen = bytes.length;
            break;
        }
        size_t end = (size_t)(nul - bytes.data);
        if (!scanner->in_value && end == scanner->token) {
            *scanner = (struct sc_list_scanner){0};
            return end + 1;
        }
        scanner->in_value = !scanner->in_value;
        scanner->seen = scanner->token = end + 1;
    }
    return 0;
}

void sc_list_skip_seen(struct sc_list_scanner *scanner)
{
    /* A token that has begun can no longer be found to be empty. */
    scanner->token = scanner->token == scanner->seen ? 0 : SIZE_MAX;
    scanner->seen = 0;
}

static struct sc_bytes list_token(struct sc_list_reader *reader)
{
    struct sc_bytes *rest = &reader->rest;

    const char *nul = rest->length > 0 ? memchr(rest->data, '\0', rest->length) : NULL;
    struct sc_bytes found = *rest;

    if (nul)
        found.length = (size_t)(nul - rest->data);
    size_t skip = nul ? found.length + 1 : found.length;
    reader->cut = !nul;
    rest->data += skip;
    rest->length -= skip;
    return found;
}

bool sc_list_next(struct sc_list_reader *reader, struct sc_attribute *attribute)
{
    attribute->name = list_token(reader);
    if (attribute->name.length == 0) {
        reader->rest.length = 0;
        return false;
    }
    attribute->value = list_token(reader);
    return true;
}

struct sc_bytes sc_list_value(struct sc_list_reader *reader, size_t name_length)
{
    reader->rest.data += name_length;
    reader->rest.length -= name_length;
    return list_token(reader);
}

struct sc_list_writer sc_list_write(struct sc_buf *out)
{
    return (struct sc_list_writer){.out = out, .length_before = sc_buf_length(out)};
}

void sc_list_put_number(struct sc_list_writer *writer, const char *name, uint64_t value)
{
    char digits[24];
    char *first = digits + sizeof(digits);

    /* A reply has a number in it every time: this is a tenth of snprintf. */
    do
        *--first = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    sc_list_put(writer, name, (struct sc_bytes){first, (size_t)(digits + sizeof(digits) - first)});
}

int sc_list_end(struct sc_list_writer *writer)
{
    if (writer->error == 0)
        writer->error = sc_buf_append(writer->out, SC_BYTES("\0"));
    if (writer->error < 0)
        sc_buf_truncate(writer->out, writer->length_before);
    return writer->error;
}
