/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Draws conclusions. The sentences for them are elsewhere, as text and as a
 * page; so is how a time to live is tried.
 */
#include "advice.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oneline.h"
#include "util.h"

enum { ADVICE_DAY = 86400, ADVICE_PLACES_NAMED = 5, ADVICE_PLACE_WIDTH = 60 };

/* Shares from which on a finding is worth a word. */
static const double advice_some = 0.05;      /* of the misses, for what can be helped */
static const double advice_many = 0.2;       /* of the misses, for what cannot */
static const double advice_clamped = 0.5;    /* of the saves */
static const double advice_dead = 0.2;       /* of what lay there, at one place */
static const double advice_few_visits = 0.2; /* gain at so few is gain at some places only */
static const double advice_most_gain = 0.8;

static const char *const reasons[SC_CTL_REASONS] = {
    [SC_CTL_REASON_DEAD] = "dead",       [SC_CTL_REASON_EVICTED] = "evicted",
    [SC_CTL_REASON_DROPPED] = "dropped", [SC_CTL_REASON_UNBOUND] = "unbound",
    [SC_CTL_REASON_EXPIRED] = "expired", [SC_CTL_REASON_IN_USE] = "in_use",
    [SC_CTL_REASON_UNKNOWN] = "unknown",
};

const char *sc_ctl_advice_reason_name(enum sc_ctl_reason reason)
{
    return reasons[reason];
}

const char *sc_ctl_advice_finding_name(enum sc_ctl_finding finding)
{
    static const char *const names[] = {
        [SC_CTL_FINDING_TOO_FEW] = "too few",
        [SC_CTL_FINDING_ASKED_SHORT] = "asked short",
        [SC_CTL_FINDING_CLAMPED] = "clamped",
        [SC_CTL_FINDING_SOME_PLACES] = "some places",
        [SC_CTL_FINDING_NEVER_SAVED] = "never saved",
        [SC_CTL_FINDING_IN_USE] = "in use",
        [SC_CTL_FINDING_DEAD] = "dead",
        [SC_CTL_FINDING_DISPLACED] = "displaced",
        [SC_CTL_FINDING_NOTHING] = "nothing",
    };

    return names[finding];
}

void sc_ctl_advice_init(struct sc_ctl_advice *advice)
{
    *advice = (struct sc_ctl_advice){0};
    sc_ctl_curve_init(&advice->curve);
}

void sc_ctl_advice_fini(struct sc_ctl_advice *advice)
{
    for (size_t i = 0; i < advice->place_count; i++)
        free(advice->places[i].label);
    for (size_t i = 0; i < advice->limit_count; i++)
        free(advice->limits[i].parameter);
    free(advice->places);
    free(advice->limits);
    sc_ctl_curve_fini(&advice->curve);
    sc_ctl_advice_init(advice);
}

static void advice_take_totals(struct sc_ctl_advice *advice, const struct sc_ctl_facts *facts)
{
    advice->is_master = sc_ctl_facts_is(facts, "mode", "master");
    advice->since = sc_ctl_facts_real(facts, "since_seconds", 0);
    advice->ttl_limit = sc_ctl_facts_real(facts, "ttl_limit_seconds", 0);
    advice->acquisitions = sc_ctl_facts_number(facts, "acquisitions", 0);
    advice->reused = sc_ctl_facts_number(facts, "reused", 0);
    advice->saves = sc_ctl_facts_number(facts, "saves", 0);
    advice->clamped = sc_ctl_facts_number(facts, "clamped", 0);
}

static void advice_take_reason(struct sc_ctl_advice *advice, const struct sc_ctl_facts *facts)
{
    for (int i = 0; i < SC_CTL_REASONS; i++)
        if (sc_ctl_facts_is(facts, "reason", reasons[i]))
            advice->reasons[i] += sc_ctl_facts_number(facts, "count", 0);
}

static int advice_add_place(struct sc_ctl_advice *advice, const struct sc_ctl_facts *facts)
{
    struct sc_ctl_place place = {
        .label = strdup(sc_ctl_facts_text(facts, "label")),
        .acquisitions = sc_ctl_facts_number(facts, "acquisitions", 0),
        .reused = sc_ctl_facts_number(facts, "reused", 0),
        .dead = sc_ctl_facts_number(facts, "dead", 0),
        .gain = sc_ctl_facts_real(facts, "gain", 0),
    };
    struct sc_ctl_place *places =
        place.label ? reallocarray(advice->places, advice->place_count + 1, sizeof(place)) : NULL;

    if (!places) {
        free(place.label);
        return -ENOMEM;
    }
    advice->places = places;
    size_t at = advice->place_count++;
    for (; at > 0 && places[at - 1].acquisitions < place.acquisitions; at--)
        places[at] = places[at - 1];
    places[at] = place;
    return 0;
}

