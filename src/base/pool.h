/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BASE_POOL_H
#define SC_BASE_POOL_H

/*
 * Memory for the store's entries, so that what comes and goes in the steady
 * state allocates nothing. It lies before the allocator and keeps, of each
 * size, a few freed blocks at hand: one for every four in use, but four at
 * least and SC_POOL_KEPT_MOST at most. The last one freed is given first, for
 * it is still in the processor's caches. All others are freed at once, and so
 * is what may not be kept any more when less is in use.
 *
 * So no more than that is ever held beyond what is cached. When the allocator
 * gives what it got back to the system is its own affair; the pool never
 * stands in the way by more than the blocks it keeps.
 *
 * Blocks have no header of the pool's: whoever frees one says its size again.
 * One of more than SC_POOL_MOST bytes is never kept. Every block must have
 * been freed before fini.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum {
    SC_POOL_GRAIN = 16, /* sizes between two multiples are one kind */
    SC_POOL_MOST = 1024,
    SC_POOL_KEPT_MOST = 64,
};

struct sc_pool_block;

struct sc_pool_kind {
    struct sc_pool_block *kept;
    uint32_t kept_count;
    uint32_t used; /* blocks given out */
};

struct sc_pool {
    size_t bytes; /* of all blocks, given out or kept, with the allocator's share */
    struct sc_pool_kind kinds[SC_POOL_MOST / SC_POOL_GRAIN + 1];
};

void sc_pool_init(struct sc_pool *pool);
void sc_pool_fini(struct sc_pool *pool);

/* A block of @size bytes, or null. */
SC_MUST_CHECK void *sc_pool_alloc(struct sc_pool *pool, size_t size);

/* Frees a block that was given for this very size. */
void sc_pool_free(struct sc_pool *pool, void *block, size_t size);

#endif
