/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The history told of events by hand: reasons, what-if, and a shelf that no
 * flood can empty.
 */
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#include "history/history.h"

enum { MINUTE = 60000, EVICTING = 6, KEPT = 64 };

static const unsigned char key[SC_SHELF_KEY_LENGTH] = "not very random";

static struct sc_history history;
static struct sc_acquisition acquisition;
static int64_t now;

static int setup(void **state)
{
    const struct sc_history_settings settings = {KEPT, 10 * MINUTE};

    (void)state;
    now = 1000;
    sc_history_init(&history, key, now);
    sc_history_configure(&history, &settings, false, now);
    sc_acquisition_begin(&acquisition);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sc_history_fini(&history);
    return 0;
}

static struct sc_place_name endpoint(const char *label)
{
    return (struct sc_place_name){SC_PLACE_ENDPOINT, 0, sc_bytes_of(label), NULL};
}

static struct sc_place_name destination(const char *label)
{
    return (struct sc_place_name){SC_PLACE_DESTINATION, 0, sc_bytes_of(label), NULL};
}

static void save(const char *label)
{
    const struct sc_place_name name = endpoint(label);

    sc_history_saved(&history, now, &name);
}

static void take(const char *label)
{
    const struct sc_place_name name = endpoint(label);

    sc_history_taken(&history, &name);
}

static void lose(const char *label, enum sc_miss reason)
{
    const struct sc_place_name name = endpoint(label);

    sc_history_lost(&history, &name, (struct sc_loss){reason, EVICTING, false});
}

static void bind(const char *from, const char *to)
{
    const struct sc_place_name one = destination(from);
    const struct sc_place_name other = endpoint(to);

    sc_history_bound(&history, now, &one, &other, false);
}

static void unbind(const char *from, enum sc_miss reason)
{
    const struct sc_place_name name = destination(from);

    sc_history_unbound(&history, &name, (struct sc_loss){.reason = reason});
}

static enum sc_miss miss_at(struct sc_place_name name)
{
    return sc_history_look(&history, now, &acquisition, &name, false);
}

static enum sc_miss miss(const char *label)
{
    return miss_at(endpoint(label));
}

static struct sc_place *place(struct sc_place_name name)
{
    return sc_shelf_find(&history.shelf, &name);
}

/* --- reasons ---------------------------------------------------------------- */

static void test_each_loss_explains_one_miss(void **state)
{
    (void)state;
    assert_int_equal(miss("e"), SC_MISS_UNKNOWN);
    for (int i = 0; i < 5; i++)
        save("e");
    lose("e", SC_MISS_EXPIRED);
    lose("e", SC_MISS_DROPPED);
    lose("e", SC_MISS_DEAD);
    lose("e", SC_MISS_EVICTED);
    take("e");
    assert_int_equal(miss("e"), SC_MISS_DEAD);
    assert_int_equal(miss("e"), SC_MISS_EVICTED);
    assert_int_equal(miss("e"), SC_MISS_DROPPED);
    assert_int_equal(miss("e"), SC_MISS_EXPIRED);
    assert_int_equal(miss("e"), SC_MISS_IN_USE);
    assert_int_equal(miss("e"), SC_MISS_IN_USE);
    assert_int_equal(place(endpoint("e"))->live, 0);
}

static void test_what_happened_last_explains_the_rest(void **state)
{
    (void)state;
    save("e");
    assert_int_equal(miss("e"), SC_MISS_IN_USE); /* held for somebody */
    lose("e", SC_MISS_EXPIRED);
    assert_int_equal(miss("e"), SC_MISS_EXPIRED);
    assert_int_equal(miss("e"), SC_MISS_EXPIRED);
    save("e");
    take("e");
    assert_int_equal(miss("e"), SC_MISS_IN_USE);
}