static int advice_add_limit(struct sc_ctl_advice *advice, const struct sc_ctl_facts *facts)
{
    struct sc_ctl_limit limit = {
        .parameter = strdup(sc_ctl_facts_text(facts, "parameter")),
        .lost = sc_ctl_facts_number(facts, "lost", 0),
        .more = sc_ctl_facts_number(facts, "more", 0),
    };
    struct sc_ctl_limit *limits =
        limit.parameter ? reallocarray(advice->limits, advice->limit_count + 1, sizeof(limit))
                        : NULL;

    if (!limits) {
        free(limit.parameter);
        return -ENOMEM;
    }
    advice->limits = limits;
    limits[advice->limit_count++] = limit;
    return 0;
}

int sc_ctl_advice_add(struct sc_ctl_advice *advice, const struct sc_ctl_facts *facts)
{
    if (sc_ctl_facts_is(facts, "record", "advice"))
        advice_take_totals(advice, facts);
    else if (sc_ctl_facts_is(facts, "record", "reason"))
        advice_take_reason(advice, facts);
    else if (sc_ctl_facts_is(facts, "record", "place"))
        return advice_add_place(advice, facts);
    else if (sc_ctl_facts_is(facts, "record", "limit"))
        return advice_add_limit(advice, facts);
    return sc_ctl_curve_add(&advice->curve, facts);
}

int64_t sc_ctl_advice_missed(const struct sc_ctl_advice *advice)
{
    int64_t missed = advice->acquisitions - advice->reused;

    return missed > 0 ? missed : 0;
}

double sc_ctl_advice_a_day(const struct sc_ctl_advice *advice, double visits)
{
    return advice->since > 0 ? visits * ADVICE_DAY / advice->since : 0;
}

static double advice_share_of(const struct sc_ctl_advice *advice, enum sc_ctl_reason reason)
{
    int64_t missed = sc_ctl_advice_missed(advice);

    return missed > 0 ? (double)advice->reasons[reason] / (double)missed : 0;
}

static struct sc_ctl_proposal *advice_propose(struct sc_ctl_advice *advice,
                                              enum sc_ctl_finding finding, const char *parameter,
                                              double gain, double share)
{
    /* There are fewer kinds than places, limits aside, and the last one is as good as any. */
    if (advice->proposal_count == SC_CTL_ADVICE_FINDINGS)
        advice->proposal_count--;
    struct sc_ctl_proposal *proposal = &advice->proposals[advice->proposal_count++];
    *proposal = (struct sc_ctl_proposal){
        .finding = finding, .parameter = parameter, .gain = gain, .share = share};
    return proposal;
}

/* A time that is set is a whole number of seconds. */
static void advice_write_ttl(struct sc_ctl_proposal *proposal, double ttl)
{
    snprintf(proposal->value, sizeof(proposal->value), "%.0fs", ceil(ttl));
}

/* A destination as one would write it into a parameter: the second field of its label. */
static void advice_append_place(char *value, const char *label)
{
    size_t length = strlen(value);
    const char *name = strchr(label, '\n');
    char line[SC_CTL_ONELINE_SIZE(ADVICE_PLACE_WIDTH)];
    char *field = strdup(name && name[1] ? name + 1 : label);

    if (!field)
        return;
    field[strcspn(field, "\n")] = '\0';
    sc_ctl_oneline(line, field, ADVICE_PLACE_WIDTH, false);
    free(field);
    snprintf(value + length, SC_CTL_ADVICE_VALUE - length, "%s%s", length ? ", " : "", line);
}

/* Whether what is to be gained lies with few: then only these are worth it. */
static bool advice_is_at_some_places(const struct sc_ctl_advice *advice)
{
    double gain = 0, few_gain = 0;
    int64_t few_visits = 0;

    for (size_t i = 0; i < advice->place_count; i++) {
        double gained = advice->places[i].gain * (double)advice->places[i].acquisitions;
        gain += gained;
        if (advice->places[i].gain < advice_some)
            continue;
        few_gain += gained;
        few_visits += advice->places[i].acquisitions;
    }
    return gain > 0 && few_gain >= advice_most_gain * gain &&
           (double)few_visits <= advice_few_visits * (double)advice->acquisitions;
}

