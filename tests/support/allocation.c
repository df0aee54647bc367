/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An allocator that fails when it is told to, and counts what lives. It is for one thread, and
 * takes its memory from the C library's own.
 */
#include "support/allocation.h"

#include <errno.h>

/* The linker leads calls of malloc to __wrap_malloc, and of __real_malloc to malloc. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

/* Functions that stand in for the C library's can get at nothing but globals. */
static struct {
    size_t until_failure; /* zero: none is to fail */
    bool and_later;
    bool has_failed;
    size_t live_blocks;
} allocation;

void allocation_fail_at(size_t n, bool and_later)
{
    allocation.until_failure = n;
    allocation.and_later = and_later;
    allocation.has_failed = false;
}

bool allocation_has_failed(void)
{
    return allocation.has_failed;
}

size_t allocation_live_blocks(void)
{
    return allocation.live_blocks;
}

static bool must_fail(void)
{
    if (allocation.until_failure == 0)
        return false;
    if (--allocation.until_failure > 0)
        return false;
    if (allocation.and_later)
        allocation.until_failure = 1;
    allocation.has_failed = true;
    errno = ENOMEM;
    return true;
}

static void *count(void *block)
{
    if (block)
        allocation.live_blocks++;
    return block;
}

void *__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : count(__real_malloc(size));
}

void *__wrap_calloc(size_t blocks, size_t size)
{
    return must_fail() ? NULL : count(__real_calloc(blocks, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (must_fail())
        return NULL;
    return block ? __real_realloc(block, size) : count(__real_realloc(NULL, size));
}

void __wrap_free(void *block)
{
    if (block)
        allocation.live_blocks--;
    __real_free(block);
}
