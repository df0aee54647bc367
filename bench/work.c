/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of workloads, as an option has them and a table shows them. What a workload says to a
 * server is script.c's affair.
 */
#include "work.h"

#include <errno.h>
#include <string.h>

static const char *const work_names[] = {"cycle", "endpoint", "miss", "puttake"};

const char *sc_work_name(enum sc_work work)
{
    return work_names[work];
}

int sc_work_parse(const char *name, enum sc_work *work)
{
    for (unsigned i = 0; i < sizeof(work_names) / sizeof(work_names[0]); i++) {
        if (strcmp(name, work_names[i]) == 0) {
            *work = (enum sc_work)i;
            return 0;
        }
    }
    return -EINVAL;
}
