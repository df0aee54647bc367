/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeps freed blocks of each size for those who ask next, within bounds. It asks the C library for
 * every block by itself, one at a time; there are no slabs to fragment.
 */
#include "base/pool.h"

#include <assert.h>
#include <stdlib.h>

/* A kept block would hide from the sanitizer what is used after it was freed. */
#if defined(__SANITIZE_ADDRESS__)
#define POISONING 1
#elif defined(__has_feature)
#define POISONING __has_feature(address_sanitizer)
#else
#define POISONING 0
#endif
#if POISONING
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

enum { KEPT_LEAST = 4, USED_FOR_ONE_KEPT = 4, FREED_AT_ONCE = 2 };

/*
 * The C library's blocks are multiples of 16 bytes, 8 of which are its own:
 * sizes that end there waste nothing.
 */
enum { UNSHARED = 8 };

/* A block that is kept. */
struct sc_pool_block {
    struct sc_pool_block *next;
};

static size_t pool_number_of_kind(size_t size)
{
    return (size + SC_POOL_GRAIN - UNSHARED - 1) / SC_POOL_GRAIN;
}

static size_t pool_size_of_kind(size_t number)
{
    return number * SC_POOL_GRAIN + UNSHARED;
}

static uint32_t pool_may_keep(const struct sc_pool_kind *kind)
{
    uint32_t count = KEPT_LEAST + kind->used / USED_FOR_ONE_KEPT;

    return count < SC_POOL_KEPT_MOST ? count : SC_POOL_KEPT_MOST;
}

static void pool_keep(struct sc_pool_kind *kind, void *memory, size_t size)
{
    struct sc_pool_block *block = memory;

    block->next = kind->kept;
    kind->kept = block;
    kind->kept_count++;
    ASAN_POISON_MEMORY_REGION(block + 1, size - sizeof(*block));
}

static void *pool_take_kept(struct sc_pool_kind *kind, size_t size)
{
    struct sc_pool_block *block = kind->kept;

    kind->kept = block->next;
    kind->kept_count--;
    ASAN_UNPOISON_MEMORY_REGION(block, size);
    return block;
}

static void *pool_malloc(struct sc_pool *pool, size_t size)
{
    void *block = malloc(size);

    if (block)
        pool->bytes += size + UNSHARED;
    return block;
}

static void pool_release(struct sc_pool *pool, void *block, size_t size)
{
    pool->bytes -= size + UNSHARED;
    free(block);
}

void sc_pool_init(struct sc_pool *pool)
{
    *pool = (struct sc_pool){0};
}

void sc_pool_fini(struct sc_pool *pool)
{
    for (size_t i = 0; i < SC_COUNT_OF(pool->kinds); i++) {
        struct sc_pool_kind *kind = &pool->kinds[i];
        assert(kind->used == 0);
        while (kind->kept)
            pool_release(pool, pool_take_kept(kind, pool_size_of_kind(i)), pool_size_of_kind(i));
    }
    assert(pool->bytes == 0);
}

void *sc_pool_alloc(struct sc_pool *pool, size_t size)
{
    if (size > SC_POOL_MOST)
        return pool_malloc(pool, size);
    size_t number = pool_number_of_kind(size);
    struct sc_pool_kind *kind = &pool->kinds[number];
    void *block = kind->kept ? pool_take_kept(kind, pool_size_of_kind(number))
                             : pool_malloc(pool, pool_size_of_kind(number));
    if (block)
        kind->used++;
    return block;
}

void sc_pool_free(struct sc_pool *pool, void *block, size_t size)
{
    if (size > SC_POOL_MOST) {
        pool_release(pool, block, size);
        return;
    }
    size_t number = pool_number_of_kind(size);
    struct sc_pool_kind *kind = &pool->kinds[number];
    kind->used--;
    if (kind->kept_count < pool_may_keep(kind)) {
        pool_keep(kind, block, pool_size_of_kind(number));
        return;
    }
    pool_release(pool, block, pool_size_of_kind(number));
    /* Fewer may be kept than before; two at a time are soon down to that. */
    for (int i = 0; i < FREED_AT_ONCE && kind->kept_count > pool_may_keep(kind); i++)
        pool_release(pool, pool_take_kept(kind, pool_size_of_kind(number)),
                     pool_size_of_kind(number));
}
