/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places gone through in slices, for what advice is made of and for what is
 * shown of a label. How a record of the past looks is not known here.
 */
#include "control/advice.h"

#include <string.h>

#include "control/past.h"

enum { MS = 1000 };

/* The parameter that has set a limit; null: none has. */
static const char *advice_parameter(enum sc_end end)
{
    static const char *const names[SC_ENDS] = {
        [SC_END_SESSION_LIMIT] = "connection_cache_session_limit",
        [SC_END_ENDPOINT_LIMIT] = "connection_cache_endpoint_session_limit",
        [SC_END_USER_LIMIT] = "connection_cache_user_session_limit",
        [SC_END_MEMORY_LIMIT] = "connection_cache_memory_limit",
        [SC_END_LIFETIME] = "connection_cache_lifetime_limit",
        [SC_END_USE_LIMIT] = "connection_cache_use_limit",
    };

    return names[end];
}

static const struct sc_shelf *advice_shelf(const struct sc_desk *desk)
{
    return &desk->source.history->shelf;
}

/* The next place; null: there is none within this slice. */
static const struct sc_place *advice_next(struct sc_job *job, const struct sc_desk *desk,
                                          int *places)
{
    const struct sc_shelf *shelf = advice_shelf(desk);

    while (job->place < shelf->slot_count && --*places >= 0) {
        const struct sc_place *place = sc_shelf_at(shelf, job->place++);
        if (place)
            return place;
    }
    return NULL;
}

static bool advice_is_over(const struct sc_job *job, const struct sc_desk *desk)
{
    return job->place >= advice_shelf(desk)->slot_count;
}

/* --- show ----------------------------------------------------------------------- */

static bool advice_shows(const struct sc_job *job, const struct sc_place *place)
{
    const struct sc_ask *ask = &job->ask;
    enum sc_ask_what what =
        place->kind == SC_PLACE_ENDPOINT ? SC_ASK_ENDPOINTS : SC_ASK_DESTINATIONS;

    return sc_who_sees(&job->who, place->user) && (ask->user < 0 || ask->user == place->user) &&
           (ask->what == SC_ASK_NOTHING || ask->what == what) &&
           sc_bytes_equal(ask->label, sc_place_label(place));
}

int sc_advice_show(struct sc_job *job, struct sc_desk *desk, struct sc_buf *out, bool *more)
{
    const struct sc_place *place;
    int places = SC_JOB_PLACES;

    while ((place = advice_next(job, desk, &places))) {
        if (!advice_shows(job, place))
            continue;
        job->count++;
        int error = sc_past_tell(out, desk, place);
        if (error < 0)
            return error;
    }
    *more = !advice_is_over(job, desk);
    return 0;
}

/* --- advise ---------------------------------------------------------------------- */

/* Among the busiest of its kind, the busiest first. */
static void advice_rank(struct sc_job_busiest *busiest, const struct sc_place *place)
{
    size_t at = busiest->count;

    while (at > 0 && busiest->places[at - 1].lookups < place->lookups)
        at--;
    if (at == SC_JOB_BUSIEST || place->lookups == 0)
        return;
    size_t behind = busiest->count - at - (busiest->count == SC_JOB_BUSIEST);
    memmove(&busiest->places[at + 1], &busiest->places[at], behind * sizeof(busiest->places[0]));
    busiest->places[at].lookups = place->lookups;
    busiest->places[at].ref = place->ref;
    busiest->count += busiest->count < SC_JOB_BUSIEST;
}

static int advice_tell_place(struct sc_buf *out, const struct sc_desk *desk,
                             const struct sc_place *place)
{
    struct sc_list_writer record = sc_record_begin(out, "place");
    struct sc_curve_point points[SC_CURVE_TIMES];
    size_t times = sc_past_times(desk);

    sc_past_read_curve(desk, place, points);
    uint64_t best = times > 0 ? points[sc_history_knee(points, times, place->lookups)].hits : 0;
    best = best < place->lookups ? best : place->lookups;
    double gain = best > place->hits ? (double)(best - place->hits) / (double)place->lookups : 0;
    sc_list_put(&record, "kind",
                place->kind == SC_PLACE_ENDPOINT ? SC_BYTES("endpoint") : SC_BYTES("destination"));
    sc_record_number(&record, "user", place->user);
    sc_record_text(&record, "label", sc_place_label(place));
    sc_list_put_number(&record, "acquisitions", place->lookups);
    sc_list_put_number(&record, "reused", place->hits);
    sc_list_put_number(&record, "dead", place->misses[SC_MISS_DEAD]);
    sc_past_put_share(&record, "gain", gain);
    return sc_list_end(&record);
}

