/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads how busy the machine is, from /proc/stat. Whose work that was is not
 * known here: the caller takes off what it has done itself.
 */
#include "busy.h"

#include <stdio.h>
#include <unistd.h>

uint64_t sc_busy_ns(void)
{
    /* user, nice, system, idle, iowait, irq, softirq */
    unsigned long long ticks[7] = {0};
    FILE *file = fopen("/proc/stat", "re");
    if (file == NULL)
        return 0;
    int got = fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &ticks[0], &ticks[1],
                     &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6]);
    fclose(file);
    long hertz = sysconf(_SC_CLK_TCK);
    if (got != 7 || hertz <= 0)
        return 0;
    unsigned long long busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6];
    return busy * (1000000000u / (unsigned long long)hertz);
}
