/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What there is, written as records. Whom it is shown to, and which of it, is
 * decided before.
 */
#include "control/tell.h"

#include <stdio.h>

#include "control/past.h"
#include "io/peer.h"

enum { MS = 1000 };

static int tell_number(struct sc_buf *out, const char *kind, const struct sc_counter_about *about,
                       uint64_t value)
{
    struct sc_list_writer record = sc_record_begin(out, kind);

    sc_list_put(&record, "family", sc_bytes_of(about->family));
    sc_list_put(&record, "labels", sc_bytes_of(about->labels));
    sc_list_put(&record, "help", sc_bytes_of(about->help));
    sc_list_put_number(&record, "value", value);
    return sc_list_end(&record);
}

/* Bounds and counts as lists of numbers, each with a blank behind it. */
static int tell_numbers(struct sc_buf *text, const uint64_t *numbers, size_t count)
{
    int error = 0;

    for (size_t i = 0; i < count && error == 0; i++) {
        char digits[32];
        int length = snprintf(digits, sizeof(digits), "%llu ", (unsigned long long)numbers[i]);
        error = sc_buf_append(text, (struct sc_bytes){digits, (size_t)length});
    }
    return error;
}

static int tell_histogram(struct sc_buf *out, const struct sc_histogram_about *about,
                          const struct sc_histogram *histogram)
{
    struct sc_list_writer record = sc_record_begin(out, "histogram");
    struct sc_buf bounds, counts;
    char unit[32];

    sc_buf_init(&bounds);
    sc_buf_init(&counts);
    snprintf(unit, sizeof(unit), "%.9g", about->unit);
    if (record.error == 0)
        record.error = tell_numbers(&bounds, about->bounds, SC_HISTOGRAM_BOUNDS);
    if (record.error == 0)
        record.error = tell_numbers(&counts, histogram->counts, SC_HISTOGRAM_BOUNDS + 1);
    sc_list_put(&record, "family", sc_bytes_of(about->family));
    sc_list_put(&record, "help", sc_bytes_of(about->help));
    sc_list_put(&record, "unit", sc_bytes_of(unit));
    sc_list_put(&record, "bounds", sc_buf_bytes(&bounds));
    sc_list_put(&record, "counts", sc_buf_bytes(&counts));
    sc_list_put_number(&record, "sum", histogram->sum);
    sc_buf_fini(&bounds);
    sc_buf_fini(&counts);
    return sc_list_end(&record);
}

int sc_tell_stats(struct sc_buf *out, const struct sc_desk *desk, uint64_t *count)
{
    uint64_t gauges[SC_GAUGES] = {0};
    int error = 0;

    desk->source.gauges(desk->source.context, gauges);
    gauges[SC_GAUGE_CONTROL_CLIENTS] = desk->crowd.guests;
    gauges[SC_GAUGE_OVERRIDES] = (uint64_t)desk->overrides;
    for (int i = 0; i < SC_COUNTERS && error == 0; i++)
        error = tell_number(out, "counter", sc_stats_about((enum sc_counter)i),
                            desk->source.stats->counters[i]);
    for (int i = 0; i < SC_GAUGES && error == 0; i++)
        error = tell_number(out, "gauge", sc_stats_about_gauge((enum sc_gauge)i), gauges[i]);
    for (int i = 0; i < SC_HISTOGRAMS && error == 0; i++)
        error = tell_histogram(out, sc_stats_about_histogram((enum sc_histogram_kind)i),
                               &desk->source.stats->histograms[i]);
    *count = SC_COUNTERS + SC_GAUGES + SC_HISTOGRAMS;
    return error;
}

/* What one look can tell. Asking the far end's address would wait for a stranger's lock. */
static const char *tell_state(const struct sc_connection *connection)
{
    int fd = sc_connection_descriptor(connection);
    bool dead = false;

    if ((sc_connection_nature(connection) & SC_PEER_JUDGEABLE) == 0)
        return "unknown";
    sc_peer_look(&fd, 1, &dead);
    return dead ? "gone" : "silent";
}

