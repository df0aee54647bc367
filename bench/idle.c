/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients that are connected and say nothing, while a server is measured or its size is taken.
 * They are greeted, and then let alone.
 */
#include "idle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRAIN_EVERY 32

int sc_idle_grow(struct sc_idle *idle, struct sc_target *target, unsigned count)
{
    if (count <= idle->count)
        return 0;
    int *fds = reallocarray(idle->fds, count, sizeof(int));
    if (fds == NULL)
        return -ENOMEM;
    idle->fds = fds;
    while (idle->count < count) {
        int fd = sc_target_connect(target);
        if (fd < 0) {
            fprintf(stderr, "scache-bench: %s: idle client %u: %s\n", sc_target_name(target->kind),
                    idle->count + 1, strerror(-fd));
            return fd;
        }
        fds[idle->count++] = fd;
        if (idle->count % DRAIN_EVERY == 0)
            sc_target_drain(target);
    }
    return 0;
}

void sc_idle_fini(struct sc_idle *idle)
{
    for (unsigned i = 0; i < idle->count; i++)
        close(idle->fds[i]);
    free(idle->fds);
    *idle = (struct sc_idle){0};
}
