/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_ADVICE_H
#define SC_CTL_ADVICE_H

/*
 * Why there was no connection, what would help, and by how much: the server's
 * records of a time, and what follows from them. Nothing is shown here.
 *
 * Records (SECONDS, SHARE and counts are decimal):
 *
 *     advice   mode=master|standalone since_seconds acquisitions reused saves
 *              clamped ttl_limit_seconds
 *     reason   reason=NAME count
 *     curve    ttl reused held known=yes|no
 *     limit    parameter lost more: connections that it displaced, and how
 *              much higher it would have had to be
 *     place    kind user label acquisitions reused dead gain: the busiest
 *              destinations; gain: the share of its visits that longer keeping
 *              would have given
 */

#include <stdbool.h>
#include <stdint.h>

#include "curve.h"
#include "facts.h"

/* In this order, which is that of their gravity. */
enum sc_ctl_reason {
    SC_CTL_REASON_DEAD,
    SC_CTL_REASON_EVICTED,
    SC_CTL_REASON_DROPPED,
    SC_CTL_REASON_UNBOUND,
    SC_CTL_REASON_EXPIRED,
    SC_CTL_REASON_IN_USE,
    SC_CTL_REASON_UNKNOWN,
    SC_CTL_REASONS
};

enum sc_ctl_finding {
    SC_CTL_FINDING_TOO_FEW,     /* visits to say anything */
    SC_CTL_FINDING_ASKED_SHORT, /* expired: the programs ask for so little */
    SC_CTL_FINDING_CLAMPED,     /* expired: the server grants so little */
    SC_CTL_FINDING_SOME_PLACES, /* longer keeping helps at some destinations only */
    SC_CTL_FINDING_NEVER_SAVED, /* unknown */
    SC_CTL_FINDING_IN_USE,      /* all that there are were taken */
    SC_CTL_FINDING_DEAD,        /* far ends hang up before that */
    SC_CTL_FINDING_DISPLACED,   /* by a limit */
    SC_CTL_FINDING_NOTHING,     /* it is as good as it gets */
};

enum { SC_CTL_ADVICE_FINDINGS = 16, SC_CTL_ADVICE_VALUE = 160, SC_CTL_ADVICE_LEAST = 200 };

struct sc_ctl_proposal {
    enum sc_ctl_finding finding;
    const char *parameter;           /* null: there is none to set; static, or of a limit */
    char value[SC_CTL_ADVICE_VALUE]; /* of the parameter; or places, divided by commas */
    double gain;                     /* share of the visits; 0: not known */
    double share;                    /* of the misses that it speaks of */
};

struct sc_ctl_place {
    char *label; /* owned */
    int64_t acquisitions;
    int64_t reused;
    int64_t dead;
    double gain;
};

struct sc_ctl_limit {
    char *parameter; /* owned */
    int64_t lost;
    int64_t more;
};

struct sc_ctl_advice {
    bool is_master;
    double since;     /* seconds */
    double ttl_limit; /* seconds */
    int64_t acquisitions;
    int64_t reused;
    int64_t saves;
    int64_t clamped;
    int64_t reasons[SC_CTL_REASONS];
    struct sc_ctl_curve curve;
    struct sc_ctl_place *places; /* owned; the busiest first */
    size_t place_count;
    struct sc_ctl_limit *limits; /* owned */
    size_t limit_count;
    struct sc_ctl_proposal proposals[SC_CTL_ADVICE_FINDINGS];
    size_t proposal_count;
};

void sc_ctl_advice_init(struct sc_ctl_advice *advice);
void sc_ctl_advice_fini(struct sc_ctl_advice *advice);

/* Adds a record; one of another kind is passed over. Returns 0 or -ENOMEM. */
SC_CTL_MUST_CHECK int sc_ctl_advice_add(struct sc_ctl_advice *advice,
                                        const struct sc_ctl_facts *facts);

/* Once all records are there: fills in the proposals, the one that gains most first. */
void sc_ctl_advice_conclude(struct sc_ctl_advice *advice);

const char *sc_ctl_advice_reason_name(enum sc_ctl_reason reason);

/* In words that never change. */
const char *sc_ctl_advice_finding_name(enum sc_ctl_finding finding);

/* All that missed. */
int64_t sc_ctl_advice_missed(const struct sc_ctl_advice *advice);

/* Visits a day, as many as there were in the time. */
double sc_ctl_advice_a_day(const struct sc_ctl_advice *advice, double visits);

#endif
