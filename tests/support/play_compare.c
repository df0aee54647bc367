/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Store and model compared, all of it. Nothing is changed here, but what was
 * compared of events and descriptors is gone.
 */
#include "support/play_compare.h"

#include "support/check.h"
#include "support/model_drop.h"

#include <stdlib.h>
#include <string.h>

void play_compare_events(struct play *play)
{
    struct model_events *seen = &play->events;
    struct model_events *wanted = &play->model.events;

    for (size_t i = 0; i < seen->count && i < wanted->count; i++) {
        assert_int_equal(seen->events[i].what, wanted->events[i].what);
        assert_int_equal(seen->events[i].id, wanted->events[i].id);
        assert_int_equal(seen->events[i].end, wanted->events[i].end);
    }
    assert_int_equal(seen->count, wanted->count);
    seen->count = wanted->count = 0;
}

void play_compare_reaped(struct play *play)
{
    struct sc_reaped reaped;

    while (sc_store_reap(play->store, &reaped)) {
        assert_int_equal(reaped.fd, model_reap(&play->model));
        assert_int_equal(reaped.nature, reaped.fd & 0xff);
        play->reaped++;
    }
    assert_int_equal(model_reap(&play->model), -1);
}

static void compare_some_sizes(struct sc_store_sizes sizes, struct sc_store_sizes wanted)
{
    assert_int_equal(sizes.connections, wanted.connections);
    assert_int_equal(sizes.endpoints, wanted.endpoints);
    assert_int_equal(sizes.bindings, wanted.bindings);
    assert_int_equal(sizes.destinations, wanted.destinations);
    assert_int_equal(sizes.held, wanted.held);
    assert_int_equal(sizes.text, wanted.text);
    assert_int_equal(sizes.known, wanted.known);
}

void play_compare_sizes(struct play *play)
{
    struct sc_store_sizes sizes = sc_store_sizes(play->store);
    size_t spaces = 0;

    compare_some_sizes(sizes, model_sizes(&play->model, -1));
    assert_int_equal(sc_store_next_expiry(play->store), model_next_expiry(&play->model));
    for (int i = 0; i < MODEL_SPACES; i++)
        spaces += play->spaces[i] != NULL;
    assert_int_equal(sizes.spaces, spaces);
    if (sizes.connections > play->largest)
        play->largest = sizes.connections;
}

static void want(struct play *play, const struct model_entry *entry, bool is_binding)
{
    char buffer[SNAPSHOT_TEXT];
    struct snapshot_entry wanted = {
        .space = play->spaces[entry->space],
        .endpoint = play_label(play, entry->endpoint),
        .property = is_binding ? sc_bytes_of(play->properties[entry->property])
                               : play_property_of_fd(entry->fd, buffer),
        .fd = is_binding ? -1 : entry->fd,
        .age = play->now - entry->saved,
        .left = entry->expires - play->now,
    };

    if (is_binding) {
        wanted.destination = play_label(play, entry->destination);
    } else {
        wanted.known_for = play->now - entry->since;
        wanted.uses = entry->uses;
    }
    snapshot_add(&play->wanted, &wanted);
}

/* Line by line, since a snapshot counts places in each. */
static void want_line(struct play *play, const struct model_line *line, bool bindings)
{
    static bool added[MODEL_ENTRIES];

    memset(added, 0, sizeof(added));
    for (size_t first = 0; first < line->count; first++) {
        const struct model_entry *head = &line->entries[first];
        for (size_t i = first; i < line->count && !added[first]; i++) {
            const struct model_entry *entry = &line->entries[i];
            if (i > first &&
                (entry->space != head->space || (bindings ? entry->destination != head->destination
                                                          : entry->endpoint != head->endpoint)))
                continue;
            if (i > first)
                added[i] = true;
            if (model_is_visible(&play->model, entry))
                want(play, entry, bindings);
        }
    }
}

static void compare_known(struct play *play)
{
    struct sc_store_cursor cursor;
    size_t count = 0;

    sc_store_cursor_init(&cursor, play->store, SC_CURSOR_KNOWN, NULL);
    while (sc_store_cursor_next(&cursor, play->now, SIZE_MAX) == SC_CURSOR_ENTRY) {
        const struct model_line *line = &play->model.known;
        size_t i = 0;
        while (i < line->count && line->entries[i].cookie != sc_known_cookie(cursor.known))
            i++;
        assert_true(i < line->count);
        assert_int_equal(sc_space_user(sc_known_space(cursor.known)), line->entries[i].space);
        assert_int_equal(sc_known_uses(cursor.known), line->entries[i].uses);
        assert_int_equal(sc_known_for(cursor.known, play->now), play->now - line->entries[i].since);
        count++;
    }
    assert_int_equal(count, play->model.known.count);
    sc_store_cursor_fini(&cursor);
}

void play_compare_all(struct play *play)
{
    model_see_time(&play->model, play->now);
    snapshot_take(&play->seen, play->store, play->now);
    snapshot_clear(&play->wanted);
    want_line(play, &play->model.bindings, true);
    want_line(play, &play->model.connections, false);
    snapshot_assert_equal(&play->seen, &play->wanted);
    compare_known(play);
    for (int i = 0; i < MODEL_SPACES; i++)
        if (play->spaces[i])
            compare_some_sizes(sc_space_sizes(play->spaces[i]), model_sizes(&play->model, i));
}
