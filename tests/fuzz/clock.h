/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_FUZZ_CLOCK_H
#define SC_TESTS_FUZZ_CLOCK_H

/*
 * A monotonic clock that moves only when it is told to, in place of the
 * kernel's, for this process and all its libraries, the event loop's too. So
 * an input takes the same course each time it is played, however busy the
 * machine is, and a minute can pass in it.
 */

#include <stdint.h>

int64_t clock_now_ms(void);
void clock_advance_ms(int64_t ms);

#endif
