/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places, reasons and curves as records. What follows from them is not said
 * here.
 */
#include "control/past.h"

#include <stdio.h>

enum { MS = 1000 };

static const char *past_kind(const struct sc_place *place)
{
    return place->kind == SC_PLACE_ENDPOINT ? "endpoint" : "destination";
}

const struct sc_place *sc_past_of_endpoint(const struct sc_desk *desk, struct sc_endpoint *endpoint)
{
    const struct sc_place_name name = {
        .kind = SC_PLACE_ENDPOINT,
        .user = sc_space_user(sc_endpoint_space(endpoint)),
        .label = sc_endpoint_label(endpoint),
        .slot = sc_endpoint_place(endpoint),
    };

    return sc_shelf_find(&desk->source.history->shelf, &name);
}

const struct sc_place *sc_past_of_destination(const struct sc_desk *desk,
                                              struct sc_destination *destination)
{
    const struct sc_place_name name = {
        .kind = SC_PLACE_DESTINATION,
        .user = sc_space_user(sc_destination_space(destination)),
        .label = sc_destination_label(destination),
        .slot = sc_destination_place(destination),
    };

    return sc_shelf_find(&desk->source.history->shelf, &name);
}

void sc_past_put_share(struct sc_list_writer *record, const char *name, double share)
{
    char text[32];

    snprintf(text, sizeof(text), "%.4f", share);
    sc_list_put(record, name, sc_bytes_of(text));
}

void sc_past_put(struct sc_list_writer *record, const struct sc_desk *desk,
                 const struct sc_place *place)
{
    if (!place)
        return;
    sc_list_put_number(record, "lookups", place->lookups);
    sc_list_put_number(record, "hits", place->hits);
    sc_list_put_number(record, "misses", sc_place_misses(place));
    if (place->lookups > 0)
        sc_record_number(record, "last_ms", sc_desk_now(desk) - place->looked_up);
}

static void past_put_name(struct sc_list_writer *record, const struct sc_place *place)
{
    sc_record_number(record, "user", place->user);
    sc_record_text(record, "label", sc_place_label(place));
}

int sc_past_tell_entry(struct sc_buf *out, const struct sc_desk *desk, const struct sc_place *place)
{
    struct sc_list_writer record = sc_record_begin(out, past_kind(place));

    past_put_name(&record, place);
    sc_list_put_number(&record, place->kind == SC_PLACE_ENDPOINT ? "connections" : "bindings",
                       place->live);
    sc_past_put(&record, desk, place);
    return sc_list_end(&record);
}

int sc_past_tell_reason(struct sc_buf *out, enum sc_miss reason, uint64_t count)
{
    struct sc_list_writer record = sc_record_begin(out, "reason");

    sc_list_put(&record, "reason", sc_bytes_of(sc_miss_name(reason)));
    sc_list_put_number(&record, "count", count);
    return sc_list_end(&record);
}

size_t sc_past_times(const struct sc_desk *desk)
{
    size_t times = 0;

    while (times < SC_CURVE_TIMES &&
           sc_curve_time(times) <= desk->source.history->settings.history_time)
        times++;
    return times;
}

int sc_past_tell_curve(struct sc_buf *out, const struct sc_desk *desk,
                       const struct sc_curve_point *points, uint64_t lookups)
{
    int64_t present = desk->source.params(desk->source.context)->server.ttl_limit;
    int error = 0;

    for (size_t i = 0; i < sc_past_times(desk) && error == 0; i++) {
        struct sc_list_writer record = sc_record_begin(out, "curve");
        double share = lookups > 0 ? (double)points[i].hits / (double)lookups : 0;
        sc_list_put_number(&record, "ttl", (uint64_t)(points[i].ttl / MS));
        sc_past_put_share(&record, "reused", share < 1 ? share : 1);
        sc_past_put_share(&record, "held", points[i].held);
        /* Whether far ends wait longer than they are made to has not been seen. */
        sc_list_put(&record, "known", points[i].ttl <= present ? SC_BYTES("yes") : SC_BYTES("no"));
        error = sc_list_end(&record);
    }
    return error;
}

static void past_add_curve(const struct sc_desk *desk, const struct sc_place *endpoint,
                           struct sc_curve_point points[SC_CURVE_TIMES])
{
    const struct sc_history *history = desk->source.history;
    struct sc_curve_point own[SC_CURVE_TIMES];

    if (!endpoint || !endpoint->past)
        return;
    sc_small_curve_read(&endpoint->past->curve, sc_desk_now(desk) - history->since, own);
    for (size_t i = 0; i < SC_CURVE_TIMES; i++) {
        points[i].hits += own[i].hits;
        points[i].held += own[i].held;
    }
}

void sc_past_read_curve(const struct sc_desk *desk, const struct sc_place *place,
                        struct sc_curve_point points[SC_CURVE_TIMES])
{
    const struct sc_shelf *shelf = &desk->source.history->shelf;

    for (size_t i = 0; i < SC_CURVE_TIMES; i++)
        points[i] = (struct sc_curve_point){.ttl = sc_curve_time(i)};
    if (place->kind == SC_PLACE_ENDPOINT) {
        past_add_curve(desk, place, points);
        return;
    }
    for (size_t i = 0; place->bonds && i < SC_PLACE_BONDS; i++)
        past_add_curve(desk, sc_shelf_follow(shelf, place->bonds[i].endpoint), points);
}

int sc_past_tell(struct sc_buf *out, const struct sc_desk *desk, const struct sc_place *place)
{
    struct sc_list_writer record = sc_record_begin(out, "place");
    struct sc_curve_point points[SC_CURVE_TIMES];

    sc_list_put(&record, "kind", sc_bytes_of(past_kind(place)));
    past_put_name(&record, place);
    sc_past_put(&record, desk, place);
    if (place->kind == SC_PLACE_ENDPOINT)
        sc_list_put_number(&record, "saves", place->saves);
    sc_list_put_number(&record, place->kind == SC_PLACE_ENDPOINT ? "connections" : "bindings",
                       place->live);
    int error = sc_list_end(&record);
    for (enum sc_miss reason = 0; reason < SC_MISSES && error == 0; reason++)
        if (place->misses[reason] > 0)
            error = sc_past_tell_reason(out, reason, place->misses[reason]);
    sc_past_read_curve(desk, place, points);
    return error < 0 ? error : sc_past_tell_curve(out, desk, points, place->lookups);
}
