/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events told to those who watch. What happens is the store's to say; how it
 * is shown, the tool's.
 */
#include "control/watch.h"

struct event {
    const char *name;
    const char *cause; /* null: none */
    int64_t space;
    uint64_t id;
    struct sc_bytes label;
    struct sc_bytes destination;
};

static const char *const causes[SC_ENDS] = {
    [SC_END_REUSED] = "reused",
    [SC_END_EXPIRED] = "expired",
    [SC_END_DEAD] = "dead",
    [SC_END_DROPPED] = "dropped",
    [SC_END_CLOSED] = "closed",
    [SC_END_HANDED_OVER] = "handed_over",
    [SC_END_SESSION_LIMIT] = "session_limit",
    [SC_END_ENDPOINT_LIMIT] = "endpoint_limit",
    [SC_END_USER_LIMIT] = "user_limit",
    [SC_END_MEMORY_LIMIT] = "memory_limit",
    [SC_END_DESCRIPTORS] = "descriptors",
    [SC_END_OUT_OF_MEMORY] = "out_of_memory",
    [SC_END_LIFETIME] = "lifetime",
    [SC_END_USE_LIMIT] = "use_limit",
    [SC_END_DESTINATION_LIMIT] = "destination_limit",
    [SC_END_BINDING_LIMIT] = "binding_limit",
};

static bool watch_contains(struct sc_bytes label, struct sc_bytes part)
{
    return label.length > 0 && memmem(label.data, label.length, part.data, part.length);
}

static bool watch_wants(const struct sc_watching *watching, const struct event *event)
{
    const struct sc_ask *ask = &watching->ask;

    if (!sc_who_sees(&watching->who, event->space) || (ask->user >= 0 && ask->user != event->space))
        return false;
    if (ask->has_label && !sc_bytes_equal(ask->label, event->label) &&
        !sc_bytes_equal(ask->label, event->destination))
        return false;
    return ask->contains.length == 0 || watch_contains(event->label, ask->contains) ||
           watch_contains(event->destination, ask->contains);
}

static int watch_tell_skipped(struct sc_watching *watching)
{
    struct sc_list_writer record = sc_record_begin(watching->out, "skipped");

    sc_list_put_number(&record, "events", watching->skipped);
    int error = sc_list_end(&record);
    if (error == 0)
        watching->skipped = 0;
    return error;
}

static int watch_tell(struct sc_watching *watching, const struct event *event)
{
    struct sc_desk *desk = watching->watchers->desk;
    struct sc_list_writer record = sc_record_begin(watching->out, "event");

    sc_list_put(&record, "event", sc_bytes_of(event->name));
    if (event->cause)
        sc_list_put(&record, "cause", sc_bytes_of(event->cause));
    sc_list_put_number(&record, "id", event->id);
    sc_record_number(&record, "user", event->space);
    sc_record_text(&record, "label", event->label);
    if (event->destination.length > 0)
        sc_record_text(&record, "destination", event->destination);
    sc_record_number(&record, "at_ms", sc_desk_now(desk));
    return sc_list_end(&record);
}

static void watch_show(struct sc_watching *watching, const struct event *event)
{
    if (!watch_wants(watching, event))
        return;
    bool fits = sc_buf_length(watching->out) < SC_WATCH_ROOM;
    if (fits && watching->skipped > 0)
        fits = watch_tell_skipped(watching) == 0;
    if (!fits || watch_tell(watching, event) < 0) {
        watching->skipped++;
        return;
    }
    sc_stats_count(watching->watchers->desk->stats, SC_WATCH_EVENTS);
    watching->written(watching);
}

static void watch_show_all(struct sc_watchers *watchers, const struct event *event)
{
    struct sc_watching *watching = LIST_FIRST(&watchers->list);

    while (watching) {
        struct sc_watching *next = LIST_NEXT(watching, link);
        watch_show(watching, event);
        watching = next;
    }
}

static void watch_on_connection(struct sc_watchers *watchers,
                                const struct sc_connection *connection, const char *name,
                                const char *cause)
{
    const struct event event = {
        .name = name,
        .cause = cause,
        .space = sc_space_user(sc_connection_space(connection)),
        .id = sc_connection_id(connection),
        .label = sc_connection_endpoint(connection),
    };

    watch_show_all(watchers, &event);
}

static void watch_on_binding(struct sc_watchers *watchers, const struct sc_binding *binding,
                             const char *name, const char *cause)
{
    const struct event event = {
        .name = name,
        .cause = cause,
        .space = sc_space_user(sc_binding_space(binding)),
        .id = sc_binding_id(binding),
        .label = sc_binding_endpoint(binding),
        .destination = sc_binding_destination(binding),
    };

    watch_show_all(watchers, &event);
}

static void watch_on_saved(void *context, const struct sc_connection *connection)
{
    watch_on_connection(context, connection, "saved", NULL);
}

static void watch_on_ended(void *context, const struct sc_connection *connection, enum sc_end end)
{
    watch_on_connection(context, connection, "ended", causes[end]);
}

static void watch_on_bound(void *context, const struct sc_binding *binding, bool renewed)
{
    watch_on_binding(context, binding, renewed ? "renewed" : "bound", NULL);
}

static void watch_on_unbound(void *context, const struct sc_binding *binding, enum sc_end end)
{
    watch_on_binding(context, binding, "unbound", causes[end]);
}

void sc_watchers_init(struct sc_watchers *watchers, struct sc_desk *desk)
{
    watchers->desk = desk;
    LIST_INIT(&watchers->list);
}

struct sc_store_observer sc_watchers_observer(struct sc_watchers *watchers)
{
    return (struct sc_store_observer){
        .saved = watch_on_saved,
        .ended = watch_on_ended,
        .bound = watch_on_bound,
        .unbound = watch_on_unbound,
        .context = watchers,
    };
}

int sc_watching_start(struct sc_watching *watching, struct sc_watchers *watchers,
                      const struct sc_who *who, struct sc_bytes request, struct sc_buf *out,
                      void (*written)(struct sc_watching *watching))
{
    int error = sc_buf_append(&watching->request, request);

    if (error < 0)
        return error;
    watching->watchers = watchers;
    watching->ask = sc_ask_parse(sc_buf_bytes(&watching->request));
    watching->who = *who;
    watching->out = out;
    watching->written = written;
    LIST_INSERT_HEAD(&watchers->list, watching, link);
    return 0;
}

void sc_watching_stop(struct sc_watching *watching)
{
    if (!watching->watchers)
        return;
    LIST_REMOVE(watching, link);
    sc_buf_fini(&watching->request);
    watching->watchers = NULL;
}
