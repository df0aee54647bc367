/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A growable buffer, whose front is dropped by moving an index: bytes are moved only when room is
 * made. It never shrinks by itself and knows nothing of what is in it.
 */
#include "base/buf.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

enum { SMALLEST = 256 };

void sc_buf_init(struct sc_buf *buf)
{
    *buf = (struct sc_buf){0};
}

void sc_buf_fini(struct sc_buf *buf)
{
    free(buf->data);
    sc_buf_init(buf);
}

static void buf_move_to_front(struct sc_buf *buf)
{
    if (buf->start == 0)
        return;
    memmove(buf->data, buf->data + buf->start, sc_buf_length(buf));
    buf->end -= buf->start;
    buf->start = 0;
}

int sc_buf_grow(struct sc_buf *buf, size_t length)
{
    size_t capacity = buf->capacity > 0 ? buf->capacity : SMALLEST;

    if (length > SIZE_MAX / 4)
        return -ENOMEM;
    size_t needed = sc_buf_length(buf) + length;
    if (needed <= buf->capacity) {
        buf_move_to_front(buf);
        return 0;
    }
    while (capacity < needed)
        capacity *= 2;
    char *data = realloc(buf->data, capacity);
    if (!data)
        return -ENOMEM;
    buf->data = data;
    buf->capacity = capacity;
    buf_move_to_front(buf);
    return 0;
}

int sc_buf_append(struct sc_buf *buf, struct sc_bytes bytes)
{
    int error = sc_buf_reserve(buf, bytes.length);

    if (error == 0)
        sc_buf_add(buf, bytes);
    return error;
}

void sc_buf_consume(struct sc_buf *buf, size_t length)
{
    assert(length <= sc_buf_length(buf));
    buf->start += length;
    if (buf->start == buf->end)
        buf->start = buf->end = 0;
}

void sc_buf_truncate(struct sc_buf *buf, size_t length)
{
    assert(length <= sc_buf_length(buf));
    buf->end = buf->start + length;
}

void sc_buf_clear(struct sc_buf *buf, size_t keep)
{
    if (buf->capacity > keep)
        sc_buf_fini(buf);
    buf->start = buf->end = 0;
}
