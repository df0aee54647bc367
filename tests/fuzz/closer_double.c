/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A closer without processes and threads: it closes at the next flush, or never while it is told
 * to hang. Nothing that could block is ever given to it.
 */
#include "closer_double.h"

#include <unistd.h>

#include "descriptors.h"
#include "fuzz.h"

struct sc_closer {
    int taken[DESCRIPTORS_MOST];
    bool is_taken[DESCRIPTORS_MOST]; /* so that none is taken twice */
    size_t count;
    bool hangs;
};

struct sc_closer *closer_double_new(void)
{
    struct sc_closer *closer = calloc(1, sizeof(*closer));

    require(closer);
    return closer;
}

static void close_all(struct sc_closer *closer)
{
    for (size_t i = 0; i < closer->count; i++) {
        closer->is_taken[closer->taken[i]] = false;
        require(close(closer->taken[i]) == 0);
    }
    closer->count = 0;
}

void closer_double_free(struct sc_closer *closer)
{
    close_all(closer);
    free(closer);
}

void closer_double_hang(struct sc_closer *closer, bool hangs)
{
    closer->hangs = hangs;
}

void sc_closer_take(struct sc_closer *closer, int fd, uint8_t nature, int64_t user)
{
    (void)nature;
    (void)user;
    require(fd >= 0 && fd < DESCRIPTORS_MOST && !closer->is_taken[fd]);
    closer->is_taken[fd] = true;
    closer->taken[closer->count++] = fd;
}

void sc_closer_flush(struct sc_closer *closer, int64_t now)
{
    (void)now;
    if (!closer->hangs)
        close_all(closer);
}

void sc_closer_expect(struct sc_closer *closer, uint8_t nature)
{
    (void)closer;
    (void)nature;
}

int64_t sc_closer_due(const struct sc_closer *closer)
{
    return closer->count > 0 ? 0 : INT64_MAX;
}

size_t sc_closer_pending(const struct sc_closer *closer)
{
    return closer->count;
}

size_t sc_closer_queued(const struct sc_closer *closer)
{
    return closer->count;
}