static void test_destinations_give_the_reason_of_their_endpoints(void **state)
{
    (void)state;
    bind("d", "one");
    bind("d", "two");
    assert_int_equal(miss_at(destination("d")), SC_MISS_UNKNOWN);
    save("one");
    take("one");
    assert_int_equal(miss_at(destination("d")), SC_MISS_IN_USE);
    save("two");
    lose("two", SC_MISS_EXPIRED);
    assert_int_equal(miss_at(destination("d")), SC_MISS_EXPIRED);
    save("one");
    unbind("d", SC_MISS_EXPIRED);
    unbind("d", SC_MISS_EXPIRED);
    assert_int_equal(miss_at(destination("d")), SC_MISS_UNBOUND);
    lose("one", SC_MISS_DROPPED);
    assert_int_equal(miss_at(destination("d")), SC_MISS_DROPPED);
    assert_int_equal(acquisition.reason, SC_MISS_DROPPED);
}

static void test_users_and_kinds_are_apart(void **state)
{
    struct sc_place_name other = endpoint("x");

    (void)state;
    save("x");
    lose("x", SC_MISS_EXPIRED);
    other.user = 7;
    assert_int_equal(miss_at(other), SC_MISS_UNKNOWN);
    assert_int_equal(miss_at(destination("x")), SC_MISS_UNKNOWN);
    assert_int_equal(miss("x"), SC_MISS_EXPIRED);
    assert_int_equal(history.shelf.count, 3);
}

static void test_a_limit_knows_how_much_more_would_have_helped(void **state)
{
    (void)state;
    save("wanted");
    lose("wanted", SC_MISS_EVICTED);
    for (int i = 0; i < 5; i++) {
        save("other");
        lose("other", SC_MISS_EVICTED);
    }
    assert_int_equal(miss("wanted"), SC_MISS_EVICTED);
    assert_int_equal(history.limits[EVICTING].taken, 6);
    assert_int_equal(history.limits[EVICTING].lost, 1);
    assert_int_equal(sc_history_limit_more(&history.limits[EVICTING]), 8);
    assert_int_equal(sc_history_limit_more(&history.limits[0]), 0);
}

static void test_acquisitions(void **state)
{
    (void)state;
    assert_true(sc_acquisition_end(&acquisition, &history, false));
    assert_false(sc_acquisition_end(&acquisition, &history, false));
    sc_acquisition_begin(&acquisition);
    bind("d", "e");
    const struct sc_place_name name = destination("d");
    sc_history_look(&history, now, &acquisition, &name, true);
    sc_acquisition_note_hit(&acquisition, &history);
    assert_true(sc_acquisition_end(&acquisition, &history, true));
    assert_int_equal(place(name)->hits, 1);
    assert_int_equal(history.reused, 1);
    assert_int_equal(history.missed[SC_MISS_UNKNOWN], 1);
}

/* --- what if ------------------------------------------------------------------ */

static void test_an_acquisition_takes_once(void **state)
{
    struct sc_curve_point points[SC_CURVE_TIMES];

    (void)state;
    save("e");
    bind("d", "e");
    now += 4000;
    assert_int_equal(miss_at(destination("d")), SC_MISS_IN_USE);
    assert_int_equal(acquisition.needed, 4001);
    miss("e");
    sc_curve_read(&history.curve, 4000, points);
    for (size_t i = 0; i < SC_CURVE_TIMES; i++)
        assert_int_equal(points[i].hits, points[i].ttl >= 5000);
    assert_true(points[0].held == 0.25 && points[5].held == 1);
    assert_int_equal(sc_history_knee(points, SC_CURVE_TIMES, 1), 3);
}

static void test_a_binding_counts_by_its_age(void **state)
{
    (void)state;
    bind("d", "e");
    now += 7000;
    save("e");
    now += 1000;
    miss_at(destination("d"));
    assert_int_equal(acquisition.needed, 8001);
}

static void test_saves_of_long_ago_are_no_matter(void **state)
{
    (void)state;
    save("e");
    now += (INT64_C(1) << 32) + 1; /* 32 bits of milliseconds later */
    miss("e");
    assert_int_equal(acquisition.needed, SC_LEVEL_NONE);
}

/* --- the shelf ------------------------------------------------------------------ */

static void set_limit(size_t limit)
{
    const struct sc_history_settings settings = {limit, 10 * MINUTE};

    sc_history_configure(&history, &settings, false, now);
}

