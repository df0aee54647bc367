/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saving, finding, holding, said in the simplest way. Who is meant, and who
 * has most, stands in model_scope.c.
 */
#include "support/model.h"
#include "support/check.h"

#include <errno.h>

/* As the store says: removed by each save and find, places of others, dead ones in the way. */
enum { EXPIRED_AT_ONCE = 4, PLACES = 2, IN_THE_WAY = 64 };

/* --- expiring ------------------------------------------------------------ */

static bool expire_line(struct model *model, struct model_line *line, size_t *steps)
{
    int at;

    while ((at = model_first(line, everything)) >= 0 && line->entries[at].expires <= model->now) {
        if (*steps == 0)
            return true;
        --*steps;
        model_end(model, line, (size_t)at, model_fate(model, &line->entries[at]));
    }
    return false;
}

static bool expire_known(struct model *model, size_t steps)
{
    while (model->limits.lifetime_limit > 0 && model->known.count > 0 &&
           model->known.entries[0].saved + model->limits.lifetime_limit <= model->now) {
        if (steps-- == 0)
            return true;
        (void)model_take_out(&model->known, 0);
    }
    return false;
}

bool model_expire(struct model *model, int64_t now, size_t steps)
{
    model_see_time(model, now);
    bool more = expire_line(model, &model->connections, &steps);
    more = expire_line(model, &model->bindings, &steps) || more;
    return expire_known(model, steps) || more;
}

static void keep_up(struct model *model, int64_t now)
{
    (void)model_expire(model, now, EXPIRED_AT_ONCE);
}

/* --- what is out -------------------------------------------------------- */

static int known_at(const struct model *model, uint64_t cookie)
{
    for (size_t i = 0; i < model->known.count; i++)
        if (cookie != 0 && model->known.entries[i].cookie == cookie)
            return (int)i;
    return -1;
}

static bool may_be_known(struct model *model, int space)
{
    int victim;

    if (model->known.count < model_most_known(model))
        return true;
    victim = model_victim(model, SC_SHARE_KNOWN, space, 1);
    if (victim >= 0)
        (void)model_take_out(&model->known,
                             (size_t)model_front(&model->known, model_of_space(victim)));
    return victim >= 0;
}

void model_remember(struct model *model, const struct model_entry *known)
{
    struct model_entry entry = *known;

    model_see_time(model, known->saved);
    if (entry.cookie == 0 || !model_wants_to_know(model))
        return;
    int at = known_at(model, entry.cookie);
    if (at >= 0) {
        struct model_entry before = model_take_out(&model->known, (size_t)at);
        entry.since = before.since < entry.since ? before.since : entry.since;
        entry.uses = before.uses > entry.uses ? before.uses : entry.uses;
    } else if (!may_be_known(model, entry.space)) {
        return;
    }
    model_insert(&model->known, model->known.count, entry);
}

/* --- saving ------------------------------------------------------------- */

static size_t most_connections(const struct model *model)
{
    size_t limit = model->limits.session_limit;

    return model->descriptors > 0 && (limit == 0 || model->descriptors < limit) ? model->descriptors
                                                                                : limit;
}

static enum sc_end end_at_most(const struct model *model)
{
    return most_connections(model) == model->limits.session_limit ? SC_END_SESSION_LIMIT
                                                                  : SC_END_DESCRIPTORS;
}

static bool text_is_admitted(struct model *model, int space, size_t text)
{
    size_t all = model_has(model, SC_SHARE_TEXT, -1);

    if (model_is_over(model_text(&model->held, everything) + text, model->limits.memory_limit))
        return false;
    return !model_is_over(all + text, model->limits.memory_limit) ||
           model_victim(model, SC_SHARE_TEXT, space, text) >= 0;
}

static bool connection_is_admitted(struct model *model, const struct model_entry *newcomer)
{
    struct model_scope endpoint = model_of_endpoint(newcomer->space, newcomer->endpoint);
    struct model_scope space = model_of_space(newcomer->space);
    const struct sc_store_limits *limits = &model->limits;

    if (model_is_over(model_had(model, endpoint) + 1, limits->endpoint_session_limit) &&
        model_count(&model->connections, endpoint) == 0)
        return false;
    if (model_is_over(model_had(model, space) + 1, limits->user_session_limit) &&
        model_count(&model->connections, space) == 0)
        return false;
    if (model_is_over(model_had(model, everything) + 1, most_connections(model)) &&
        model_victim(model, SC_SHARE_CONNECTIONS, newcomer->space, 1) < 0)
        return false;
    return text_is_admitted(model, newcomer->space, newcomer->text);
}

