/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The limit of descriptors: raised at the start, and told. Dividing what
 * there is among clients and connections is the affair of each service.
 */
#include "confine/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>

enum {
    DESCRIPTORS_MOST = 1 << 24,
    DESCRIPTORS_UNTOLD = 256, /* where the kernel refuses to tell: all of them allow so many */
    DESCRIPTORS_LOOKED_AT = 1024,
    DESCRIPTORS_COME_LATER = 8, /* the loop's own, the log's, those of processes beside us */
};

static size_t descriptors_raise_limit(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return DESCRIPTORS_UNTOLD;
    rlim_t limit = files.rlim_cur;
    files.rlim_cur = files.rlim_max;
    if (limit < files.rlim_max && setrlimit(RLIMIT_NOFILE, &files) == 0)
        limit = files.rlim_max;
    return limit < DESCRIPTORS_MOST ? (size_t)limit : DESCRIPTORS_MOST;
}

void sc_descriptors_raise(struct sc_descriptors *descriptors)
{
    descriptors->limit = descriptors_raise_limit();
    descriptors->used = DESCRIPTORS_COME_LATER;
    for (int fd = 0; fd < DESCRIPTORS_LOOKED_AT && (size_t)fd < descriptors->limit; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            descriptors->used++;
}