static void advice_on_some_places(struct sc_ctl_advice *advice)
{
    double gained = 0;
    int named = 0;
    struct sc_ctl_proposal *proposal =
        advice_propose(advice, SC_CTL_FINDING_SOME_PLACES,
                       advice->is_master ? "smtp_connection_cache_destinations" : NULL, 0,
                       advice_share_of(advice, SC_CTL_REASON_EXPIRED));

    for (size_t i = 0; i < advice->place_count; i++) {
        if (advice->places[i].gain < advice_some)
            continue;
        gained += advice->places[i].gain * (double)advice->places[i].acquisitions;
        if (named++ < ADVICE_PLACES_NAMED)
            advice_append_place(proposal->value, advice->places[i].label);
    }
    proposal->gain = gained / (double)advice->acquisitions;
}

static void advice_on_expired(struct sc_ctl_advice *advice)
{
    double reused = (double)advice->reused / (double)advice->acquisitions;
    const struct sc_ctl_point *knee = sc_ctl_curve_knee(&advice->curve, reused);
    double share = advice_share_of(advice, SC_CTL_REASON_EXPIRED);

    if (share < advice_some || !knee)
        return;
    if (advice_is_at_some_places(advice)) {
        advice_on_some_places(advice);
        return;
    }
    bool is_clamped =
        (double)advice->clamped >= advice_clamped * (double)advice->saves && advice->saves > 0;
    enum sc_ctl_finding finding = is_clamped ? SC_CTL_FINDING_CLAMPED : SC_CTL_FINDING_ASKED_SHORT;
    double gain = knee->reused - reused;
    advice_write_ttl(advice_propose(advice, finding, "connection_cache_ttl_limit", gain, share),
                     knee->ttl);
    if (!is_clamped && advice->is_master)
        advice_write_ttl(
            advice_propose(advice, finding, "smtp_connection_cache_time_limit", gain, share),
            knee->ttl);
}

static void advice_on_dead(struct sc_ctl_advice *advice)
{
    struct sc_ctl_proposal *proposal = NULL;
    int named = 0;

    for (size_t i = 0; i < advice->place_count; i++) {
        const struct sc_ctl_place *place = &advice->places[i];
        if ((double)place->dead <= advice_dead * (double)(place->dead + place->reused))
            continue;
        if (!proposal)
            proposal = advice_propose(advice, SC_CTL_FINDING_DEAD, NULL, 0,
                                      advice_share_of(advice, SC_CTL_REASON_DEAD));
        if (named++ < ADVICE_PLACES_NAMED)
            advice_append_place(proposal->value, place->label);
    }
}

static void advice_on_displaced(struct sc_ctl_advice *advice)
{
    int64_t missed = sc_ctl_advice_missed(advice);
    double share = advice_share_of(advice, SC_CTL_REASON_EVICTED);

    if (share < advice_some)
        return;
    for (size_t i = 0; i < advice->limit_count; i++) {
        const struct sc_ctl_limit *limit = &advice->limits[i];
        if (limit->lost <= 0 || (double)limit->lost < advice_some * (double)missed)
            continue;
        struct sc_ctl_proposal *proposal =
            advice_propose(advice, SC_CTL_FINDING_DISPLACED, limit->parameter,
                           (double)limit->lost / (double)advice->acquisitions, share);
        snprintf(proposal->value, sizeof(proposal->value), "+%lld", (long long)limit->more);
    }
}

static void advice_on_many(struct sc_ctl_advice *advice, enum sc_ctl_reason reason,
                           enum sc_ctl_finding finding)
{
    double share = advice_share_of(advice, reason);

    if (share >= advice_many)
        advice_propose(advice, finding, NULL, 0, share);
}

static int advice_compare(const void *one, const void *other)
{
    const struct sc_ctl_proposal *a = one, *b = other;

    if (a->gain != b->gain)
        return a->gain < b->gain ? 1 : -1;
    return a->share < b->share ? 1 : a->share > b->share ? -1 : 0;
}

void sc_ctl_advice_conclude(struct sc_ctl_advice *advice)
{
    advice->proposal_count = 0;
    if (advice->acquisitions < SC_CTL_ADVICE_LEAST) {
        advice_propose(advice, SC_CTL_FINDING_TOO_FEW, NULL, 0, 0);
        return;
    }
    advice_on_expired(advice);
    advice_on_displaced(advice);
    advice_on_dead(advice);
    advice_on_many(advice, SC_CTL_REASON_UNKNOWN, SC_CTL_FINDING_NEVER_SAVED);
    advice_on_many(advice, SC_CTL_REASON_IN_USE, SC_CTL_FINDING_IN_USE);
    if (advice->proposal_count == 0)
        advice_propose(advice, SC_CTL_FINDING_NOTHING, NULL, 0, 0);
    qsort(advice->proposals, advice->proposal_count, sizeof(advice->proposals[0]), advice_compare);
}