/* Who saves no bindings looks up endpoints only. */
static int advice_tell_busiest(struct sc_job *job, const struct sc_desk *desk, struct sc_buf *out)
{
    const struct sc_job_busiest *busiest = &job->busiest[SC_PLACE_DESTINATION];
    int error = 0;

    if (busiest->count == 0)
        busiest = &job->busiest[SC_PLACE_ENDPOINT];
    for (size_t i = 0; i < busiest->count && error == 0; i++) {
        const struct sc_place *place = sc_shelf_follow(advice_shelf(desk), busiest->places[i].ref);
        if (!place)
            continue;
        error = advice_tell_place(out, desk, place);
        job->count++;
    }
    return error;
}

static int advice_tell_limits(struct sc_job *job, const struct sc_desk *desk, struct sc_buf *out)
{
    int error = 0;

    for (enum sc_end end = 0; end < SC_ENDS && error == 0; end++) {
        const struct sc_history_limit *limit = &desk->source.history->limits[end];
        const char *parameter = advice_parameter(end);
        if (limit->lost == 0 || !parameter)
            continue;
        struct sc_list_writer record = sc_record_begin(out, "limit");
        sc_list_put(&record, "parameter", sc_bytes_of(parameter));
        sc_list_put_number(&record, "lost", limit->lost);
        /* By how many connections; other limits are not of such. */
        if (end == SC_END_SESSION_LIMIT || end == SC_END_ENDPOINT_LIMIT || end == SC_END_USER_LIMIT)
            sc_list_put_number(&record, "more", sc_history_limit_more(limit));
        error = sc_list_end(&record);
        job->count++;
    }
    return error;
}

static uint64_t advice_acquisitions(const struct sc_history *history)
{
    uint64_t sum = history->reused;

    for (size_t i = 0; i < SC_MISSES; i++)
        sum += history->missed[i];
    return sum;
}

static int advice_tell_totals(const struct sc_desk *desk, struct sc_buf *out)
{
    const struct sc_history *history = desk->source.history;
    const struct sc_params *params = desk->source.params(desk->source.context);
    struct sc_list_writer record = sc_record_begin(out, "advice");

    sc_list_put(&record, "mode", sc_bytes_of(desk->mode));
    sc_record_number(&record, "since_seconds", (sc_desk_now(desk) - history->since) / MS);
    sc_list_put_number(&record, "acquisitions", advice_acquisitions(history));
    sc_list_put_number(&record, "reused", history->reused);
    sc_list_put_number(&record, "saves", history->curve.saves);
    sc_list_put_number(&record, "clamped", desk->source.stats->counters[SC_TTL_CLAMPED_CONNECTION]);
    sc_record_number(&record, "ttl_limit_seconds", params->server.ttl_limit / MS);
    sc_list_put_number(&record, "places", history->shelf.count);
    sc_list_put_number(&record, "forgotten", history->forgotten.places);
    sc_list_put_number(&record, "forgotten_lookups", history->forgotten.lookups);
    return sc_list_end(&record);
}

static int advice_tell(struct sc_job *job, const struct sc_desk *desk, struct sc_buf *out)
{
    const struct sc_history *history = desk->source.history;
    struct sc_curve_point points[SC_CURVE_TIMES];
    int error = advice_tell_totals(desk, out);

    for (enum sc_miss reason = 0; reason < SC_MISSES && error == 0; reason++)
        error = sc_past_tell_reason(out, reason, history->missed[reason]);
    sc_curve_read(&history->curve, sc_desk_now(desk) - history->since, points);
    if (error == 0)
        error = sc_past_tell_curve(out, desk, points, advice_acquisitions(history));
    job->count = 1 + SC_MISSES + sc_past_times(desk);
    if (error == 0)
        error = advice_tell_limits(job, desk, out);
    return error < 0 ? error : advice_tell_busiest(job, desk, out);
}

int sc_advice_step(struct sc_job *job, struct sc_desk *desk, struct sc_buf *out, bool *more)
{
    const struct sc_place *place;
    int places = SC_JOB_PLACES;

    while ((place = advice_next(job, desk, &places)))
        advice_rank(&job->busiest[place->kind], place);
    *more = !advice_is_over(job, desk);
    return *more ? 0 : advice_tell(job, desk, out);
}
