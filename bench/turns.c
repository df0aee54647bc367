/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs lanes in turn, round by round, and takes their figures. How lanes compare is for the
 * reader of the figures.
 */
#include "turns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void turns_take_samples(struct sc_lane *lane, unsigned round,
                               const struct sc_load_result *result)
{
    double requests = result->requests > 0 ? (double)result->requests : 1;
    lane->samples[SC_RATE][round] = (double)result->requests / result->seconds;
    lane->samples[SC_CPU][round] = (double)result->cpu_ns / 1000 / requests;
    lane->samples[SC_P50][round] = sc_hist_quantile(&result->hist, 0.5) / 1000;
    lane->samples[SC_P99][round] = sc_hist_quantile(&result->hist, 0.99) / 1000;
    lane->samples[SC_P999][round] = sc_hist_quantile(&result->hist, 0.999) / 1000;
    lane->samples[SC_RSS][round] = (double)result->rss;
    lane->samples[SC_OTHERS][round] = (double)result->others_ns / 1e9 / result->seconds;
    lane->samples[SC_OWN_CPU][round] = (double)result->own_cpu_ns / 1e9 / result->seconds;
}

/* Descriptors must have come back as often as connections were found. */
static int turns_count_check(const struct sc_lane *lane, const struct sc_load_result *result)
{
    static const unsigned requests_per_find[] = {3, 2, 0, 2};
    unsigned per_find = requests_per_find[lane->plan.work];
    uint64_t due = per_find > 0 ? result->requests / per_find : 0;
    uint64_t slack = lane->plan.clients; /* each may be in the midst of its round */
    if (result->descriptors + slack >= due && result->descriptors <= due + slack)
        return 0;
    fprintf(stderr, "scache-bench: %s: %llu descriptors came for %llu requests\n", lane->label,
            (unsigned long long)result->descriptors, (unsigned long long)result->requests);
    return -EPROTO;
}

static void turns_progress(const char *title, unsigned round, unsigned rounds, const char *label)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%s: round %u of %u, %s", title, round, rounds, label);
    else if (round == 1)
        fprintf(stderr, "%s: %s\n", title, label);
}

int sc_turns_run(struct sc_lane *lanes, unsigned count, unsigned rounds, struct sc_supply *pool,
                 const char *title)
{
    struct sc_load_result *result = malloc(sizeof(*result));
    int err = result == NULL ? -ENOMEM : 0;

    for (unsigned round = 0; round < rounds && err == 0; round++) {
        for (unsigned i = 0; i < count && err == 0; i++) {
            turns_progress(title, round + 1, rounds, lanes[i].label);
            err = sc_load_run(lanes[i].target, pool, &lanes[i].plan, result);
            if (err == 0)
                err = turns_count_check(&lanes[i], result);
            if (err == 0)
                turns_take_samples(&lanes[i], round, result);
        }
    }
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    free(result);
    return err;
}
