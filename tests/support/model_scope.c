/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's arrays, and the rules of who goes first. It decides nothing.
 */
#include "support/model_scope.h"
#include "support/check.h"

#include <string.h>

/* --- arrays ------------------------------------------------------------- */

void model_insert(struct model_line *line, size_t at, struct model_entry entry)
{
    assert_true(line->count < MODEL_ENTRIES);
    memmove(&line->entries[at + 1], &line->entries[at], (line->count - at) * sizeof(entry));
    line->entries[at] = entry;
    line->count++;
}

struct model_entry model_take_out(struct model_line *line, size_t at)
{
    struct model_entry entry = line->entries[at];

    line->count--;
    memmove(&line->entries[at], &line->entries[at + 1], (line->count - at) * sizeof(entry));
    return entry;
}

bool model_is_in(const struct model_entry *entry, struct model_scope scope)
{
    return (scope.space < 0 || entry->space == scope.space) &&
           (scope.destination < 0 || entry->destination == scope.destination) &&
           (scope.endpoint < 0 || entry->endpoint == scope.endpoint);
}

size_t model_count(const struct model_line *line, struct model_scope scope)
{
    size_t count = 0;

    if (scope.space < 0)
        return line->count;
    for (size_t i = 0; i < line->count; i++)
        count += model_is_in(&line->entries[i], scope);
    return count;
}

size_t model_text(const struct model_line *line, struct model_scope scope)
{
    size_t text = 0;

    for (size_t i = 0; i < line->count; i++)
        if (model_is_in(&line->entries[i], scope))
            text += line->entries[i].text;
    return text;
}

int model_front(const struct model_line *line, struct model_scope scope)
{
    for (size_t i = 0; i < line->count; i++)
        if (model_is_in(&line->entries[i], scope))
            return (int)i;
    return -1;
}

int model_back(const struct model_line *line, struct model_scope scope)
{
    for (size_t i = line->count; i-- > 0;)
        if (model_is_in(&line->entries[i], scope))
            return (int)i;
    return -1;
}

static bool is_before(const struct model_entry *one, const struct model_entry *other)
{
    return one->expires < other->expires || (one->expires == other->expires && one->id < other->id);
}

int model_first(const struct model_line *line, struct model_scope scope)
{
    int first = -1;

    for (size_t i = 0; i < line->count; i++)
        if (model_is_in(&line->entries[i], scope) &&
            (first < 0 || is_before(&line->entries[i], &line->entries[first])))
            first = (int)i;
    return first;
}

struct model_line *model_first_text(struct model *model, int space)
{
    struct model_scope scope = {space, -1, -1};
    int connection = model_first(&model->connections, scope);
    int binding = model_first(&model->bindings, scope);

    if (connection < 0)
        return &model->bindings;
    return binding >= 0 && is_before(&model->bindings.entries[binding],
                                     &model->connections.entries[connection])
               ? &model->bindings
               : &model->connections;
}

void model_age_out(const struct model *model, struct model_entry *entry)
{
    int64_t lifetime = model->limits.lifetime_limit;

    if (entry->cookie == 0 || lifetime == 0 || entry->since + lifetime >= entry->expires)
        return;
    entry->expires = entry->since + lifetime;
    entry->aged = true;
}

/* --- who must go -------------------------------------------------------- */

enum sc_end model_fate(const struct model *model, const struct model_entry *entry)
{
    const struct sc_store_limits *limits = &model->limits;

    if (entry->dropped || entry->id < model->floors[entry->space])
        return SC_END_DROPPED;
    if (entry->expires <= model->now)
        return entry->aged ? SC_END_LIFETIME : SC_END_EXPIRED;
    if (entry->cookie == 0)
        return SC_ENDS;
    if (limits->lifetime_limit > 0 && model->now - entry->since >= limits->lifetime_limit)
        return SC_END_LIFETIME;
    return limits->use_limit > 0 && entry->uses >= limits->use_limit ? SC_END_USE_LIMIT : SC_ENDS;
}

bool model_is_visible(const struct model *model, const struct model_entry *entry)
{
    return model_fate(model, entry) == SC_ENDS;
}

bool model_wants_to_know(const struct model *model)
{
    return model->limits.lifetime_limit > 0 || model->limits.use_limit > 0 ||
           model->limits.remember;
}

size_t model_most_known(const struct model *model)
{
    if (!model_wants_to_know(model))
        return 0;
    if (model->limits.known > 0)
        return model->limits.known;
    return model->limits.session_limit > 0 ? 2 * model->limits.session_limit : 65536;
}

/* --- what becomes of an entry ------------------------------------------- */

void model_tell(struct model *model, enum model_what what, uint64_t id, enum sc_end end)
{
    struct model_events *events = &model->events;

    assert_true(events->count < SC_COUNT_OF(events->events));
    events->events[events->count++] = (struct model_event){.what = what, .end = end, .id = id};
}

/* The one at this place leaves for good. */
static void end_connection(struct model *model, size_t at, enum sc_end end)
{
    struct model_entry entry = model_take_out(&model->connections, at);

    model_tell(model, MODEL_ENDED, entry.id, end);
    model_insert(&model->reaped, model->reaped.count, entry);
}

