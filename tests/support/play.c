/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A store and its model as they are played with. No operation of the script
 * is here, and no comparison.
 */
#include "support/check.h"

#include "support/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- chance -------------------------------------------------------------- */

uint32_t play_below(struct play *play, uint32_t limit)
{
    return random_below(&play->random, limit);
}

bool play_one_in(struct play *play, uint32_t chances)
{
    return play_below(play, chances) == 0;
}

/* The same names for destinations and endpoints: they must not meet. */
int play_any_label(struct play *play)
{
    return (int)play_below(play, play->weather.labels);
}

int play_any_space(struct play *play)
{
    return (int)play_below(play, play->weather.spaces);
}

int64_t play_any_ttl(struct play *play)
{
    uint32_t step = play->weather.ttl_step;

    return (int64_t)(1 + play_below(play, play->weather.longest_ttl) / step) * step;
}

/* --- what is played with ------------------------------------------------- */

struct sc_bytes play_label(const struct play *play, int label)
{
    return sc_bytes_of(play->labels[label]);
}

struct sc_bytes play_property_of_fd(int fd, char buffer[SNAPSHOT_TEXT])
{
    return (struct sc_bytes){buffer, (size_t)snprintf(buffer, SNAPSHOT_TEXT, "of %d", fd)};
}

struct sc_space *play_space(struct play *play, int space)
{
    if (!play->spaces[space])
        assert_int_equal(sc_space_new(&play->spaces[space], play->store, space), 0);
    return play->spaces[space];
}

/* A space that is empty may go; another takes its number when it is needed. */
void play_renew_space(struct play *play)
{
    uint32_t space = play_below(play, MODEL_SPACES);

    if (!play->spaces[space])
        return;
    bool empty = model_space_is_empty(&play->model, (int)space);
    assert_int_equal(sc_space_is_empty(play->spaces[space]), empty);
    if (!empty)
        return;
    sc_space_free(play->spaces[space]);
    play->spaces[space] = NULL;
}

static void note(struct play *play, enum model_what what, uint64_t id, enum sc_end end)
{
    struct model_events *events = &play->events;

    assert_true(events->count < SC_COUNT_OF(events->events));
    events->events[events->count++] = (struct model_event){.what = what, .end = end, .id = id};
    if (what == MODEL_ENDED || what == MODEL_UNBOUND)
        play->ends[end]++;
}

static void on_saved(void *context, const struct sc_connection *connection)
{
    note(context, MODEL_SAVED, sc_connection_id(connection), SC_ENDS);
}

/* What ends is still whole. */
static void on_ended(void *context, const struct sc_connection *connection, enum sc_end end)
{
    char buffer[SNAPSHOT_TEXT];
    int fd = sc_connection_descriptor(connection);

    assert_true(
        sc_bytes_equal(sc_connection_property(connection), play_property_of_fd(fd, buffer)));
    assert_true(sc_connection_endpoint(connection).length > 0);
    assert_int_equal(sc_connection_nature(connection), fd & 0xff);
    note(context, MODEL_ENDED, sc_connection_id(connection), end);
}

static void on_bound(void *context, const struct sc_binding *binding, bool renewed)
{
    note(context, renewed ? MODEL_RENEWED : MODEL_BOUND, sc_binding_id(binding), SC_ENDS);
}

static void on_unbound(void *context, const struct sc_binding *binding, enum sc_end end)
{
    assert_true(sc_binding_destination(binding).length > 0);
    note(context, MODEL_UNBOUND, sc_binding_id(binding), end);
}

/* Names of very different length, with any byte but NUL in them. */
static void make_texts(struct play *play)
{
    for (int i = 0; i < MODEL_LABELS; i++) {
        int length = snprintf(play->labels[i], SNAPSHOT_TEXT, "%d\n", i);
        for (int more = i % 7 * 5; more > 0; more--)
            play->labels[i][length++] = (char)(1 + play_below(play, 255));
        play->labels[i][length] = '\0';
    }
    for (int i = 1; i < PROPERTIES; i++)
        memset(play->properties[i], 'p', (size_t)i);
}

struct play *play_new(uint64_t seed)
{
    struct play *play = calloc(1, sizeof(*play));
    const struct sc_store_observer observer = {on_saved, on_ended, on_bound, on_unbound, play};
    unsigned char key[SC_STORE_KEY_LENGTH];

    assert_non_null(play);
    play->random.state = seed;
    play->now = 10000;
    play->model.serial = 1;
    make_texts(play);
    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (unsigned char)play_below(play, 256);
    assert_int_equal(sc_store_new(&play->store, key, &play->model.limits, &observer), 0);
    return play;
}

void play_free(struct play *play)
{
    for (int i = 0; i < MODEL_CURSORS; i++)
        if (play->cursors[i].running)
            sc_store_cursor_fini(&play->cursors[i].cursor);
    for (int i = 0; i < MODEL_SPACES; i++) {
        if (play->spaces[i])
            assert_true(sc_space_is_empty(play->spaces[i]));
        sc_space_free(play->spaces[i]);
    }
    assert_int_equal(sc_store_sizes(play->store).spaces, 0);
    sc_store_free(play->store);
    free(play);
}

/* --- what is held -------------------------------------------------------- */

void play_assert_is_held(struct play *play, const struct sc_connection *connection)
{
    int fd = sc_connection_descriptor(connection);
    struct model_entry entry = model_held(&play->model, fd);
    char buffer[SNAPSHOT_TEXT];

    assert_true(
        sc_bytes_equal(sc_connection_endpoint(connection), play_label(play, entry.endpoint)));
    assert_true(
        sc_bytes_equal(sc_connection_property(connection), play_property_of_fd(fd, buffer)));
    assert_int_equal(sc_connection_id(connection), entry.id);
    assert_int_equal(sc_space_user(sc_connection_space(connection)), entry.space);
    assert_int_equal(sc_connection_nature(connection), fd & 0xff);
    assert_int_equal(sc_connection_cookie(connection), entry.cookie);
    assert_int_equal(sc_connection_uses(connection), entry.uses);
    assert_int_equal(sc_connection_age(connection, play->now), play->now - entry.saved);
    assert_int_equal(sc_connection_known_for(connection, play->now), play->now - entry.since);
}

void play_hold(struct play *play, struct sc_connection *found, int wanted)
{
    assert_int_equal(found ? sc_connection_descriptor(found) : -1, wanted);
    if (!found)
        return;
    play_assert_is_held(play, found);
    play->held[play->held_count++] = found;
    play->found++;
}
