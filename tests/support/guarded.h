/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_GUARDED_H
#define SC_TESTS_GUARDED_H

/*
 * Memory with a page before it and a page behind it that nobody may touch.
 * Bytes are laid against either page, so that a read of one byte too many
 * ends the test at once, without the help of a sanitizer, which also would
 * not see such a read within a larger block.
 */

#include <stddef.h>

#include "base/bytes.h"

struct guarded {
    char *memory;
    size_t size;
};

enum guarded_side { GUARDED_AT_END, GUARDED_AT_START };

void guarded_init(struct guarded *guarded, size_t at_least);
void guarded_fini(struct guarded *guarded);

/* A copy that ends, or starts, at the guard page. There is one at a time. */
struct sc_bytes guarded_copy(struct guarded *guarded, struct sc_bytes bytes,
                             enum guarded_side side);

/* Spoils the last copy: whoever still looks at it shall be found out. */
void guarded_spoil(struct guarded *guarded, struct sc_bytes copy);

#endif
