/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts and stops the servers that are compared. By what they are compared,
 * and what they carry meanwhile, is not known here.
 */
#include "group.h"

#include <stddef.h>

int sc_group_start(struct sc_group *group, const struct sc_bench *bench, unsigned client_limit)
{
    *group = (struct sc_group){0};
    for (int kind = 0; kind < SC_TARGET_KINDS; kind++) {
        group->targets[kind] = (struct sc_target){.launch.log_fd = -1};
        if (!bench->wanted[kind])
            continue;
        struct sc_target_setup setup = {.launch = {.program = bench->programs[kind],
                                                   .home = bench->home,
                                                   .ttl_limit = bench->ttl,
                                                   .client_limit = client_limit,
                                                   .cpu = bench->server_cpu},
                                        .verbose = bench->verbose};
        int err = sc_target_start(&group->targets[kind], (enum sc_target_kind)kind, &setup);
        if (err < 0) {
            sc_group_stop(group);
            return err;
        }
        group->up[kind] = true;
    }
    return 0;
}

void sc_group_stop(struct sc_group *group)
{
    for (int kind = 0; kind < SC_TARGET_KINDS; kind++) {
        if (group->up[kind])
            sc_target_stop(&group->targets[kind]);
        group->up[kind] = false;
    }
}
