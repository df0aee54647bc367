/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists, made in slices. What a record looks like is not known here, nor who
 * may see which kind of list.
 */
#include "control/listing.h"

#include <errno.h>
#include <stdlib.h>

#include "control/past.h"
#include "control/tell.h"

/* A list that is sorted has at most so many. */
enum { SORTED_MOST = 1000 };

/* What was come upon: one of these. */
struct found {
    struct sc_connection *connection;
    struct sc_binding *binding;
    struct sc_endpoint *endpoint;
    struct sc_destination *destination;
    struct sc_guest *client;
    struct sc_user *user;
    const struct sc_place *place;
};

/* --- filters ----------------------------------------------------------------- */

static bool listing_contains(struct sc_bytes label, struct sc_bytes part)
{
    return part.length == 0 ||
           (label.length > 0 && memmem(label.data, label.length, part.data, part.length));
}

static bool listing_lets_through(const struct sc_job *job, int64_t space, struct sc_bytes label,
                                 struct sc_bytes other)
{
    const struct sc_ask *ask = &job->ask;

    if (!sc_who_sees(&job->who, space) || (ask->user >= 0 && ask->user != space))
        return false;
    if (ask->has_label && !sc_bytes_equal(label, ask->label) && !sc_bytes_equal(other, ask->label))
        return false;
    return listing_contains(label, ask->contains) ||
           (other.length > 0 && listing_contains(other, ask->contains));
}

static bool listing_wants(const struct sc_job *job, const struct found *found)
{
    const struct sc_bytes none = {0};

    if (found->binding)
        return listing_lets_through(job, sc_space_user(sc_binding_space(found->binding)),
                                    sc_binding_destination(found->binding),
                                    sc_binding_endpoint(found->binding));
    if (found->connection)
        return listing_lets_through(job, sc_space_user(sc_connection_space(found->connection)),
                                    sc_connection_endpoint(found->connection), none);
    if (found->destination)
        return listing_lets_through(job, sc_space_user(sc_destination_space(found->destination)),
                                    sc_destination_label(found->destination), none);
    if (found->endpoint)
        return listing_lets_through(job, sc_space_user(sc_endpoint_space(found->endpoint)),
                                    sc_endpoint_label(found->endpoint), none);
    if (found->place)
        return listing_lets_through(job, found->place->user, sc_place_label(found->place), none);
    int64_t space = found->client ? found->client->user->id : found->user->id;
    return listing_lets_through(job, space, none, none);
}

/* --- records ------------------------------------------------------------------ */

static int listing_tell(const struct sc_job *job, const struct sc_desk *desk,
                        const struct found *found, struct sc_buf *out)
{
    const struct sc_ask *ask = &job->ask;

    if (found->binding)
        return sc_tell_binding(out, desk, found->binding, ask->properties);
    if (found->connection)
        return sc_tell_connection(out, desk, found->connection, ask->properties, ask->at_length);
    if (found->destination)
        return sc_tell_destination(out, desk, found->destination);
    if (found->endpoint)
        return sc_tell_endpoint(out, desk, found->endpoint);
    if (found->place)
        return sc_past_tell_entry(out, desk, found->place);
    if (found->client)
        return sc_tell_client(out, desk, found->client);
    return sc_tell_user(out, found->user);
}

static int64_t listing_rank_place(enum sc_ask_sort sort, const struct sc_place *place)
{
    switch (sort) {
    case SC_ASK_BY_RECENT:
        return place->looked_up;
    case SC_ASK_BY_MISSES:
        return (int64_t)sc_place_misses(place);
    case SC_ASK_BY_HITS:
        return place->hits;
    default:
        return place->lookups;
    }
}

/* By what it is sorted; the largest are wanted. */
static int64_t listing_rank(const struct sc_job *job, const struct sc_desk *desk,
                            const struct found *found)
{
    int64_t now = sc_desk_now(desk);

    if (found->place)
        return listing_rank_place(job->ask.sort, found->place);
    if (job->ask.sort == SC_ASK_BY_AGE) {
        if (found->binding)
            return sc_binding_age(found->binding, now);
        if (found->connection)
            return sc_connection_age(found->connection, now);
        return found->client ? now - found->client->since : 0;
    }
    if (found->endpoint && !found->connection)
        return (int64_t)sc_endpoint_connections(found->endpoint);
    if (found->destination && !found->binding)
        return (int64_t)sc_destination_bindings(found->destination);
    return found->user && found->user->space
               ? (int64_t)sc_space_sizes(found->user->space).connections
               : 0;
}

