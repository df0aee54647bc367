/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_COVERAGE_H
#define SC_TESTS_COVERAGE_H

/*
 * Included before everything else in a build that measures coverage: a process
 * that ends by _exit() writes its figures first.
 */

#include <unistd.h>

void __gcov_dump(void);

_Noreturn static inline void sc_dump_and_exit(int status)
{
    __gcov_dump();
    _exit(status);
}

#define _exit(status) sc_dump_and_exit(status)

#endif