static void end_binding(struct model *model, size_t at, enum sc_end end)
{
    model_tell(model, MODEL_UNBOUND, model_take_out(&model->bindings, at).id, end);
}

void model_end(struct model *model, struct model_line *line, size_t at, enum sc_end end)
{
    if (line == &model->connections)
        end_connection(model, at, end);
    else
        end_binding(model, at, end);
}

/* Whoever is asked to go, but had to go anyway, goes for that. */
void model_end_or_fate(struct model *model, struct model_line *line, size_t at, enum sc_end end)
{
    enum sc_end fate = model_fate(model, &line->entries[at]);

    model_end(model, line, at, fate != SC_ENDS ? fate : end);
}

void model_see_time(struct model *model, int64_t now)
{
    model->now = now > model->now ? now : model->now;
}

/* --- who has most ------------------------------------------------------- */

size_t model_had(const struct model *model, struct model_scope scope)
{
    return model_count(&model->connections, scope) + model_count(&model->held, scope);
}

size_t model_has(const struct model *model, enum sc_share_kind kind, int space)
{
    struct model_scope scope = model_of_space(space);

    switch (kind) {
    case SC_SHARE_CONNECTIONS:
        return model_had(model, scope);
    case SC_SHARE_TEXT:
        return model_text(&model->connections, scope) + model_text(&model->bindings, scope) +
               model_text(&model->held, scope);
    case SC_SHARE_BINDINGS:
        return model_count(&model->bindings, scope);
    case SC_SHARE_KNOWN:
        return model_count(&model->known, scope);
    case SC_SHARES:
        break;
    }
    return 0;
}

static bool can_give(const struct model *model, enum sc_share_kind kind, int space)
{
    bool connections = model_front(&model->connections, model_of_space(space)) >= 0;
    bool bindings = model_front(&model->bindings, model_of_space(space)) >= 0;

    if (kind == SC_SHARE_CONNECTIONS)
        return connections;
    if (kind == SC_SHARE_TEXT)
        return connections || bindings;
    return model_has(model, kind, space) > 0;
}

int model_victim(const struct model *model, enum sc_share_kind kind, int newcomer, size_t amount)
{
    int giver = -1;
    size_t most_given = 0;
    size_t most_kept = 0;

    /* Of all others, the one who has most and can give, the lowest among equals. */
    for (int space = 0; space < MODEL_SPACES; space++) {
        size_t number = model_has(model, kind, space);
        if (space == newcomer)
            continue;
        if (!can_give(model, kind, space)) {
            most_kept = number > most_kept ? number : most_kept;
        } else if (giver < 0 || number > most_given) {
            giver = space;
            most_given = number;
        }
    }
    if (newcomer < 0)
        return giver;
    size_t wanted = model_has(model, kind, newcomer) + amount;
    if (giver >= 0 && most_given > wanted)
        return giver;
    if (can_give(model, kind, newcomer))
        return newcomer;
    /* He has nothing to give: refused only if it is he who has most of all. */
    return most_kept > wanted ? giver : -1;
}

/* --- asking ------------------------------------------------------------- */

struct model_entry *model_entry(struct model *model, bool is_binding, uint64_t id)
{
    struct model_line *line = is_binding ? &model->bindings : &model->connections;

    for (size_t i = 0; i < line->count; i++)
        if (line->entries[i].id == id)
            return &line->entries[i];
    return NULL;
}

int64_t model_next_expiry(const struct model *model)
{
    const struct model_line *lines[] = {&model->connections, &model->bindings};
    int64_t next = INT64_MAX;

    for (int i = 0; i < 2; i++) {
        int at = model_first(lines[i], everything);
        if (at >= 0 && lines[i]->entries[at].expires < next)
            next = lines[i]->entries[at].expires;
    }
    return next;
}

bool model_space_is_empty(const struct model *model, int space)
{
    struct sc_store_sizes sizes = model_sizes(model, space);

    return sizes.connections + sizes.held + sizes.bindings + sizes.known == 0;
}

struct sc_store_sizes model_sizes(const struct model *model, int space)
{
    struct model_scope scope = {space, -1, -1};
    bool endpoints[MODEL_SPACES][MODEL_LABELS] = {0};
    bool destinations[MODEL_SPACES][MODEL_LABELS] = {0};
    struct sc_store_sizes sizes = {
        .connections = model_count(&model->connections, scope),
        .bindings = model_count(&model->bindings, scope),
        .held = model_count(&model->held, scope),
        .known = model_count(&model->known, scope),
        .text = model_has(model, SC_SHARE_TEXT, space),
    };

    for (size_t i = 0; i < model->connections.count; i++) {
        const struct model_entry *entry = &model->connections.entries[i];
        if (!model_is_in(entry, scope))
            continue;
        sizes.endpoints += !endpoints[entry->space][entry->endpoint];
        endpoints[entry->space][entry->endpoint] = true;
    }
    for (size_t i = 0; i < model->bindings.count; i++) {
        const struct model_entry *entry = &model->bindings.entries[i];
        if (!model_is_in(entry, scope))
            continue;
        sizes.destinations += !destinations[entry->space][entry->destination];
        destinations[entry->space][entry->destination] = true;
    }
    return sizes;
}
