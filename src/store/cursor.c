/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Going through everything in slices while it changes. A place in a table is
 * never out of date (base/table.h); within a line the cursor points to the
 * entry that comes next, and whoever takes that one out moves it on. Nothing
 * is removed here.
 */
#include "store/cursor.h"

#include "store/fate.h"

static void cursor_begin_space(struct sc_store_cursor *cursor, struct sc_space *space)
{
    cursor->space = space;
    cursor->place = (struct sc_table_place){0};
    cursor->following = NULL;
    if (space && cursor->kind == SC_CURSOR_KNOWN)
        cursor->following = TAILQ_FIRST(&space->known_line);
}

static void cursor_next_space(struct sc_store_cursor *cursor)
{
    cursor_begin_space(cursor, cursor->one_space ? NULL : TAILQ_NEXT(cursor->space, link));
}

void sc_store_cursor_init(struct sc_store_cursor *cursor, struct sc_store *store,
                          enum sc_cursor_kind kind, struct sc_space *space)
{
    *cursor = (struct sc_store_cursor){.store = store, .kind = kind, .one_space = space != NULL};
    cursor_begin_space(cursor, space ? space : TAILQ_FIRST(&store->spaces));
    LIST_INSERT_HEAD(&store->cursors, cursor, link);
}

void sc_store_cursor_fini(struct sc_store_cursor *cursor)
{
    if (cursor->store)
        LIST_REMOVE(cursor, link);
    cursor->store = NULL;
}

void sc_cursor_step_over(struct sc_store *store, const void *leaving, void *following)
{
    struct sc_store_cursor *cursor;

    LIST_FOREACH (cursor, &store->cursors, link)
        if (cursor->following == leaving)
            cursor->following = following;
}

void sc_cursor_leave_space(const struct sc_space *space)
{
    struct sc_store_cursor *cursor;

    LIST_FOREACH (cursor, &space->store->cursors, link)
        if (cursor->space == space)
            cursor_next_space(cursor);
}

/* Each shows one entry and moves on to the next of its line; whether it is to be seen. */

static bool cursor_show_connection(struct sc_store_cursor *cursor)
{
    struct sc_connection *connection = cursor->following;

    cursor->following = TAILQ_NEXT(connection, link);
    cursor->connection = connection;
    cursor->endpoint = connection->endpoint;
    return cursor->everything || sc_fate_of_connection(connection) == SC_ENDS;
}

static bool cursor_show_binding(struct sc_store_cursor *cursor)
{
    struct sc_binding *binding = cursor->following;

    cursor->following = TAILQ_NEXT(binding, link);
    cursor->binding = binding;
    cursor->destination = binding->destination;
    cursor->endpoint = binding->endpoint;
    return cursor->everything || sc_fate_of_binding(binding) == SC_ENDS;
}

static bool cursor_show_known(struct sc_store_cursor *cursor)
{
    cursor->known = cursor->following;
    cursor->following = TAILQ_NEXT(cursor->known, link_of_space);
    return true;
}

static bool cursor_show(struct sc_store_cursor *cursor)
{
    switch (cursor->kind) {
    case SC_CURSOR_CONNECTIONS:
        return cursor_show_connection(cursor);
    case SC_CURSOR_BINDINGS:
        return cursor_show_binding(cursor);
    case SC_CURSOR_KNOWN:
        return cursor_show_known(cursor);
    case SC_CURSOR_DESTINATIONS:
    case SC_CURSOR_ENDPOINTS:
        break;
    }
    return false;
}

/* The last of a line is the last to be dropped; it stands for all. */

static bool cursor_meets_endpoint(struct sc_store_cursor *cursor, struct sc_endpoint *endpoint)
{
    const struct sc_connection *last = TAILQ_LAST(&endpoint->line, sc_connection_line);

    if (cursor->kind == SC_CURSOR_CONNECTIONS)
        cursor->following = TAILQ_FIRST(&endpoint->line);
    cursor->endpoint = endpoint;
    return cursor->kind == SC_CURSOR_ENDPOINTS && last &&
           (cursor->everything || last->key.serial >= sc_space_floor(endpoint->space));
}

static bool cursor_meets_destination(struct sc_store_cursor *cursor,
                                     struct sc_destination *destination)
{
    const struct sc_binding *last = TAILQ_LAST(&destination->line, sc_binding_line);

    if (cursor->kind == SC_CURSOR_BINDINGS)
        cursor->following = TAILQ_FIRST(&destination->line);
    cursor->destination = destination;
    return cursor->kind == SC_CURSOR_DESTINATIONS && last &&
           (cursor->everything || last->key.serial >= sc_space_floor(destination->space));
}

/* Goes on to the next label of the space, or to the next space; whether it is to be seen. */
static bool cursor_meet(struct sc_store_cursor *cursor, size_t *steps)
{
    const struct sc_space *space = cursor->space;
    bool by_endpoint = cursor->kind == SC_CURSOR_ENDPOINTS || cursor->kind == SC_CURSOR_CONNECTIONS;
    struct sc_label *label = NULL;

    if (cursor->kind != SC_CURSOR_KNOWN)
        label = sc_table_next(by_endpoint ? &space->endpoints : &space->destinations,
                              &cursor->place, steps);
    if (label && by_endpoint)
        return cursor_meets_endpoint(cursor, SC_CONTAINER_OF(label, struct sc_endpoint, label));
    if (label)
        return cursor_meets_destination(cursor,
                                        SC_CONTAINER_OF(label, struct sc_destination, label));
    if (*steps > 0)
        cursor_next_space(cursor);
    return false;
}

enum sc_cursor_step sc_store_cursor_next(struct sc_store_cursor *cursor, int64_t now, size_t steps)
{
    sc_store_see_time(cursor->store, now);
    while (steps > 0 && cursor->space) {
        if (cursor->following ? cursor_show(cursor) : cursor_meet(cursor, &steps))
            return SC_CURSOR_ENTRY;
        steps -= steps > 0;
    }
    return cursor->space ? SC_CURSOR_LATER : SC_CURSOR_END;
}
