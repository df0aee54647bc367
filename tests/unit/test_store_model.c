/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store beside a naive model of it, in long random play: SCACHE_SEED and
 * SCACHE_OPERATIONS say which and how long. What differs is shown with its seed.
 */
#include "support/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "support/model_drop.h"
#include "support/play_compare.h"
#include "support/play_cursor.h"
#include "support/play_limits.h"
#include "support/snapshot.h"

/*
 * The store beside its model, both told the same by a random script. After
 * each operation everything that can be asked is asked of both, and what the
 * observer was told is what the model has written down. The script depends on
 * SCACHE_SEED alone, which every run prints, so that a failure can be played
 * again; SCACHE_OPERATIONS says how long it is.
 */

enum { PHASE = 4000 /* operations under one weather */, CROWDED = 1500 };

/* --- operations --------------------------------------------------------- */

static void save_connection(struct play *play)
{
    int fd = play->next_fd++;
    char buffer[SNAPSHOT_TEXT];
    int label = play_any_label(play);
    struct model_saving told = {
        .space = play_any_space(play),
        .endpoint = label,
        .fd = fd,
        .ttl = play_any_ttl(play),
        .cookie = play_one_in(play, 2) ? 0 : 1 + play_below(play, COOKIES),
    };
    if (play_one_in(play, 10)) { /* Another server had it before. */
        told.age = play_below(play, 300);
        told.known_for = play_below(play, 2000);
        told.uses = play_below(play, 4);
    }
    const struct sc_saving saving = {
        .ttl = told.ttl,
        .endpoint = play_label(play, label),
        .property = play_property_of_fd(fd, buffer),
        .fd = fd,
        .nature = (uint8_t)fd,
        .cookie = told.cookie,
        .age = told.age,
        .known_for = told.known_for,
        .uses = told.uses,
    };
    told.text = saving.endpoint.length + saving.property.length;
    int result = sc_store_save_connection(play_space(play, told.space), play->now, &saving);
    assert_int_equal(result, model_save_connection(&play->model, play->now, &told));
    play->refused += result < 0;
}

static void save_binding(struct play *play)
{
    struct model_entry told = {
        .space = play_any_space(play),
        .destination = play_any_label(play),
        .endpoint = play_any_label(play),
        .property = (int)play_below(play, PROPERTIES),
        .fd = -1,
    };
    int64_t ttl = play_any_ttl(play);

    if (play_one_in(play, 2)) /* Often enough the same one again. */
        told.endpoint = told.destination;
    struct sc_bytes destination = play_label(play, told.destination);
    struct sc_bytes property = sc_bytes_of(play->properties[told.property]);
    struct sc_bytes endpoint = play_label(play, told.endpoint);
    told.text = destination.length + property.length + endpoint.length;
    int result = sc_store_save_binding(play_space(play, told.space), play->now, ttl, destination,
                                       property, endpoint);
    assert_int_equal(result, model_save_binding(&play->model, play->now, &told, ttl));
    play->refused += result < 0;
}

static void remember(struct play *play)
{
    const struct model_entry known = {
        .space = play_any_space(play),
        .saved = play->now,
        .cookie = play_below(play, COOKIES),
        .since = play->now - play_below(play, 2000),
        .uses = play_below(play, 4),
    };

    sc_store_remember(play_space(play, known.space), play->now, known.cookie,
                      play->now - known.since, known.uses);
    model_remember(&play->model, &known);
}

static void find(struct play *play)
{
    int space = play_any_space(play);
    int label = play_any_label(play);
    int wanted_property = -1;
    struct sc_bytes property = {0};

    if (play->held_count == HELD_MOST)
        return;
    if (play_one_in(play, 2)) {
        struct sc_connection *found =
            sc_store_find_endpoint(play_space(play, space), play->now, play_label(play, label));
        play_hold(play, found, model_find_endpoint(&play->model, play->now, space, label));
        return;
    }
    struct sc_connection *found = sc_store_find_destination(play_space(play, space), play->now,
                                                            play_label(play, label), &property);
    play_hold(play, found,
              model_find_destination(&play->model, play->now, space, label, &wanted_property));
    if (found)
        assert_true(sc_bytes_equal(property, sc_bytes_of(play->properties[wanted_property])));
}

static void let_go(struct play *play)
{
    if (play->held_count == 0)
        return;
    uint32_t which = play_below(play, (uint32_t)play->held_count);
    struct sc_connection *connection = play->held[which];
    int fd = sc_connection_descriptor(connection);
    uint32_t how = play_below(play, 6);

    play_assert_is_held(play, connection);
    play->held[which] = play->held[--play->held_count];
    if (how == 0) {
        sc_connection_discard(connection, SC_END_DEAD);
        model_discard(&play->model, fd, SC_END_DEAD);
    } else if (how <= 2) {
        assert_int_equal(sc_connection_steal(connection, play->now), fd);
        model_steal(&play->model, play->now, fd);
    } else {
        sc_connection_put_back(connection, play->now);
        model_put_back(&play->model, play->now, fd);
    }
}

