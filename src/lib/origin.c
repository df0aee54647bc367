/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which process a handle was used by last, told by a page that is wiped in
 * children. Nothing is done here about what a child has inherited.
 */
#include "lib/origin.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t origin_page_size(void)
{
    long size = sysconf(_SC_PAGESIZE);

    return size > 0 ? (size_t)size : 4096;
}

/* A page of zeroes that children find so too, or null. */
static unsigned char *origin_new_page(void)
{
    size_t size = origin_page_size();
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return NULL;
    if (madvise(page, size, MADV_WIPEONFORK) == 0)
        return page;
    munmap(page, size);
    return NULL;
}

/* The namespace that the process id is of; left as it is where /proc is not there. */
static void origin_read_namespace(dev_t *device, ino_t *inode)
{
    struct stat namespace;

    if (stat("/proc/self/ns/pid", &namespace) < 0)
        return;
    *device = namespace.st_dev;
    *inode = namespace.st_ino;
}

void sc_origin_init(struct sc_origin *origin)
{
    *origin = (struct sc_origin){.mark = origin_new_page()};
    sc_origin_claim(origin);
}

void sc_origin_fini(struct sc_origin *origin)
{
    if (origin->mark)
        munmap((void *)origin->mark, origin_page_size());
    origin->mark = NULL;
}

bool sc_origin_is_another(const struct sc_origin *origin)
{
    dev_t device = origin->device;
    ino_t inode = origin->inode;

    if (origin->mark)
        return *origin->mark == 0;
    if (origin->process != getpid())
        return true;
    origin_read_namespace(&device, &inode);
    return device != origin->device || inode != origin->inode;
}

void sc_origin_claim(struct sc_origin *origin)
{
    if (origin->mark) {
        *origin->mark = 1;
        return;
    }
    origin->process = getpid();
    origin_read_namespace(&origin->device, &origin->inode);
}
