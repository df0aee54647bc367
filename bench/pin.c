/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Binds a process to a processor, or lets it go. Which is best nobody here knows; by default
 * nothing is bound.
 */
#include "pin.h"

#include <sched.h>
#include <stdio.h>

void sc_pin_choose(int *server_cpu, int *load_cpu)
{
    cpu_set_t allowed;
    int found[2] = {-1, -1};
    int count = 0;

    if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
        for (int cpu = 0; cpu < CPU_SETSIZE && count < 2; cpu++) {
            if (CPU_ISSET((size_t)cpu, &allowed))
                found[count++] = cpu;
        }
    }
    *server_cpu = count == 2 ? found[0] : -1;
    *load_cpu = count == 2 ? found[1] : -1;
}

void sc_pin(int cpu)
{
    cpu_set_t set;
    if (cpu < 0)
        return;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set) < 0)
        perror("scache-bench: processor");
}

void sc_pin_nowhere(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    /* The kernel drops from the set what is not there or not ours. */
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        CPU_SET(cpu, &set);
    (void)sched_setaffinity(0, sizeof(set), &set);
}
