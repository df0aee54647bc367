/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_FAULT_INJECT_H
#define SC_TESTS_FAULT_INJECT_H

/*
 * Stands between a program and the C library and makes one chosen call fail:
 * the n-th allocation, or the n-th call of one function of calls.def. All others
 * go through, and all are counted, so whoever tries n = 1, 2, and so on until
 * nothing failed has tried them all. It is linked into the program itself with
 * the linker's --wrap (see meson.build), libev included, so it works under
 * sanitizers too.
 *
 * A program is told by a page that it shares with whoever has started it: the
 * file named by the environment's SC_FAULT_PAGE. Without one nothing fails
 * until fault_plan() is called. A child process shares the page and the
 * counting. SC_FAULT_SPEED makes the monotonic clock run so many times
 * faster, which shortens what only waits.
 *
 * What is not counted: memory that the C library allocates for itself, and
 * close(2), which leaves nothing to be done when it fails.
 */

#include <stdbool.h>
#include <stdint.h>

enum { FAULT_NAME_SIZE = 24, FAULT_CALLS_MOST = 120 };

/* The Python side, page.py, knows this layout. */
struct fault_page {
    char call[FAULT_NAME_SIZE]; /* which is to fail; empty: none */
    uint32_t nth;               /* counted from one */
    int32_t error;              /* an errno value */
    uint32_t happened;          /* how many have failed: none or one */
    uint32_t calls;             /* how many of the following are used */
    int64_t live_blocks;        /* allocated and not freed by the first process */
    struct {
        char name[FAULT_NAME_SIZE];
        uint64_t count;
    } each[FAULT_CALLS_MOST];
};

/*
 * From here on the n-th call of that name fails with this error; "allocation"
 * stands for all functions that allocate. Null: none fails. False if there is
 * no such call.
 */
bool fault_plan(const char *call, uint32_t nth, int error);

/* Whether it has failed since. */
bool fault_has_happened(void);

int64_t fault_live_blocks(void);

#endif
