/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_ALLOCATION_H
#define SC_TESTS_ALLOCATION_H

/*
 * Takes the place of malloc, calloc, realloc and free for everything that is
 * linked statically into a test, makes chosen allocations fail, and counts
 * the blocks that live. The test must be linked with ALLOCATION_WRAP of
 * tests/unit/meson.build. Shared libraries keep the C library's functions.
 *
 * A realloc counts as one allocation also when it makes a block smaller:
 * that may fail too, and whoever calls it must live with that.
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * From here on the n-th allocation fails, and if so wanted all later ones;
 * n = 0: none fails.
 */
void allocation_fail_at(size_t n, bool and_later);

/* Whether one has failed since. */
bool allocation_has_failed(void);

/* How many blocks were allocated and not freed yet. */
size_t allocation_live_blocks(void);

#endif
