/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cursors that go through a store while it is played with: what stays is
 * shown, and nothing twice. Those for what is out are not among them.
 */
#include "support/play_cursor.h"

#include "support/check.h"

#include <stdlib.h>
#include <string.h>

static void begin_line(struct model *model, struct model_line *line, uint8_t bit)
{
    for (size_t i = 0; i < line->count; i++) {
        struct model_entry *entry = &line->entries[i];
        entry->shown &= (uint8_t)~bit;
        entry->stayed &= (uint8_t)~bit;
        if (model_is_visible(model, entry))
            entry->stayed |= bit;
    }
}

static void show_entry(struct play *play, bool is_binding, uint64_t id, uint8_t bit)
{
    struct model_entry *entry = model_entry(&play->model, is_binding, id);

    assert_non_null(entry);
    assert_true(model_is_visible(&play->model, entry));
    assert_false(entry->shown & bit);
    entry->shown |= bit;
}

/* The label's number stands at its beginning. */
static void show_label(struct play_cursor *its, const struct sc_space *space, struct sc_bytes label)
{
    int number = atoi(label.data);

    its->shown[sc_space_user(space)][number] = true;
}

static void show(struct play *play, struct play_cursor *its, uint8_t bit)
{
    const struct sc_store_cursor *cursor = &its->cursor;

    switch (cursor->kind) {
    case SC_CURSOR_CONNECTIONS:
        show_entry(play, false, sc_connection_id(cursor->connection), bit);
        break;
    case SC_CURSOR_BINDINGS:
        show_entry(play, true, sc_binding_id(cursor->binding), bit);
        break;
    case SC_CURSOR_ENDPOINTS:
        assert_true(sc_endpoint_connections(cursor->endpoint) > 0);
        show_label(its, sc_endpoint_space(cursor->endpoint), sc_endpoint_label(cursor->endpoint));
        break;
    case SC_CURSOR_DESTINATIONS:
        assert_true(sc_destination_bindings(cursor->destination) > 0);
        show_label(its, sc_destination_space(cursor->destination),
                   sc_destination_label(cursor->destination));
        break;
    case SC_CURSOR_KNOWN:
        break;
    }
}

/* All that stayed was shown, and of places all that have something that stayed. */
static void end_cursor(struct play *play, struct play_cursor *its, uint8_t bit)
{
    enum sc_cursor_kind kind = its->cursor.kind;
    bool by_label = kind == SC_CURSOR_ENDPOINTS || kind == SC_CURSOR_DESTINATIONS;
    bool bindings = kind == SC_CURSOR_BINDINGS || kind == SC_CURSOR_DESTINATIONS;
    const struct model_line *line = bindings ? &play->model.bindings : &play->model.connections;

    for (size_t i = 0; i < line->count; i++) {
        const struct model_entry *entry = &line->entries[i];
        if (!(entry->stayed & bit) || !model_is_visible(&play->model, entry))
            continue;
        if (by_label)
            assert_true(its->shown[entry->space][bindings ? entry->destination : entry->endpoint]);
        else
            assert_true(entry->shown & bit);
    }
    sc_store_cursor_fini(&its->cursor);
    its->running = false;
    play->cursor_ends++;
}

void play_begin_cursor(struct play *play)
{
    static const enum sc_cursor_kind kinds[] = {SC_CURSOR_CONNECTIONS, SC_CURSOR_BINDINGS,
                                                SC_CURSOR_ENDPOINTS, SC_CURSOR_DESTINATIONS};
    uint32_t which = play_below(play, MODEL_CURSORS);
    struct play_cursor *its = &play->cursors[which];

    if (its->running)
        return;
    begin_line(&play->model, &play->model.connections, (uint8_t)(1 << which));
    begin_line(&play->model, &play->model.bindings, (uint8_t)(1 << which));
    memset(its->shown, 0, sizeof(its->shown));
    sc_store_cursor_init(&its->cursor, play->store, kinds[play_below(play, SC_COUNT_OF(kinds))],
                         NULL);
    its->running = true;
}

void play_move_cursors(struct play *play)
{
    for (int which = 0; which < MODEL_CURSORS; which++) {
        struct play_cursor *its = &play->cursors[which];
        uint32_t times = 1 + play_below(play, 40);
        enum sc_cursor_step step = SC_CURSOR_LATER;
        if (!its->running)
            continue;
        model_see_time(&play->model, play->now);
        while (times-- > 0 && step != SC_CURSOR_END) {
            step = sc_store_cursor_next(&its->cursor, play->now, 1 + play_below(play, 30));
            if (step == SC_CURSOR_ENTRY)
                show(play, its, (uint8_t)(1 << which));
        }
        if (step == SC_CURSOR_END)
            end_cursor(play, its, (uint8_t)(1 << which));
    }
}
