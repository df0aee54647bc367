/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The label builder: joins fields so that they can be told apart, and keeps
 * what went wrong. Where a connection leads is found out in address.c.
 */
#include "lib/label.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* The text has its NUL in the buffer from the first field on. */
struct scache_label {
    struct sc_buf text;
    int error; /* the first, kept */
};

enum { PORT_MAX = 65535, TLS_LEVEL_MAX = 99 };

struct scache_label *scache_label_new(void)
{
    return calloc(1, sizeof(struct scache_label));
}

void scache_label_free(struct scache_label *label)
{
    if (label)
        sc_buf_fini(&label->text);
    free(label);
}

void scache_label_clear(struct scache_label *label)
{
    if (!label)
        return;
    sc_buf_clear(&label->text, SIZE_MAX);
    label->error = 0;
}

void sc_label_spoil(struct scache_label *label, int error)
{
    if (label->error == 0)
        label->error = error;
}

static void label_append(struct scache_label *label, struct sc_bytes bytes)
{
    if (label->error == 0)
        label->error = sc_buf_append(&label->text, bytes);
}

static bool label_is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte != 0x7f && byte != '%' && byte != '=';
}

static void label_append_escaped(struct scache_label *label, struct sc_bytes bytes)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < bytes.length; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        char escaped[] = {'%', digits[byte >> 4], digits[byte & 15]};
        if (label_is_plain(byte))
            label_append(label, (struct sc_bytes){&bytes.data[i], 1});
        else
            label_append(label, (struct sc_bytes){escaped, sizeof(escaped)});
    }
}

static void label_drop_terminator(struct scache_label *label)
{
    size_t length = sc_buf_length(&label->text);

    if (length > 0)
        sc_buf_truncate(&label->text, length - 1);
}

void scache_label_add_bytes(struct scache_label *label, const char *name, const void *data,
                            size_t length)
{
    if (!label)
        return;
    if (!name || (!data && length > 0))
        sc_label_spoil(label, -EINVAL);
    if (label->error < 0)
        return;
    label_drop_terminator(label);
    label_append_escaped(label, sc_bytes_of(name));
    label_append(label, SC_BYTES("="));
    label_append_escaped(label, (struct sc_bytes){data, length});
    label_append(label, SC_BYTES("\n\0"));
}

void scache_label_add(struct scache_label *label, const char *name, const char *value)
{
    /* Without a value it is refused, since there is data of length 1 but none. */
    scache_label_add_bytes(label, name, value, value ? strlen(value) : 1);
}

void scache_label_add_number(struct scache_label *label, const char *name, long value)
{
    char digits[32];

    snprintf(digits, sizeof(digits), "%ld", value);
    scache_label_add(label, name, digits);
}

const char *scache_label_text(const struct scache_label *label)
{
    if (!label || label->error < 0 || sc_buf_length(&label->text) == 0)
        return NULL;
    return sc_buf_bytes(&label->text).data;
}

int scache_label_error(const struct scache_label *label)
{
    return label ? label->error : -ENOMEM;
}

static void label_append_line(struct scache_label *label, const char *text)
{
    if (!text || !*text || strchr(text, '\n')) {
        sc_label_spoil(label, -EINVAL);
        return;
    }
    label_append(label, sc_bytes_of(text));
    label_append(label, SC_BYTES("\n"));
}

/* With this sign it could be taken for a field of a builder's. */
static void label_append_service(struct scache_label *label, const char *service)
{
    label_append_line(label, service && strchr(service, '=') ? NULL : service);
}

static void label_append_number_line(struct scache_label *label, int number, int least, int most)
{
    char digits[16];

    snprintf(digits, sizeof(digits), "%d", number);
    label_append_line(label, number >= least && number <= most ? digits : NULL);
}

void scache_label_postfix_endpoint(struct scache_label *label, const char *service,
                                   const char *address, int port, int tls_level)
{
    if (!label)
        return;
    scache_label_clear(label);
    label_append_service(label, service);
    label_append_line(label, address);
    label_append_number_line(label, port, 1, PORT_MAX);
    label_append_number_line(label, tls_level, 0, TLS_LEVEL_MAX);
    label_append(label, SC_BYTES("\0"));
}

void scache_label_postfix_destination(struct scache_label *label, const char *service,
                                      const char *nexthop)
{
    if (!label)
        return;
    scache_label_clear(label);
    label_append_service(label, service);
    label_append_line(label, nexthop);
    label_append(label, SC_BYTES("\0"));
}
