/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monotonic clock of a fuzz target, which stands still unless it is moved: it takes the place
 * of clock_gettime(2). The wall clock is let be.
 */
#include "clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* What stands in for a function of the C library can be told nothing by its callers. */
static int64_t now_ms = 1000;

int64_t clock_now_ms(void)
{
    return now_ms;
}

void clock_advance_ms(int64_t ms)
{
    now_ms += ms;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
        return (int)syscall(SYS_clock_gettime, clock, time);
    *time = (struct timespec){now_ms / 1000, now_ms % 1000 * 1000000};
    return 0;
}
