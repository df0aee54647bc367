/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_TALLY_H
#define SC_CTL_TALLY_H

/*
 * How old a connection is and how often it was used, so that it can be
 * bounded whatever the server does. It travels with the connection, as its
 * property, in lines like those of a label:
 *
 *     opened=SECONDS      by CLOCK_BOOTTIME
 *     uses=NUMBER         programs that had it
 *     text=PROPERTY       what --property says, if it does
 *
 * A property of another form is somebody else's: then nothing is known.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util.h"

struct sc_ctl_tally {
    bool is_known;
    int64_t opened; /* seconds */
    int64_t uses;
};

/* That of a connection which was opened at @now and has served nobody. */
struct sc_ctl_tally sc_ctl_tally_new(int64_t now);

/* Reads a property. A time after @now, of another machine's clock, is not known. */
struct sc_ctl_tally sc_ctl_tally_read(const char *property, int64_t now);

/* The property that says so, the caller's; null: no memory. @text may be null. */
SC_CTL_MUST_CHECK char *sc_ctl_tally_write(const struct sc_ctl_tally *tally, const char *text);

/*
 * Whether a bound is reached, so that nobody shall have it any more; a bound
 * of -1 is none. What is not known has reached every bound.
 */
SC_CTL_MUST_CHECK bool sc_ctl_tally_is_old(const struct sc_ctl_tally *tally, int64_t now,
                                           int max_age);
SC_CTL_MUST_CHECK bool sc_ctl_tally_is_used_up(const struct sc_ctl_tally *tally, int max_uses);

/* Seconds of @ttl that are left until the age is reached; at least 1. */
SC_CTL_MUST_CHECK int sc_ctl_tally_ttl(const struct sc_ctl_tally *tally, int64_t now, int max_age,
                                       int ttl);

#endif
