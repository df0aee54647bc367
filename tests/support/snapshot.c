/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes down all that a store shows by its cursors, sorted, and compares two such lists. It
 * allocates nothing, for tests in which allocation fails.
 */
#include "support/check.h"

#include "support/snapshot.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void snapshot_clear(struct snapshot *snapshot)
{
    snapshot->count = 0;
}

static void copy(char field[SNAPSHOT_TEXT], struct sc_bytes text)
{
    assert_true(text.length < SNAPSHOT_TEXT);
    memset(field, 0, SNAPSHOT_TEXT);
    if (text.length > 0)
        memcpy(field, text.data, text.length);
}

/* Whether both are in the same destination's or the same endpoint's line. */
static bool same_line(const struct snapshot_line *one, const struct snapshot_line *other)
{
    if (one->is_connection != other->is_connection || one->space != other->space)
        return false;
    if (one->is_connection)
        return memcmp(one->endpoint, other->endpoint, SNAPSHOT_TEXT) == 0;
    return memcmp(one->destination, other->destination, SNAPSHOT_TEXT) == 0;
}

void snapshot_add(struct snapshot *snapshot, const struct snapshot_entry *entry)
{
    assert_true(snapshot->count < SNAPSHOT_LINES);
    struct snapshot_line *line = &snapshot->lines[snapshot->count++];

    line->is_connection = entry->fd >= 0;
    line->space = entry->space;
    copy(line->destination, entry->destination);
    copy(line->endpoint, entry->endpoint);
    copy(line->property, entry->property);
    line->place = 0;
    line->fd = entry->fd;
    line->age = entry->age;
    line->left = entry->left;
    line->known_for = entry->known_for;
    line->uses = entry->uses;
    if (snapshot->count > 1 && same_line(line, line - 1))
        line->place = (line - 1)->place + 1;
}

static void take_bindings(struct snapshot *snapshot, struct sc_store *store, int64_t now)
{
    struct sc_store_cursor cursor;

    sc_store_cursor_init(&cursor, store, SC_CURSOR_BINDINGS, NULL);
    while (sc_store_cursor_next(&cursor, now, SIZE_MAX) == SC_CURSOR_ENTRY) {
        const struct sc_binding *binding = cursor.binding;
        const struct snapshot_entry entry = {
            .space = sc_binding_space(binding),
            .destination = sc_binding_destination(binding),
            .endpoint = sc_binding_endpoint(binding),
            .property = sc_binding_property(binding),
            .fd = -1,
            .age = sc_binding_age(binding, now),
            .left = sc_binding_left(binding, now),
        };
        snapshot_add(snapshot, &entry);
    }
    sc_store_cursor_fini(&cursor);
}

static void take_connections(struct snapshot *snapshot, struct sc_store *store, int64_t now)
{
    struct sc_store_cursor cursor;

    sc_store_cursor_init(&cursor, store, SC_CURSOR_CONNECTIONS, NULL);
    while (sc_store_cursor_next(&cursor, now, SIZE_MAX) == SC_CURSOR_ENTRY) {
        const struct sc_connection *connection = cursor.connection;
        const struct snapshot_entry entry = {
            .space = sc_connection_space(connection),
            .endpoint = sc_connection_endpoint(connection),
            .property = sc_connection_property(connection),
            .fd = sc_connection_descriptor(connection),
            .age = sc_connection_age(connection, now),
            .left = sc_connection_left(connection, now),
            .known_for = sc_connection_known_for(connection, now),
            .uses = sc_connection_uses(connection),
        };
        snapshot_add(snapshot, &entry);
    }
    sc_store_cursor_fini(&cursor);
}

void snapshot_take(struct snapshot *snapshot, struct sc_store *store, int64_t now)
{
    snapshot_clear(snapshot);
    take_bindings(snapshot, store, now);
    take_connections(snapshot, store, now);
}

/* The lines have no padding, so that comparing their bytes compares all. */
static int compare(const void *one, const void *other)
{
    return memcmp(one, other, sizeof(struct snapshot_line));
}

static void show(const char *title, const struct snapshot *snapshot, size_t at)
{
    if (at >= snapshot->count) {
        print_error("%s: nothing\n", title);
        return;
    }
    const struct snapshot_line *line = &snapshot->lines[at];
    print_error("%s: '%s' -> '%s' (%s) place %" PRIu64 " fd %" PRId64 " age %" PRId64
                " left %" PRId64 " known for %" PRId64 " uses %" PRIu64 "\n",
                title, line->destination, line->endpoint, line->property, line->place, line->fd,
                line->age, line->left, line->known_for, line->uses);
}

void snapshot_assert_equal(struct snapshot *one, struct snapshot *other)
{
    size_t at = 0;

    qsort(one->lines, one->count, sizeof(one->lines[0]), compare);
    qsort(other->lines, other->count, sizeof(other->lines[0]), compare);
    while (at < one->count && at < other->count && compare(&one->lines[at], &other->lines[at]) == 0)
        at++;
    if (at == one->count && at == other->count)
        return;
    show("one", one, at);
    show("other", other, at);
    fail_msg("two snapshots differ");
}
