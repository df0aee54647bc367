/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What-if in one pass beside the plain way: each time to live played by
 * itself, with a line of connections that expire.
 */
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#include "history/curve.h"
#include "support/random.h"

enum { TRACES = 600, EVENTS = 400, PLACES = 3, LINE = SC_SAVES_MOST };

/* One world: all that is cached with one time to live. */
struct world {
    int64_t saved[PLACES][EVENTS];
    size_t count[PLACES];
    uint64_t hits;
    int64_t lain;
};

struct trace {
    struct random random;
    struct world worlds[SC_CURVE_TIMES];
    struct sc_saves saves[PLACES];
    struct sc_curve curve;
    struct sc_small_curve small;
    bool newest_first;
    int64_t now;
};

static void world_expire(struct world *world, size_t place, int64_t now, int64_t ttl)
{
    size_t left = 0;

    for (size_t i = 0; i < world->count[place]; i++) {
        if (now < world->saved[place][i] + ttl)
            world->saved[place][left++] = world->saved[place][i];
        else
            world->lain += ttl;
    }
    world->count[place] = left;
}

static bool world_take(struct world *world, size_t place, int64_t now, int64_t ttl, bool newest)
{
    world_expire(world, place, now, ttl);
    size_t count = world->count[place];
    if (count == 0)
        return false;
    size_t at = newest ? count - 1 : 0;
    world->lain += now - world->saved[place][at];
    memmove(&world->saved[place][at], &world->saved[place][at + 1],
            (count - 1 - at) * sizeof(world->saved[place][0]));
    world->count[place]--;
    world->hits++;
    return true;
}

static void trace_save(struct trace *trace, size_t place)
{
    if (trace->saves[place].count == LINE)
        return;
    sc_saves_add(&trace->saves[place], (uint32_t)trace->now);
    trace->curve.saves++;
    trace->small.saves++;
    for (size_t i = 0; i < SC_CURVE_TIMES; i++) {
        struct world *world = &trace->worlds[i];
        world->saved[place][world->count[place]++] = trace->now;
    }
}

/* An acquisition that tries some places, one after the other. */
static void trace_look(struct trace *trace, size_t tries)
{
    bool served[SC_CURVE_TIMES] = {0};
    int64_t needed = SC_LEVEL_NONE;

    for (size_t n = 0; n < tries; n++) {
        size_t place = random_below(&trace->random, PLACES);
        struct sc_takings takings;
        needed = sc_saves_look(&trace->saves[place], (uint32_t)trace->now, trace->newest_first, 0,
                               needed, &takings);
        sc_curve_add(&trace->curve, &takings);
        sc_small_curve_add(&trace->small, &takings);
        for (size_t i = 0; i < SC_CURVE_TIMES; i++)
            if (!served[i])
                served[i] = world_take(&trace->worlds[i], place, trace->now, sc_curve_time(i),
                                       trace->newest_first);
    }
    for (size_t i = 0; i < SC_CURVE_TIMES; i++)
        assert_int_equal(served[i], needed <= sc_curve_time(i));
}

static void trace_compare(struct trace *trace)
{
    struct sc_curve_point points[SC_CURVE_TIMES], small[SC_CURVE_TIMES];
    int64_t ages = 0;

    sc_curve_read(&trace->curve, trace->now, points);
    sc_small_curve_read(&trace->small, trace->now, small);
    assert_memory_equal(points, small, sizeof(points));
    for (size_t i = 0; i < SC_CURVE_TIMES; i++) {
        struct world *world = &trace->worlds[i];
        assert_int_equal(points[i].ttl, sc_curve_time(i));
        assert_int_equal(points[i].hits, world->hits);
        /* What is left lies there for its whole time, as the curve has it. */
        int64_t expected = world->lain;
        for (size_t place = 0; place < PLACES; place++)
            expected += (int64_t)world->count[place] * sc_curve_time(i);
        ages += trace->curve.ages[i];
        assert_int_equal(ages + ((int64_t)trace->curve.saves - (int64_t)points[i].hits) *
                                    sc_curve_time(i),
                         expected);
    }
}

static void trace_play(uint64_t seed)
{
    static struct trace trace;

    trace = (struct trace){.random = {seed}, .now = 0xfff00000 /* wraps on the way */};
    trace.newest_first = random_below(&trace.random, 2) == 0;
    uint32_t pace = 1U << random_below(&trace.random, 14);
    for (size_t i = 0; i < EVENTS; i++) {
        trace.now += random_below(&trace.random, 3) == 0 ? 0 : random_below(&trace.random, pace);
        if (random_below(&trace.random, 20) == 0)
            trace.now += 1000 * (int64_t)random_below(&trace.random, 20);
        if (random_below(&trace.random, 2) == 0)
            trace_save(&trace, random_below(&trace.random, PLACES));
        else
            trace_look(&trace, 1 + random_below(&trace.random, 3));
    }
    trace_compare(&trace);
}

static void test_equal_to_brute_force(void **state)
{
    uint64_t seed = number_from_environment("SCACHE_SEED", 1);

    (void)state;
    for (uint64_t i = 0; i < TRACES; i++)
        trace_play(seed + i);
}

static void test_a_level_by_hand(void **state)
{
    struct sc_saves saves = {0};
    struct sc_takings takings;

    (void)state;
    sc_saves_add(&saves, 1000);
    sc_saves_add(&saves, 4000);
    /* At 6 s the older has lain 5 s and the younger 2 s: from 2.001 s on there is one. */
    assert_int_equal(sc_saves_look(&saves, 6000, false, 0, SC_LEVEL_NONE, &takings), 2001);
    assert_int_equal(takings.count, 2);
    assert_int_equal(sc_curve_time(takings.taken[0].from), 10000);
    assert_int_equal(takings.taken[0].until, SC_CURVE_TIMES);
    assert_int_equal(sc_curve_time(takings.taken[1].from), 3000);
    assert_int_equal(sc_curve_time(takings.taken[1].until), 10000);
    /* With less than 5.001 s the younger is taken, with more the older: so much is needed now. */
    assert_int_equal(saves.count, 1);
    assert_int_equal(sc_saves_look(&saves, 6000, false, 0, SC_LEVEL_NONE, &takings), 5001);
    assert_int_equal(sc_saves_look(&saves, 6000, false, 0, SC_LEVEL_NONE, &takings), SC_LEVEL_NONE);
}

static void test_the_way_there_may_need_more(void **state)
{
    struct sc_saves saves = {0};
    struct sc_takings takings;

    (void)state;
    sc_saves_add(&saves, 0);
    assert_int_equal(sc_saves_look(&saves, 10, true, 500, SC_LEVEL_NONE, &takings), 500);
    sc_saves_add(&saves, 0);
    assert_int_equal(sc_saves_look(&saves, 10, true, 500, 400, &takings), 400);
    assert_int_equal(saves.count, 1);
}

static void test_the_oldest_are_forgotten(void **state)
{
    struct sc_saves saves = {0};

    (void)state;
    for (uint32_t i = 0; i < SC_SAVES_MOST + 3; i++)
        sc_saves_add(&saves, i);
    assert_int_equal(saves.count, SC_SAVES_MOST);
    assert_int_equal(saves.saves[0].saved, 3);
    sc_saves_forget(&saves, 105, 100);
    assert_int_equal(saves.saves[0].saved, 6);
    sc_saves_forget(&saves, 1000, 100);
    assert_int_equal(saves.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_to_brute_force),
        cmocka_unit_test(test_a_level_by_hand),
        cmocka_unit_test(test_the_way_there_may_need_more),
        cmocka_unit_test(test_the_oldest_are_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
