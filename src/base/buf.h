/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BASE_BUF_H
#define SC_BASE_BUF_H

/*
 * A growable buffer of bytes: written at the end, consumed at the front. It
 * owns its memory, which stays until it is cleared. A failed call changes
 * nothing.
 */

#include <stddef.h>

#include "base/bytes.h"
#include "base/util.h"

struct sc_buf {
    char *data;
    size_t start;
    size_t end;
    size_t capacity;
};

void sc_buf_init(struct sc_buf *buf);
void sc_buf_fini(struct sc_buf *buf);

static inline size_t sc_buf_length(const struct sc_buf *buf)
{
    return buf->end - buf->start;
}

static inline struct sc_bytes sc_buf_bytes(const struct sc_buf *buf)
{
    return (struct sc_bytes){buf->data ? buf->data + buf->start : "", buf->end - buf->start};
}

/* Makes room for @length bytes where there is none. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_buf_grow(struct sc_buf *buf, size_t length);

/* Makes room for @length bytes more. Returns 0 or -ENOMEM. */
SC_MUST_CHECK static inline int sc_buf_reserve(struct sc_buf *buf, size_t length)
{
    return length <= buf->capacity - buf->end ? 0 : sc_buf_grow(buf, length);
}

/* Appends; for room that was reserved there is the second, which cannot fail. */
SC_MUST_CHECK int sc_buf_append(struct sc_buf *buf, struct sc_bytes bytes);

static inline void sc_buf_add(struct sc_buf *buf, struct sc_bytes bytes)
{
    if (bytes.length > 0)
        memcpy(buf->data + buf->end, bytes.data, bytes.length);
    buf->end += bytes.length;
}

/* Drops @length bytes at the front. */
void sc_buf_consume(struct sc_buf *buf, size_t length);

/* Drops what is beyond the first @length bytes. */
void sc_buf_truncate(struct sc_buf *buf, size_t length);

/* Drops everything, and the memory too if it is more than @keep bytes. */
void sc_buf_clear(struct sc_buf *buf, size_t keep);

#endif
