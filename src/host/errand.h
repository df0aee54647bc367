/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_ERRAND_H
#define SC_HOST_ERRAND_H

/*
 * Something that may take as long as it likes, and so is not done by the loop
 * but by a thread of its own, of which there is one at most. The loop is told
 * when it is done. A thread that hangs hangs nobody; at the end of the process
 * it is left behind, with all that it was given.
 *
 * What is done there must not touch what the loop may change meanwhile.
 */

#include <stdbool.h>

#include "base/util.h"
#include "loop/timer.h"
#include "loop/watch.h"

struct sc_errand {
    struct sc_watch watch;
    struct sc_timer look; /* where the kernel could not watch it */
    int ends[2];          /* the thread says at the second that it has ended */
    void (*run)(void *job);
    void (*done)(struct sc_errand *errand, void *job);
    void *job; /* that is under way, or null */
};

/* @run is called in the thread, @done in the loop afterwards. Returns 0 or -errno. */
SC_MUST_CHECK int sc_errand_init(struct sc_errand *errand, struct sc_loop *loop,
                                 void (*run)(void *job),
                                 void (*done)(struct sc_errand *errand, void *job));

static inline bool sc_errand_is_ready(const struct sc_errand *errand)
{
    return errand->watch.loop;
}

/*
 * Returns whether a job was left behind: then nothing that it uses may be
 * freed. An errand of all zeros was never begun.
 */
bool sc_errand_fini(struct sc_errand *errand);

/* Begins. Returns 0; -EBUSY when the last one is still under way; or another -errno. */
SC_MUST_CHECK int sc_errand_start(struct sc_errand *errand, void *job);

#endif