static void make_room_for_text(struct model *model, int space, size_t text)
{
    size_t given = 0;

    while (model_is_over(model_has(model, SC_SHARE_TEXT, -1) + text, model->limits.memory_limit) &&
           given < PLACES * text) {
        int victim = model_victim(model, SC_SHARE_TEXT, space, text);
        if (victim < 0)
            victim = model_victim(model, SC_SHARE_TEXT, -1, 0);
        struct model_line *line = model_first_text(model, victim);
        size_t at = (size_t)model_first(line, model_of_space(victim));
        given += line->entries[at].text;
        model_end_or_fate(model, line, at, SC_END_MEMORY_LIMIT);
    }
}

bool model_evict(struct model *model, int newcomer, enum sc_end end)
{
    int victim = model_victim(model, SC_SHARE_CONNECTIONS, newcomer, 1);

    if (victim < 0)
        return false;
    model_end_or_fate(model, &model->connections,
                      (size_t)model_first(&model->connections, model_of_space(victim)), end);
    return true;
}

/* @more is 1 for one that comes, 0 for one that has come back. */
static void make_room(struct model *model, const struct model_entry *newcomer, size_t more)
{
    struct model_scope scopes[] = {model_of_endpoint(newcomer->space, newcomer->endpoint),
                                   model_of_space(newcomer->space)};
    size_t limits[] = {model->limits.endpoint_session_limit, model->limits.user_session_limit};
    enum sc_end ends[] = {SC_END_ENDPOINT_LIMIT, SC_END_USER_LIMIT};

    for (size_t i = 0; i < SC_COUNT_OF(scopes); i++) {
        for (int places = PLACES;
             places > 0 && model_is_over(model_had(model, scopes[i]) + more, limits[i]) &&
             model_count(&model->connections, scopes[i]) > 0;
             places--)
            model_end_or_fate(model, &model->connections,
                              (size_t)model_first(&model->connections, scopes[i]), ends[i]);
    }
    for (int places = PLACES;
         places > 0 &&
         model_is_over(model_had(model, everything) + more, most_connections(model)) &&
         model_evict(model, more > 0 ? newcomer->space : -1, end_at_most(model));
         places--)
        continue;
}

int model_save_connection(struct model *model, int64_t now, const struct model_saving *saving)
{
    struct model_entry entry = {
        .space = saving->space,
        .destination = -1,
        .endpoint = saving->endpoint,
        .fd = saving->fd,
        .saved = now - saving->age,
        .expires = now + saving->ttl,
        .id = model->serial,
        .text = saving->text,
        .cookie = saving->cookie,
        .since = now - saving->age,
    };

    keep_up(model, now);
    int at = known_at(model, entry.cookie);
    if (entry.cookie != 0) {
        entry.uses = saving->uses;
        if (now - saving->known_for < entry.since)
            entry.since = now - saving->known_for;
    }
    if (at >= 0) {
        struct model_entry known = model->known.entries[at];
        entry.uses = known.uses > entry.uses ? known.uses : entry.uses;
        entry.since = known.since < entry.since ? known.since : entry.since;
    }
    model_age_out(model, &entry);
    enum sc_end fate = model_fate(model, &entry);
    if (fate == SC_ENDS && !connection_is_admitted(model, &entry))
        return -ENOBUFS;
    model->serial++;
    if (at >= 0)
        (void)model_take_out(&model->known, (size_t)at);
    if (fate == SC_ENDS) {
        make_room(model, &entry, 1);
        make_room_for_text(model, entry.space, entry.text);
    }
    model_insert(&model->connections, model->connections.count, entry);
    model_tell(model, MODEL_SAVED, entry.id, SC_ENDS);
    if (fate != SC_ENDS)
        model_end(model, &model->connections, model->connections.count - 1, fate);
    return 0;
}

static int same_binding(const struct model *model, const struct model_entry *binding)
{
    for (size_t i = 0; i < model->bindings.count; i++) {
        const struct model_entry *entry = &model->bindings.entries[i];
        if (entry->space == binding->space && entry->destination == binding->destination &&
            entry->endpoint == binding->endpoint && entry->property == binding->property)
            return (int)i;
    }
    return -1;
}

static void make_room_for_binding(struct model *model, const struct model_entry *newcomer)
{
    struct model_scope destination = model_of_destination(newcomer->space, newcomer->destination);

    for (int places = PLACES;
         places > 0 && model_is_over(model_count(&model->bindings, destination) + 1,
                                     model->limits.destination_binding_limit);
         places--)
        model_end_or_fate(model, &model->bindings,
                          (size_t)model_first(&model->bindings, destination),
                          SC_END_DESTINATION_LIMIT);
    for (int places = PLACES;
         places > 0 && model_is_over(model->bindings.count + 1, model->limits.binding_limit);
         places--) {
        int victim = model_victim(model, SC_SHARE_BINDINGS, newcomer->space, 1);
        if (victim < 0)
            break;
        model_end_or_fate(model, &model->bindings,
                          (size_t)model_first(&model->bindings, model_of_space(victim)),
                          SC_END_BINDING_LIMIT);
    }
    make_room_for_text(model, newcomer->space, newcomer->text);
}