/* --- sorting ------------------------------------------------------------------- */

static size_t listing_most(const struct sc_job *job)
{
    return job->ask.limit > 0 && job->ask.limit < SORTED_MOST ? (size_t)job->ask.limit
                                                              : SORTED_MOST;
}

/* Keeps it if it is among the best so far, in place of the least of those. */
static int listing_keep(struct sc_job *job, const struct sc_desk *desk, const struct found *found)
{
    int64_t rank = listing_rank(job, desk, found);
    struct sc_job_kept *kept;

    if (job->kept_count < listing_most(job)) {
        kept = &job->kept[job->kept_count];
    } else {
        struct sc_heap_key *least = sc_heap_top(&job->best);
        if (rank <= least->expires)
            return 0;
        kept = SC_CONTAINER_OF(least, struct sc_job_kept, key);
        sc_heap_remove(&job->best, least);
        sc_buf_clear(&kept->record, SIZE_MAX);
    }
    int error = listing_tell(job, desk, found, &kept->record);
    kept->key.expires = rank;
    kept->key.serial = (uint64_t)(kept - job->kept);
    sc_heap_push(&job->best, &kept->key);
    if (kept == &job->kept[job->kept_count])
        job->kept_count++;
    return error;
}

/* The next of those that were kept; the least first, so the list is turned round by its reader. */
static int listing_say_kept(struct sc_job *job, struct sc_buf *out, bool *more)
{
    for (int i = 0; i < SC_JOB_RECORDS; i++) {
        struct sc_heap_key *least = sc_heap_top(&job->best);
        *more = least != NULL;
        if (!least)
            return 0;
        struct sc_job_kept *kept = SC_CONTAINER_OF(least, struct sc_job_kept, key);
        int error = sc_buf_append(out, sc_buf_bytes(&kept->record));
        if (error < 0)
            return error;
        sc_heap_remove(&job->best, least);
        job->count++;
    }
    return 0;
}

/* --- going through all ----------------------------------------------------------- */

static enum sc_cursor_kind listing_kind(enum sc_ask_what what)
{
    switch (what) {
    case SC_ASK_DESTINATIONS:
        return SC_CURSOR_DESTINATIONS;
    case SC_ASK_ENDPOINTS:
        return SC_CURSOR_ENDPOINTS;
    case SC_ASK_BINDINGS:
        return SC_CURSOR_BINDINGS;
    default:
        return SC_CURSOR_CONNECTIONS;
    }
}

static bool listing_is_of_crowd(const struct sc_job *job)
{
    return job->ask.what == SC_ASK_CLIENTS || job->ask.what == SC_ASK_USERS;
}

/* What is sorted by what happened is taken from the history: nothing may be cached there any more.
 */
static bool listing_is_of_places(const struct sc_ask *ask)
{
    return (ask->what == SC_ASK_DESTINATIONS || ask->what == SC_ASK_ENDPOINTS) &&
           ask->sort >= SC_ASK_BY_LOOKUPS;
}

int sc_listing_open(struct sc_job *job, struct sc_desk *desk)
{
    if (job->ask.sort != SC_ASK_UNSORTED) {
        size_t most = listing_most(job);
        sc_heap_init(&job->best);
        int error = sc_heap_reserve(&job->best, most);
        job->kept = error == 0 ? calloc(most, sizeof(*job->kept)) : NULL;
        if (!job->kept)
            return -ENOMEM;
    }
    job->goes_through_places = listing_is_of_places(&job->ask);
    if (job->goes_through_places)
        return 0;
    if (listing_is_of_crowd(job)) {
        sc_crowd_cursor_init(&job->crowd_cursor, desk->source.crowd);
        job->has_crowd_cursor = true;
        return 0;
    }
    sc_store_cursor_init(&job->store_cursor, desk->source.store, listing_kind(job->ask.what), NULL);
    job->has_store_cursor = true;
    return 0;
}

