/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lays bytes against a page that must not be touched, on either side. A read beyond them ends the
 * test by SIGSEGV, which nobody here catches.
 */
#include "support/check.h"

#include "support/guarded.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void guarded_init(struct guarded *guarded, size_t at_least)
{
    size_t page = page_size();

    guarded->size = (at_least + page - 1) / page * page;
    char *whole =
        mmap(NULL, guarded->size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(whole, MAP_FAILED);
    guarded->memory = whole + page;
    assert_int_equal(mprotect(guarded->memory, guarded->size, PROT_READ | PROT_WRITE), 0);
}

void guarded_fini(struct guarded *guarded)
{
    size_t page = page_size();

    assert_int_equal(munmap(guarded->memory - page, guarded->size + 2 * page), 0);
    guarded->memory = NULL;
}

struct sc_bytes guarded_copy(struct guarded *guarded, struct sc_bytes bytes, enum guarded_side side)
{
    char *place = guarded->memory;

    assert_true(bytes.length <= guarded->size);
    if (side == GUARDED_AT_END)
        place += guarded->size - bytes.length;
    if (bytes.length > 0)
        memcpy(place, bytes.data, bytes.length);
    return (struct sc_bytes){place, bytes.length};
}

void guarded_spoil(struct guarded *guarded, struct sc_bytes copy)
{
    memset(guarded->memory + (copy.data - guarded->memory), 0xa5, copy.length);
}