int model_save_binding(struct model *model, int64_t now, const struct model_entry *binding,
                       int64_t ttl)
{
    struct model_entry entry = *binding;

    keep_up(model, now);
    entry.saved = now;
    entry.expires = now + ttl;
    int at = same_binding(model, &entry);
    if (at >= 0) {
        struct model_entry *same = &model->bindings.entries[at];
        enum sc_end fate = model_fate(model, same);
        if (fate == SC_ENDS) {
            same->saved = now;
            same->expires = now + ttl;
            model_tell(model, MODEL_RENEWED, same->id, SC_ENDS);
            return 0;
        }
        model_end(model, &model->bindings, (size_t)at, fate);
    }
    if (model_is_over(model->bindings.count + 1, model->limits.binding_limit) &&
        model_victim(model, SC_SHARE_BINDINGS, entry.space, 1) < 0)
        return -ENOBUFS;
    if (!text_is_admitted(model, entry.space, entry.text))
        return -ENOBUFS;
    make_room_for_binding(model, &entry);
    entry.id = model->serial++;
    model_insert(&model->bindings, model->bindings.count, entry);
    model_tell(model, MODEL_BOUND, entry.id, SC_ENDS);
    return 0;
}

/* --- finding ------------------------------------------------------------ */

static int find_at(struct model *model, struct model_scope scope)
{
    bool at_back = model->limits.reuse_order == SC_REUSE_NEWEST;

    for (int i = 0; i <= IN_THE_WAY; i++) {
        int at = at_back ? model_back(&model->connections, scope)
                         : model_front(&model->connections, scope);
        if (at < 0)
            return -1;
        enum sc_end fate = model_fate(model, &model->connections.entries[at]);
        if (fate == SC_ENDS) {
            struct model_entry entry = model_take_out(&model->connections, (size_t)at);
            entry.from_back = at_back;
            entry.stayed = entry.shown = 0;
            model_insert(&model->held, model->held.count, entry);
            return entry.fd;
        }
        model_end(model, &model->connections, (size_t)at, fate);
        if (i == IN_THE_WAY - 1)
            at_back = !at_back;
    }
    return -1;
}

int model_find_endpoint(struct model *model, int64_t now, int space, int endpoint)
{
    keep_up(model, now);
    return find_at(model, model_of_endpoint(space, endpoint));
}

int model_find_destination(struct model *model, int64_t now, int space, int destination,
                           int *property)
{
    struct model_scope scope = model_of_destination(space, destination);
    int fd = -1;

    keep_up(model, now);
    for (size_t i = 0; i < model->bindings.count && fd < 0; i++) {
        const struct model_entry *binding = &model->bindings.entries[i];
        if (!model_is_in(binding, scope) || model_fate(model, binding) != SC_ENDS)
            continue;
        fd = find_at(model, model_of_endpoint(space, binding->endpoint));
        *property = binding->property;
    }
    return fd;
}

/* --- holding ------------------------------------------------------------ */

static size_t where_held(const struct model *model, int fd)
{
    size_t at = 0;

    while (at < model->held.count && model->held.entries[at].fd != fd)
        at++;
    assert_true(at < model->held.count);
    return at;
}

struct model_entry model_held(const struct model *model, int fd)
{
    return model->held.entries[where_held(model, fd)];
}

void model_put_back(struct model *model, int64_t now, int fd)
{
    struct model_entry *entry = &model->held.entries[where_held(model, fd)];

    model_see_time(model, now);
    model_age_out(model, entry);
    enum sc_end fate = model_fate(model, entry);
    if (fate != SC_ENDS) {
        model_discard(model, fd, fate);
        return;
    }
    struct model_entry taken = model_take_out(&model->held, where_held(model, fd));
    model_insert(&model->connections, taken.from_back ? model->connections.count : 0, taken);
    make_room(model, &taken, 0);
    for (int places = PLACES; places > 0 && model_is_over(model_has(model, SC_SHARE_TEXT, -1),
                                                          model->limits.memory_limit);
         places--) {
        int victim = model_victim(model, SC_SHARE_TEXT, -1, 0);
        if (victim < 0)
            break;
        struct model_line *line = model_first_text(model, victim);
        model_end_or_fate(model, line, (size_t)model_first(line, model_of_space(victim)),
                          SC_END_MEMORY_LIMIT);
    }
}

void model_discard(struct model *model, int fd, enum sc_end end)
{
    struct model_entry entry = model_take_out(&model->held, where_held(model, fd));

    model_tell(model, MODEL_ENDED, entry.id, end);
    model_insert(&model->reaped, model->reaped.count, entry);
}

void model_steal(struct model *model, int64_t now, int fd)
{
    struct model_entry entry = model_take_out(&model->held, where_held(model, fd));

    model_see_time(model, now);
    model_tell(model, MODEL_ENDED, entry.id, SC_END_REUSED);
    entry.saved = now;
    entry.uses++;
    model_remember(model, &entry);
}
