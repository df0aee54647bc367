/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/check.h"

#include "support/model.h"

#include <string.h>

enum { NOWHERE = -1 };

/* --- lines ------------------------------------------------------------- */

static void insert(struct model_line *line, size_t at, struct model_entry entry)
{
    assert_true(line->count < MODEL_ENTRIES);
    memmove(&line->entries[at + 1], &line->entries[at], (line->count - at) * sizeof(entry));
    line->entries[at] = entry;
    line->count++;
}

static struct model_entry take_out(struct model_line *line, size_t at)
{
    struct model_entry entry = line->entries[at];

    line->count--;
    memmove(&line->entries[at], &line->entries[at + 1], (line->count - at) * sizeof(entry));
    return entry;
}

/* Which entries are meant; a negative number stands for any. */
struct scope {
    int space;
    int destination;
    int endpoint;
};

static const struct scope everything = {-1, -1, -1};

static bool is_in(const struct model_entry *entry, struct scope scope)
{
    return (scope.space < 0 || entry->space == scope.space) &&
           (scope.destination < 0 || entry->destination == scope.destination) &&
           (scope.endpoint < 0 || entry->endpoint == scope.endpoint);
}

static size_t count_in(const struct model_line *line, struct scope scope)
{
    size_t count = 0;

    for (size_t i = 0; i < line->count; i++)
        count += is_in(&line->entries[i], scope);
    return count;
}

/* Where the one is that expires first, the oldest among equals. */
static int first_to_expire(const struct model_line *line, struct scope scope)
{
    int first = NOWHERE;

    for (size_t i = 0; i < line->count; i++) {
        const struct model_entry *entry = &line->entries[i];
        const struct model_entry *best = first == NOWHERE ? NULL : &line->entries[first];
        if (!is_in(entry, scope))
            continue;
        if (!best || entry->expires < best->expires ||
            (entry->expires == best->expires && entry->serial < best->serial))
            first = (int)i;
    }
    return first;
}

/* --- leaving ----------------------------------------------------------- */

static void reap(struct model *model, size_t at)
{
    insert(&model->reaped, model->reaped.count, take_out(&model->connections, at));
}

static void unbind(struct model *model, size_t at)
{
    (void)take_out(&model->bindings, at);
}

/* A destination without a binding is forgotten, and its counters with it. */
static void forget_counters(struct model *model)
{
    static const struct model_counter none;
    bool known[MODEL_SPACES][MODEL_LABELS] = {0};

    for (size_t i = 0; i < model->bindings.count; i++)
        known[model->bindings.entries[i].space][model->bindings.entries[i].destination] = true;
    for (int space = 0; space < MODEL_SPACES; space++)
        for (int label = 0; label < MODEL_LABELS; label++)
            if (!known[space][label])
                model->counters[space][label] = none;
}

void model_expire(struct model *model, int64_t now)
{
    int at;
    bool any = false;

    while ((at = first_to_expire(&model->connections, everything)) != NOWHERE &&
           model->connections.entries[at].expires <= now)
        reap(model, (size_t)at);
    while ((at = first_to_expire(&model->bindings, everything)) != NOWHERE &&
           model->bindings.entries[at].expires <= now) {
        unbind(model, (size_t)at);
        any = true;
    }
    if (any)
        forget_counters(model);
}

bool model_evict(struct model *model)
{
    int at = first_to_expire(&model->connections, everything);

    if (at != NOWHERE)
        reap(model, (size_t)at);
    return at != NOWHERE;
}

void model_clear(struct model *model)
{
    model->bindings.count = 0;
    forget_counters(model);
    while (model_evict(model))
        continue;
}

int model_reap(struct model *model)
{
    return model->reaped.count > 0 ? take_out(&model->reaped, 0).fd : -1;
}

/* --- saving ------------------------------------------------------------ */

static bool is_full(const struct model_line *line, struct scope scope, size_t limit)
{
    return limit > 0 && count_in(line, scope) >= limit;
}

void model_save_connection(struct model *model, int64_t now, int64_t ttl, int space, int endpoint,
                           int fd)
{
    const struct {
        struct scope scope;
        size_t limit;
    } limits[] = {
        {{space, -1, endpoint}, model->limits.connections_of_endpoint},
        {{space, -1, -1}, model->limits.connections_of_space},
        {everything, model->limits.connections},
    };

    model_expire(model, now);
    for (int i = 0; i < 3; i++)
        while (is_full(&model->connections, limits[i].scope, limits[i].limit))
            reap(model, (size_t)first_to_expire(&model->connections, limits[i].scope));
    insert(&model->connections, model->connections.count,
           (struct model_entry){.space = space,
                                .endpoint = endpoint,
                                .fd = fd,
                                .saved = now,
                                .expires = now + ttl,
                                .serial = model->serial++});
}

void model_save_binding(struct model *model, int64_t now, int64_t ttl, int space, int destination,
                        int property, int endpoint)
{
    struct model_line *bindings = &model->bindings;
    struct scope of_destination = {space, destination, -1};
    struct scope same = {space, destination, endpoint};

    model_expire(model, now);
    for (size_t i = 0; i < bindings->count; i++) {
        struct model_entry *binding = &bindings->entries[i];
        if (is_in(binding, same) && binding->property == property) {
            binding->saved = now;
            binding->expires = now + ttl;
            return;
        }
    }
    /* A lowered limit is approached, not reached at once. */
    for (int i = 0; i < 2; i++)
        if (is_full(bindings, of_destination, model->limits.bindings_of_destination))
            unbind(model, (size_t)first_to_expire(bindings, of_destination));
    while (is_full(bindings, everything, model->limits.bindings))
        unbind(model, (size_t)first_to_expire(bindings, everything));
    insert(bindings, bindings->count,
           (struct model_entry){.space = space,
                                .destination = destination,
                                .endpoint = endpoint,
                                .property = property,
                                .saved = now,
                                .expires = now + ttl,
                                .serial = model->serial++});
    forget_counters(model);
}