static void listing_close_cursors(struct sc_job *job)
{
    if (job->has_store_cursor)
        sc_store_cursor_fini(&job->store_cursor);
    if (job->has_crowd_cursor)
        sc_crowd_cursor_fini(&job->crowd_cursor);
    job->has_store_cursor = job->has_crowd_cursor = job->goes_through_places = false;
}

void sc_listing_close(struct sc_job *job)
{
    listing_close_cursors(job);
    for (size_t i = 0; job->kept && i < listing_most(job); i++)
        sc_buf_fini(&job->kept[i].record);
    if (job->kept)
        sc_heap_fini(&job->best);
    free(job->kept);
    job->kept = NULL;
}

static enum sc_cursor_step listing_next_place(struct sc_job *job, const struct sc_desk *desk,
                                              size_t places, struct found *found)
{
    const struct sc_shelf *shelf = &desk->source.history->shelf;
    enum sc_place_kind kind =
        job->ask.what == SC_ASK_ENDPOINTS ? SC_PLACE_ENDPOINT : SC_PLACE_DESTINATION;

    for (; places > 0 && job->place < shelf->slot_count; places--) {
        found->place = sc_shelf_at(shelf, job->place++);
        if (found->place && found->place->kind == kind)
            return SC_CURSOR_ENTRY;
    }
    return places > 0 ? SC_CURSOR_END : SC_CURSOR_LATER;
}

static enum sc_cursor_step listing_next(struct sc_job *job, const struct sc_desk *desk,
                                        size_t places, struct found *found)
{
    struct sc_store_cursor *cursor = &job->store_cursor;

    *found = (struct found){0};
    if (job->goes_through_places)
        return listing_next_place(job, desk, places, found);
    if (job->has_crowd_cursor && job->ask.what == SC_ASK_CLIENTS)
        found->client = sc_crowd_cursor_next_guest(&job->crowd_cursor);
    else if (job->has_crowd_cursor)
        found->user = sc_crowd_cursor_next_user(&job->crowd_cursor);
    if (job->has_crowd_cursor)
        return found->client || found->user ? SC_CURSOR_ENTRY : SC_CURSOR_END;
    enum sc_cursor_step step = sc_store_cursor_next(cursor, sc_desk_now(desk), places);
    if (step != SC_CURSOR_ENTRY)
        return step;
    if (job->ask.what == SC_ASK_BINDINGS)
        found->binding = cursor->binding;
    else if (job->ask.what == SC_ASK_CONNECTIONS)
        found->connection = cursor->connection;
    else if (job->ask.what == SC_ASK_DESTINATIONS)
        found->destination = cursor->destination;
    else
        found->endpoint = cursor->endpoint;
    return step;
}

static bool listing_is_full(const struct sc_job *job)
{
    return job->ask.sort == SC_ASK_UNSORTED && job->ask.limit > 0 &&
           job->count >= (uint64_t)job->ask.limit;
}

int sc_listing_step(struct sc_job *job, struct sc_desk *desk, struct sc_buf *out, bool *more)
{
    struct found found;

    if (!job->has_store_cursor && !job->has_crowd_cursor && !job->goes_through_places)
        return listing_say_kept(job, out, more);
    *more = true;
    for (int records = 0, places = 0; records < SC_JOB_RECORDS && places < SC_JOB_PLACES;
         places++) {
        enum sc_cursor_step step = listing_next(job, desk, SC_JOB_PLACES, &found);
        if (step == SC_CURSOR_LATER)
            return 0;
        if (step == SC_CURSOR_END || listing_is_full(job)) {
            listing_close_cursors(job);
            *more = job->ask.sort != SC_ASK_UNSORTED;
            return 0;
        }
        if (!listing_wants(job, &found))
            continue;
        bool sorted = job->ask.sort != SC_ASK_UNSORTED;
        int error = sorted ? listing_keep(job, desk, &found) : listing_tell(job, desk, &found, out);
        if (error < 0)
            return error;
        records++;
        job->count += sorted ? 0 : 1;
    }
    return 0;
}