static void evict(struct play *play)
{
    int newcomer = play_one_in(play, 3) ? -1 : play_any_space(play);
    struct sc_space *space = newcomer < 0 ? NULL : play_space(play, newcomer);

    assert_int_equal(sc_store_evict(play->store, space, SC_END_DESCRIPTORS),
                     model_evict(&play->model, newcomer, SC_END_DESCRIPTORS));
}

static void drop_one(struct play *play)
{
    struct sc_store_cursor cursor;
    bool is_binding = play_one_in(play, 2);

    sc_store_cursor_init(&cursor, play->store,
                         is_binding ? SC_CURSOR_BINDINGS : SC_CURSOR_CONNECTIONS, NULL);
    model_see_time(&play->model, play->now);
    if (sc_store_cursor_next(&cursor, play->now, SIZE_MAX) == SC_CURSOR_ENTRY) {
        uint64_t id =
            is_binding ? sc_binding_id(cursor.binding) : sc_connection_id(cursor.connection);
        if (is_binding)
            sc_binding_drop(cursor.binding, SC_END_DROPPED);
        else
            sc_connection_drop(cursor.connection, SC_END_DROPPED);
        model_drop_one(&play->model, is_binding, id, SC_END_DROPPED);
    }
    sc_store_cursor_fini(&cursor);
}

static void drop(struct play *play)
{
    int space = play_any_space(play);
    int label = play_any_label(play);
    struct sc_space *its = play_space(play, space);

    switch (play_below(play, 20)) {
    case 0:
        sc_store_drop_all(play->store);
        model_drop_all(&play->model);
        break;
    case 1:
    case 2:
        sc_space_drop(its);
        model_drop_space(&play->model, space);
        break;
    case 3:
        sc_store_clear(play->store, SC_END_HANDED_OVER);
        model_clear(&play->model, SC_END_HANDED_OVER);
        break;
    case 4:
    case 5:
    case 6:
        assert_int_equal(sc_store_drop_endpoint(its, play_label(play, label)),
                         model_drop_endpoint(&play->model, space, label));
        break;
    case 7:
    case 8:
    case 9:
        assert_int_equal(sc_store_drop_destination(its, play_label(play, label)),
                         model_drop_destination(&play->model, space, label));
        break;
    default:
        drop_one(play);
        break;
    }
}

static void expire(struct play *play)
{
    size_t steps = play_one_in(play, 2) ? SIZE_MAX : play_below(play, 10);

    assert_int_equal(sc_store_expire(play->store, play->now, steps),
                     model_expire(&play->model, play->now, steps));
}

static void rarely(struct play *play)
{
    uint32_t which = play_below(play, 400);

    if (which < 20)
        play_change_limits(play);
    else if (which < 80)
        play_renew_space(play);
    else if (which < 110)
        drop(play);
    else if (which < 160)
        remember(play);
    else if (which < 200)
        play_settle(play, 1 + play_below(play, 200));
    else if (which < 280)
        play_begin_cursor(play);
    else
        evict(play);
}

static void operate(struct play *play)
{
    size_t cached = play->model.connections.count + play->model.bindings.count;
    bool crowded = cached > CROWDED;

    play->now += play_below(play, crowded ? 20 : play->weather.tick);
    if (!crowded && play_below(play, 100) < play->weather.saves) {
        if (play_one_in(play, 3))
            save_binding(play);
        else
            save_connection(play);
    } else if (!play_one_in(play, 3)) {
        find(play);
    } else if (!play_one_in(play, 4)) {
        let_go(play);
    } else if (!play_one_in(play, 4)) {
        rarely(play);
    } else if (play_one_in(play, 2)) {
        play_move_cursors(play);
    } else {
        expire(play);
    }
}

/* --- the play ----------------------------------------------------------- */

static void play_end(struct play *play)
{
    while (play->held_count > 0)
        let_go(play);
    sc_store_clear(play->store, SC_END_CLOSED);
    model_clear(&play->model, SC_END_CLOSED);
    play_compare_events(play);
    play_compare_reaped(play);
    play_compare_sizes(play);
    play_free(play);
}

static void store_does_as_its_model(void **state)
{
    uint64_t seed = number_from_environment("SCACHE_SEED", (uint64_t)time(NULL));
    uint64_t operations = number_from_environment("SCACHE_OPERATIONS", 1000000);

    (void)state;
    print_message("SCACHE_SEED=%" PRIu64 " SCACHE_OPERATIONS=%" PRIu64 "\n", seed, operations);
    struct play *play = play_new(seed);
    for (uint64_t i = 0; i < operations; i++) {
        if (i % PHASE == 0)
            play_change_weather(play);
        operate(play);
        play_compare_events(play);
        /* Now and then several operations send what they reap. */
        if (!play_one_in(play, 8))
            play_compare_reaped(play);
        play_compare_sizes(play);
        if (i % 1000 == 999)
            play_compare_all(play);
    }
    print_message("%zu found, %zu refused, %zu closed, at most %zu cached; %zu ends by cursors\n",
                  play->found, play->refused, play->reaped, play->largest, play->cursor_ends);
    for (int end = 0; end < SC_ENDS; end++)
        print_message("end %d: %zu\n", end, play->ends[end]);
    play_end(play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_does_as_its_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
