/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is dropped, counted and told to the log. Who may drop what was decided
 * before.
 */
#include "control/drop.h"

#include <inttypes.h>

static bool drop_sees(const struct sc_job *job, int64_t space)
{
    return sc_who_sees(&job->who, space) && (job->ask.user < 0 || job->ask.user == space);
}

/* Under a label, in each space that is meant. */
static void drop_label(struct sc_job *job, struct sc_desk *desk)
{
    struct sc_user *user;

    LIST_FOREACH (user, &desk->source.crowd->users, link) {
        if (!user->space || !drop_sees(job, user->id))
            continue;
        job->count += job->ask.what == SC_ASK_DESTINATIONS
                          ? sc_store_drop_destination(user->space, job->ask.label)
                          : sc_store_drop_endpoint(user->space, job->ask.label);
    }
}

/* Whole spaces, or the whole store. */
static void drop_spaces(struct sc_job *job, struct sc_desk *desk)
{
    struct sc_user *user;

    LIST_FOREACH (user, &desk->source.crowd->users, link) {
        if (!user->space || !drop_sees(job, user->id))
            continue;
        struct sc_store_sizes sizes = sc_space_sizes(user->space);
        job->count += sizes.connections + sizes.bindings;
        if (!job->ask.dry_run)
            sc_space_drop(user->space);
    }
}

static enum sc_cursor_kind drop_kind(const struct sc_ask *ask)
{
    if (ask->what == SC_ASK_BINDINGS || ask->what == SC_ASK_DESTINATIONS)
        return SC_CURSOR_BINDINGS;
    return SC_CURSOR_CONNECTIONS;
}

int sc_drop_start(struct sc_job *job, struct sc_desk *desk, bool *more)
{
    const struct sc_ask *ask = &job->ask;

    *more = ask->has_id || (ask->has_label && ask->dry_run);
    if (*more) {
        sc_store_cursor_init(&job->store_cursor, desk->source.store, drop_kind(ask), NULL);
        job->has_store_cursor = true;
        return 0;
    }
    if (ask->has_label)
        drop_label(job, desk);
    else
        drop_spaces(job, desk);
    if (!ask->dry_run)
        desk->source.dropped(desk->source.context);
    return 0;
}

/* The entry at the cursor: counts it if it is meant, and drops it. True when it was the one. */
static bool drop_binding(struct sc_job *job, struct sc_binding *binding)
{
    const struct sc_ask *ask = &job->ask;

    if (!drop_sees(job, sc_space_user(sc_binding_space(binding))))
        return false;
    if (!ask->has_id) {
        if (sc_bytes_equal(sc_binding_destination(binding), ask->label))
            job->count += 1 + sc_endpoint_connections(job->store_cursor.endpoint);
        return false;
    }
    if (sc_binding_id(binding) != (uint64_t)ask->id)
        return false;
    job->count = 1;
    if (!ask->dry_run)
        sc_binding_drop(binding, SC_END_DROPPED);
    return true;
}

static bool drop_connection(struct sc_job *job, struct sc_connection *connection)
{
    const struct sc_ask *ask = &job->ask;

    if (!drop_sees(job, sc_space_user(sc_connection_space(connection))))
        return false;
    if (!ask->has_id) {
        job->count += sc_bytes_equal(sc_connection_endpoint(connection), ask->label);
        return false;
    }
    if (sc_connection_id(connection) != (uint64_t)ask->id)
        return false;
    job->count = 1;
    if (!ask->dry_run)
        sc_connection_drop(connection, SC_END_DROPPED);
    return true;
}

void sc_drop_step(struct sc_job *job, struct sc_desk *desk, bool *more)
{
    struct sc_store_cursor *cursor = &job->store_cursor;
    bool found = false;

    for (int i = 0; i < SC_JOB_PLACES && !found; i++) {
        enum sc_cursor_step step = sc_store_cursor_next(cursor, sc_desk_now(desk), SC_JOB_PLACES);
        *more = step != SC_CURSOR_END;
        if (step != SC_CURSOR_ENTRY)
            return;
        found = cursor->binding ? drop_binding(job, cursor->binding)
                                : drop_connection(job, cursor->connection);
    }
    if (!found)
        return;
    *more = false;
    if (!job->ask.dry_run)
        desk->source.dropped(desk->source.context);
}

void sc_drop_log(const struct sc_job *job, const struct sc_desk *desk)
{
    static const char *const units[] = {
        [SC_ASK_DESTINATIONS] = "bindings and connections",
        [SC_ASK_ENDPOINTS] = "connections",
        [SC_ASK_CONNECTIONS] = "connections",
        [SC_ASK_BINDINGS] = "bindings",
        [SC_ASK_ALL] = "bindings and connections",
    };

    if (!job->ask.dry_run)
        sc_log(desk->log, SC_INFO, "control: user %" PRId64 ": drop: %" PRIu64 " %s", job->who.user,
               job->count, units[job->ask.what]);
}