int sc_tell_connection(struct sc_buf *out, const struct sc_desk *desk,
                       const struct sc_connection *connection, bool properties, bool at_length)
{
    struct sc_list_writer record = sc_record_begin(out, "connection");
    int64_t now = sc_desk_now(desk);

    sc_list_put_number(&record, "id", sc_connection_id(connection));
    sc_record_number(&record, "user", sc_space_user(sc_connection_space(connection)));
    sc_record_text(&record, "label", sc_connection_endpoint(connection));
    sc_record_number(&record, "age_ms", sc_connection_age(connection, now));
    sc_record_number(&record, "left_ms", sc_connection_left(connection, now));
    sc_record_number(&record, "known_ms", sc_connection_known_for(connection, now));
    sc_list_put_number(&record, "uses", sc_connection_uses(connection));
    sc_list_put(&record, "socket",
                (sc_connection_nature(connection) & SC_PEER_SOCKET) != 0 ? SC_BYTES("yes")
                                                                         : SC_BYTES("no"));
    if (properties)
        sc_record_text(&record, "property", sc_connection_property(connection));
    if (at_length)
        sc_list_put(&record, "state", sc_bytes_of(tell_state(connection)));
    return sc_list_end(&record);
}

int sc_tell_binding(struct sc_buf *out, const struct sc_desk *desk,
                    const struct sc_binding *binding, bool properties)
{
    struct sc_list_writer record = sc_record_begin(out, "binding");
    int64_t now = sc_desk_now(desk);

    sc_list_put_number(&record, "id", sc_binding_id(binding));
    sc_record_number(&record, "user", sc_space_user(sc_binding_space(binding)));
    sc_record_text(&record, "destination", sc_binding_destination(binding));
    sc_record_text(&record, "label", sc_binding_endpoint(binding));
    sc_record_number(&record, "age_ms", sc_binding_age(binding, now));
    sc_record_number(&record, "left_ms", sc_binding_left(binding, now));
    if (properties)
        sc_record_text(&record, "property", sc_binding_property(binding));
    return sc_list_end(&record);
}

int sc_tell_endpoint(struct sc_buf *out, const struct sc_desk *desk, struct sc_endpoint *endpoint)
{
    struct sc_list_writer record = sc_record_begin(out, "endpoint");

    sc_record_number(&record, "user", sc_space_user(sc_endpoint_space(endpoint)));
    sc_record_text(&record, "label", sc_endpoint_label(endpoint));
    sc_list_put_number(&record, "connections", sc_endpoint_connections(endpoint));
    sc_past_put(&record, desk, sc_past_of_endpoint(desk, endpoint));
    return sc_list_end(&record);
}

int sc_tell_destination(struct sc_buf *out, const struct sc_desk *desk,
                        struct sc_destination *destination)
{
    struct sc_list_writer record = sc_record_begin(out, "destination");

    sc_record_number(&record, "user", sc_space_user(sc_destination_space(destination)));
    sc_record_text(&record, "label", sc_destination_label(destination));
    sc_list_put_number(&record, "bindings", sc_destination_bindings(destination));
    sc_past_put(&record, desk, sc_past_of_destination(desk, destination));
    return sc_list_end(&record);
}

int sc_tell_client(struct sc_buf *out, const struct sc_desk *desk, const struct sc_guest *guest)
{
    struct sc_list_writer record = sc_record_begin(out, "client");

    sc_record_number(&record, "space", guest->user->id);
    sc_record_number(&record, "user", guest->owner);
    sc_record_number(&record, "process", guest->process);
    sc_list_put(&record, "state", guest->busy ? SC_BYTES("busy") : SC_BYTES("idle"));
    sc_record_number(&record, "since_ms", sc_desk_now(desk) - guest->since);
    sc_list_put_number(&record, "bytes", guest->bytes);
    return sc_list_end(&record);
}

int sc_tell_user(struct sc_buf *out, const struct sc_user *user)
{
    struct sc_list_writer record = sc_record_begin(out, "user");
    struct sc_store_sizes sizes = {0};

    if (user->space)
        sizes = sc_space_sizes(user->space);
    sc_record_number(&record, "user", user->id);
    sc_list_put_number(&record, "clients", user->guests);
    sc_list_put_number(&record, "connections", sizes.connections);
    sc_list_put_number(&record, "held", sizes.held);
    sc_list_put_number(&record, "bindings", sizes.bindings);
    sc_list_put_number(&record, "text_bytes", sizes.text);
    sc_list_put_number(&record, "request_bytes", user->bytes);
    sc_list_put_number(&record, "unread", user->unread);
    return sc_list_end(&record);
}
