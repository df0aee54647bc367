/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command ping: whether a server answers, and how soon. It leaves nothing
 * in the cache.
 */
#include <time.h>

#include "ctl.h"
#include "outcome.h"

static double ping_milliseconds_since(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) * 1e3 +
           (double)(now.tv_nsec - start->tv_nsec) / 1e6;
}

int sc_ctl_ping(struct sc_ctl *ctl)
{
    struct timespec start;

    clock_gettime(CLOCK_MONOTONIC, &start);
    int outcome = scache_ping(ctl->cache);
    double elapsed = ping_milliseconds_since(&start);
    const char *path = scache_path(ctl->cache);
    sc_ctl_record_begin(&ctl->out, "ping", outcome == SCACHE_DONE ? "answered" : "no answer");
    sc_ctl_record_add_text(&ctl->out, "socket", path ? path : "");
    if (outcome == SCACHE_DONE)
        sc_ctl_record_add_real(&ctl->out, "milliseconds", elapsed);
    sc_ctl_outcome_note(ctl, outcome);
    sc_ctl_record_end(&ctl->out);
    return sc_ctl_outcome_of_look_up(ctl, outcome);
}