/* --- finding ----------------------------------------------------------- */

static int next_in_line(const struct model *model, struct scope scope)
{
    const struct model_line *line = &model->connections;
    int next = NOWHERE;

    for (size_t i = 0; i < line->count; i++)
        if (is_in(&line->entries[i], scope) && (next == NOWHERE || model->limits.newest_first))
            next = (int)i;
    return next;
}

static int find(struct model *model, int space, int endpoint, const struct model_judge *judge)
{
    int at;

    while ((at = next_in_line(model, (struct scope){space, -1, endpoint})) != NOWHERE) {
        int fd = model->connections.entries[at].fd;
        if (!judge || judge->usable(judge->context, fd)) {
            insert(&model->held, model->held.count, take_out(&model->connections, (size_t)at));
            return fd;
        }
        reap(model, (size_t)at);
    }
    return -1;
}

int model_find_endpoint(struct model *model, int64_t now, int space, int endpoint,
                        const struct model_judge *judge)
{
    model_expire(model, now);
    return find(model, space, endpoint, judge);
}

int model_find_destination(struct model *model, int64_t now, int space, int destination,
                           const struct model_judge *judge, int *property)
{
    struct model_counter *counter = &model->counters[space][destination];
    int fd = -1;

    model_expire(model, now);
    if (count_in(&model->bindings, (struct scope){space, destination, -1}) > 0)
        counter->lookups++;
    for (size_t i = 0; i < model->bindings.count && fd < 0; i++) {
        const struct model_entry *binding = &model->bindings.entries[i];
        if (!is_in(binding, (struct scope){space, destination, -1}))
            continue;
        fd = find(model, space, binding->endpoint, judge);
        *property = binding->property;
    }
    if (fd >= 0)
        counter->hits++;
    return fd;
}

/* --- holding ----------------------------------------------------------- */

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
    if (model_held(model, fd).expires <= now) {
        model_discard(model, fd);
        return;
    }
    insert(&model->connections, model->limits.newest_first ? model->connections.count : 0,
           take_out(&model->held, where_held(model, fd)));
}

void model_discard(struct model *model, int fd)
{
    insert(&model->reaped, model->reaped.count, take_out(&model->held, where_held(model, fd)));
}

void model_steal(struct model *model, int fd)
{
    (void)take_out(&model->held, where_held(model, fd));
}

/* --- asking ------------------------------------------------------------ */

static void walk(const struct model_line *line, bool bindings,
                 void (*visit)(void *context, const struct model_entry *, bool is_binding),
                 void *context)
{
    bool shown[MODEL_ENTRIES] = {0};

    for (size_t first = 0; first < line->count; first++) {
        const struct model_entry *head = &line->entries[first];
        struct scope scope = {head->space, bindings ? head->destination : -1,
                              bindings ? -1 : head->endpoint};
        if (shown[first])
            continue;
        for (size_t i = first; i < line->count; i++) {
            if (!is_in(&line->entries[i], scope))
                continue;
            shown[i] = true;
            visit(context, &line->entries[i], bindings);
        }
    }
}

void model_walk(const struct model *model,
                void (*visit)(void *context, const struct model_entry *, bool is_binding),
                void *context)
{
    walk(&model->bindings, true, visit, context);
    walk(&model->connections, false, visit, context);
}

int64_t model_next_expiry(const struct model *model)
{
    const struct model_line *lines[] = {&model->connections, &model->bindings};
    int64_t next = INT64_MAX;

    for (int i = 0; i < 2; i++) {
        int at = first_to_expire(lines[i], everything);
        if (at != NOWHERE && lines[i]->entries[at].expires < next)
            next = lines[i]->entries[at].expires;
    }
    return next;
}

bool model_space_is_empty(const struct model *model, int space)
{
    struct scope scope = {space, -1, -1};

    return count_in(&model->connections, scope) == 0 && count_in(&model->held, scope) == 0 &&
           count_in(&model->bindings, scope) == 0;
}

struct sc_store_sizes model_sizes(const struct model *model)
{
    bool endpoints[MODEL_SPACES][MODEL_LABELS] = {0};
    bool destinations[MODEL_SPACES][MODEL_LABELS] = {0};
    struct sc_store_sizes sizes = {.connections = model->connections.count,
                                   .bindings = model->bindings.count,
                                   .held = model->held.count};

    for (size_t i = 0; i < model->connections.count; i++) {
        const struct model_entry *entry = &model->connections.entries[i];
        sizes.endpoints += !endpoints[entry->space][entry->endpoint];
        endpoints[entry->space][entry->endpoint] = true;
    }
    for (size_t i = 0; i < model->bindings.count; i++) {
        const struct model_entry *entry = &model->bindings.entries[i];
        sizes.destinations += !destinations[entry->space][entry->destination];
        destinations[entry->space][entry->destination] = true;
    }
    return sizes;
}
