/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's ways out that somebody asks for: dropping, clearing, reaping.
 */
#include "support/model_drop.h"

#include "support/check.h"

void model_clear(struct model *model, enum sc_end end)
{
    int at;

    while ((at = model_first(&model->bindings, everything)) >= 0)
        model_end_or_fate(model, &model->bindings, (size_t)at, end);
    while ((at = model_first(&model->connections, everything)) >= 0)
        model_end_or_fate(model, &model->connections, (size_t)at, end);
    model->known.count = 0;
}

int model_reap(struct model *model)
{
    return model->reaped.count > 0 ? model_take_out(&model->reaped, 0).fd : -1;
}

void model_drop_all(struct model *model)
{
    for (int space = 0; space < MODEL_SPACES; space++)
        model_drop_space(model, space);
}

void model_drop_space(struct model *model, int space)
{
    model->floors[space] = model->serial;
}

size_t model_drop_endpoint(struct model *model, int space, int endpoint)
{
    struct model_scope scope = model_of_endpoint(space, endpoint);
    size_t dropped = 0;
    int at;

    for (size_t i = 0; i < model->held.count; i++)
        if (model_is_in(&model->held.entries[i], scope))
            model->held.entries[i].dropped = true;
    while ((at = model_front(&model->connections, scope)) >= 0) {
        dropped += model_fate(model, &model->connections.entries[at]) == SC_ENDS;
        model_end_or_fate(model, &model->connections, (size_t)at, SC_END_DROPPED);
    }
    return dropped;
}

size_t model_drop_destination(struct model *model, int space, int destination)
{
    size_t dropped = 0;
    int at;

    while ((at = model_front(&model->bindings, model_of_destination(space, destination))) >= 0) {
        struct model_entry binding = model->bindings.entries[at];
        if (model_fate(model, &binding) == SC_ENDS)
            dropped += 1 + model_drop_endpoint(model, space, binding.endpoint);
        model_end_or_fate(model, &model->bindings, (size_t)at, SC_END_DROPPED);
    }
    return dropped;
}

void model_drop_one(struct model *model, bool is_binding, uint64_t id, enum sc_end end)
{
    struct model_line *line = is_binding ? &model->bindings : &model->connections;
    struct model_entry *entry = model_entry(model, is_binding, id);

    assert_non_null(entry);
    model_end(model, line, (size_t)(entry - line->entries), end);
}