static void test_a_flood_leaves_the_busy_ones(void **state)
{
    enum { LIMIT = 2048, BUSY = 20, FLOOD = 200000 };
    char label[400];

    (void)state;
    set_limit(LIMIT);
    assert_int_equal(sc_shelf_bytes(&history.shelf), 0);
    for (int i = 0; i < FLOOD; i++) {
        /* Strangers' labels, one look-up, save and loss each; of any length. */
        memset(label, 'x', sizeof(label));
        snprintf(label + (i % 7 == 0 ? 300 : 0), 90, "flood%d", i);
        miss(label);
        save(label);
        lose(label, SC_MISS_EXPIRED);
        bind(label, label);
        snprintf(label, sizeof(label), "busy%d", i / 10 % BUSY);
        if (i % 10 == 0)
            miss(label);
        assert_true(sc_shelf_bytes(&history.shelf) <= 800000);
        assert_true(history.shelf.count <= LIMIT);
    }
    for (int i = 0; i < BUSY; i++) {
        snprintf(label, sizeof(label), "busy%d", i);
        assert_non_null(place(endpoint(label)));
    }
    assert_true(history.shelf.count > LIMIT / 2);
    assert_true(history.forgotten.places > FLOOD);
}

static void test_the_limit_may_change(void **state)
{
    char label[20];

    (void)state;
    for (int i = 0; i < 2 * KEPT; i++) {
        snprintf(label, sizeof(label), "e%d", i);
        miss(label);
    }
    assert_int_equal(history.shelf.count, KEPT);
    assert_null(place(endpoint("e63")));
    assert_non_null(place(endpoint("e64")));
    set_limit(1);
    assert_int_equal(history.shelf.count, 1);
    assert_non_null(place(endpoint("e127")));
    miss("another");
    assert_int_equal(history.shelf.count, 1);
    set_limit(0);
    assert_int_equal(history.shelf.count, 0);
    assert_int_equal(history.forgotten.places, 2 * KEPT + 1);
    assert_int_equal(history.forgotten.lookups, 2 * KEPT + 1);
    assert_int_equal(history.forgotten.misses, 2 * KEPT + 1);
    assert_int_equal(miss("e1"), SC_MISS_UNKNOWN);
    set_limit(KEPT);
    miss("e1");
    assert_int_equal(history.shelf.count, 1);
}

static void test_a_label_may_be_too_long(void **state)
{
    static char label[SC_SHELF_LABEL_MOST + 2];

    (void)state;
    memset(label, 'x', SC_SHELF_LABEL_MOST);
    miss(label);
    assert_int_equal(history.shelf.count, 1);
    label[SC_SHELF_LABEL_MOST] = 'x';
    save(label);
    assert_int_equal(miss(label), SC_MISS_UNKNOWN);
    assert_int_equal(history.shelf.count, 1);
}

static void test_a_number_from_long_ago_misleads_nobody(void **state)
{
    struct sc_place_name name = endpoint("mine");
    uint32_t slot = 0;
    char label[20];

    (void)state;
    name.slot = &slot;
    assert_int_equal(miss_at(name), SC_MISS_UNKNOWN);
    assert_int_equal(slot, 1);
    for (int i = 0; i < 2 * KEPT; i++) {
        snprintf(label, sizeof(label), "e%d", i);
        miss(label);
    }
    assert_null(sc_shelf_find(&history.shelf, &name));
    sc_history_lost(&history, &name, (struct sc_loss){SC_MISS_DEAD, 0, false});
    assert_int_equal(miss_at(name), SC_MISS_UNKNOWN);
    slot = 1000000;
    assert_non_null(sc_shelf_find(&history.shelf, &name));
    assert_true(slot <= KEPT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_each_loss_explains_one_miss),
        TEST(test_what_happened_last_explains_the_rest),
        TEST(test_destinations_give_the_reason_of_their_endpoints),
        TEST(test_users_and_kinds_are_apart),
        TEST(test_a_limit_knows_how_much_more_would_have_helped),
        TEST(test_acquisitions),
        TEST(test_an_acquisition_takes_once),
        TEST(test_a_binding_counts_by_its_age),
        TEST(test_saves_of_long_ago_are_no_matter),
        TEST(test_a_flood_leaves_the_busy_ones),
        TEST(test_the_limit_may_change),
        TEST(test_a_label_may_be_too_long),
        TEST(test_a_number_from_long_ago_misleads_nobody),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
