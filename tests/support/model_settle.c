/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model follows a store that settles, and checks each step. It does not
 * foresee the order of the steps.
 */
#include "support/model_settle.h"
#include "support/check.h"

void model_set_limits(struct model *model, const struct sc_store_limits *limits)
{
    model->limits = *limits;
    for (size_t i = 0; i < model->connections.count; i++) {
        struct model_entry *entry = &model->connections.entries[i];
        if (entry->expires > model->now)
            model_age_out(model, entry);
    }
}

/* The scope of a limit that was the reason, and how much of what it limits is there. */
static struct model_scope scope_of(const struct model_entry *entry, enum sc_end end)
{
    if (end == SC_END_ENDPOINT_LIMIT)
        return model_of_endpoint(entry->space, entry->endpoint);
    if (end == SC_END_DESTINATION_LIMIT)
        return model_of_destination(entry->space, entry->destination);
    return model_of_space(entry->space);
}

static bool is_over_limit(const struct model *model, struct model_scope scope, enum sc_end end)
{
    const struct sc_store_limits *limits = &model->limits;

    switch (end) {
    case SC_END_ENDPOINT_LIMIT:
        return model_is_over(model_had(model, scope), limits->endpoint_session_limit);
    case SC_END_USER_LIMIT:
        return model_is_over(model_had(model, scope), limits->user_session_limit);
    case SC_END_SESSION_LIMIT:
        return model_is_over(model_had(model, everything), limits->session_limit);
    case SC_END_DESTINATION_LIMIT:
        return model_is_over(model_count(&model->bindings, scope),
                             limits->destination_binding_limit);
    case SC_END_BINDING_LIMIT:
        return model_is_over(model->bindings.count, limits->binding_limit);
    case SC_END_MEMORY_LIMIT:
        return model_is_over(model_has(model, SC_SHARE_TEXT, -1), limits->memory_limit);
    default:
        fail_msg("an entry was removed, and there is no reason to");
        return false;
    }
}

/* Whether it is the user's turn, where users share what is limited. */
static void assert_has_most(const struct model *model, int space, enum sc_end end)
{
    if (end == SC_END_SESSION_LIMIT)
        assert_int_equal(model_victim(model, SC_SHARE_CONNECTIONS, -1, 0), space);
    else if (end == SC_END_BINDING_LIMIT)
        assert_int_equal(model_victim(model, SC_SHARE_BINDINGS, -1, 0), space);
    else if (end == SC_END_MEMORY_LIMIT)
        assert_int_equal(model_victim(model, SC_SHARE_TEXT, -1, 0), space);
}

void model_follow(struct model *model, struct model_event event)
{
    bool is_binding = event.what == MODEL_UNBOUND;
    struct model_line *line = is_binding ? &model->bindings : &model->connections;
    struct model_entry *entry = model_entry(model, is_binding, event.id);

    assert_true(is_binding || event.what == MODEL_ENDED);
    assert_non_null(entry);
    enum sc_end fate = model_fate(model, entry);
    if (fate != SC_ENDS) {
        assert_int_equal(event.end, fate);
    } else {
        struct model_scope scope = scope_of(entry, event.end);
        assert_true(is_over_limit(model, scope, event.end));
        assert_has_most(model, entry->space, event.end);
        assert_ptr_equal(&line->entries[model_first(line, scope)], entry);
        if (event.end == SC_END_MEMORY_LIMIT)
            assert_ptr_equal(model_first_text(model, entry->space), line);
    }
    model_end(model, line, (size_t)(entry - line->entries), event.end);
}

void model_follow_known(struct model *model, size_t known)
{
    while (model->known.count > known) {
        assert_true(model->known.count > model_most_known(model));
        struct model_scope scope = model_of_space(model_victim(model, SC_SHARE_KNOWN, -1, 0));
        (void)model_take_out(&model->known, (size_t)model_front(&model->known, scope));
    }
}

/* What has expired since is not what this is about. */
static void assert_no_work(const struct model *model, const struct model_line *line)
{
    for (size_t i = 0; i < line->count; i++) {
        const struct model_entry *entry = &line->entries[i];
        if (entry->expires > model->now)
            assert_int_equal(model_fate(model, entry), SC_ENDS);
    }
}

void model_assert_settled(struct model *model)
{
    static const enum sc_end ends[] = {SC_END_SESSION_LIMIT, SC_END_ENDPOINT_LIMIT,
                                       SC_END_USER_LIMIT};
    static const enum sc_end of_bindings[] = {SC_END_DESTINATION_LIMIT, SC_END_BINDING_LIMIT};

    assert_no_work(model, &model->connections);
    assert_no_work(model, &model->bindings);
    for (size_t i = 0; i < model->connections.count; i++)
        for (size_t j = 0; j < SC_COUNT_OF(ends); j++)
            assert_false(
                is_over_limit(model, scope_of(&model->connections.entries[i], ends[j]), ends[j]));
    for (size_t i = 0; i < model->bindings.count; i++)
        for (size_t j = 0; j < SC_COUNT_OF(of_bindings); j++)
            assert_false(is_over_limit(model, scope_of(&model->bindings.entries[i], of_bindings[j]),
                                       of_bindings[j]));
    if (model->connections.count + model->bindings.count > 0)
        assert_false(is_over_limit(model, everything, SC_END_MEMORY_LIMIT));
    assert_true(model->known.count <= model_most_known(model));
}
