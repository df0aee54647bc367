/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is idle, who is busy, who has most; and whose turn it is. On a clock of
 * the test's own.
 */
#include "support/check.h"

#include "guests/crowd.h"
#include "server/queue.h"

enum { MANY = 20 };

struct scene {
    struct sc_crowd crowd;
    struct sc_queue queue;
    struct sc_user *alice, *bob;
    struct sc_guest guests[MANY];
};

static int setup(void **state)
{
    static struct scene scene;

    scene = (struct scene){0};
    sc_crowd_init(&scene.crowd);
    sc_queue_init(&scene.queue);
    scene.alice = sc_crowd_get_user(&scene.crowd, 1001);
    scene.bob = sc_crowd_get_user(&scene.crowd, 1002);
    assert_non_null(scene.alice);
    assert_non_null(scene.bob);
    *state = &scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;

    for (int i = 0; i < MANY; i++)
        if (scene->guests[i].user) {
            sc_queue_remove(&scene->queue, &scene->guests[i]);
            sc_guest_leave(&scene->guests[i]);
        }
    assert_int_equal(scene->queue.waiting, 0);
    assert_int_equal(scene->crowd.bytes, 0);
    sc_crowd_fini(&scene->crowd);
    return 0;
}

static void users_are_known_by_their_number(void **state)
{
    struct scene *scene = *state;

    assert_ptr_equal(sc_crowd_get_user(&scene->crowd, 1001), scene->alice);
    assert_ptr_equal(sc_crowd_find_user(&scene->crowd, 1002), scene->bob);
    assert_null(sc_crowd_find_user(&scene->crowd, 1003));
    sc_crowd_forget_user(&scene->crowd, scene->bob);
    assert_null(sc_crowd_find_user(&scene->crowd, 1002));
}

static void whoever_waited_longest_is_first(void **state)
{
    struct scene *scene = *state;
    struct sc_guest *guests = scene->guests;

    for (int i = 0; i < 3; i++)
        sc_guest_join(&guests[i], i == 1 ? scene->bob : scene->alice, i);
    assert_ptr_equal(sc_crowd_longest_idle(&scene->crowd), &guests[0]);
    sc_guest_set_busy(&guests[0], true, 3);
    assert_ptr_equal(sc_crowd_longest_idle(&scene->crowd), &guests[1]);
    assert_ptr_equal(TAILQ_FIRST(&scene->alice->idle), &guests[2]);
    sc_guest_set_busy(&guests[1], true, 4);
    assert_ptr_equal(sc_crowd_longest_busy(&scene->crowd), &guests[0]);
    assert_int_equal(guests[0].since, 3);
    sc_guest_set_busy(&guests[0], true, 5); /* a new request */
    assert_ptr_equal(sc_crowd_longest_busy(&scene->crowd), &guests[1]);
    assert_ptr_equal(TAILQ_FIRST(&scene->alice->busy), &guests[0]);
    sc_guest_set_busy(&guests[0], false, 6);
    assert_ptr_equal(TAILQ_FIRST(&scene->alice->idle), &guests[2]);
    sc_guest_leave(&guests[1]);
    assert_null(sc_crowd_longest_busy(&scene->crowd));
    assert_int_equal(scene->crowd.guests, 2);
}

static void join_many(struct scene *scene, struct sc_user *user, int first, int count)
{
    for (int i = 0; i < count; i++)
        sc_guest_join(&scene->guests[first + i], user, i);
}

/* The newcomer is counted, and among equals it is his own user who gives way. */
static void the_user_with_most_gives_way(void **state)
{
    struct scene *scene = *state;

    assert_ptr_not_equal(sc_crowd_user_with_most(&scene->crowd, NULL), NULL);
    join_many(scene, scene->alice, 0, 5);
    join_many(scene, scene->bob, 5, 3);
    assert_ptr_equal(sc_crowd_user_with_most(&scene->crowd, NULL), scene->alice);
    assert_ptr_equal(sc_crowd_user_with_most(&scene->crowd, scene->bob), scene->alice);
    assert_ptr_equal(sc_crowd_user_with_most(&scene->crowd, scene->alice), scene->alice);
    sc_guest_join(&scene->guests[8], scene->bob, 9); /* four, and one that comes: a tie */
    assert_ptr_equal(sc_crowd_user_with_most(&scene->crowd, scene->bob), scene->bob);
    assert_ptr_equal(sc_crowd_user_with_most(&scene->crowd, NULL), scene->alice);
}

static void a_user_with_nobody_is_never_asked_for_himself(void **state)
{
    struct scene *scene = *state;

    join_many(scene, scene->alice, 0, 1);
    /* One against the one who comes: a tie, but bob has nobody who could go. */
    assert_ptr_equal(sc_crowd_user_with_most(&scene->crowd, scene->bob), scene->alice);
}

static void bytes_are_counted_by_user(void **state)
{
    struct scene *scene = *state;

    join_many(scene, scene->alice, 0, 2);
    join_many(scene, scene->bob, 2, 1);
    sc_guest_set_bytes(&scene->guests[0], 1000);
    sc_guest_set_bytes(&scene->guests[2], 1500);
    assert_ptr_equal(sc_crowd_user_with_most_bytes(&scene->crowd), scene->bob);
    sc_guest_set_bytes(&scene->guests[1], 1000);
    assert_ptr_equal(sc_crowd_user_with_most_bytes(&scene->crowd), scene->alice);
    assert_int_equal(scene->crowd.bytes, 3500);
    sc_guest_leave(&scene->guests[0]);
    assert_int_equal(scene->crowd.bytes, 2500);
    assert_ptr_equal(sc_crowd_user_with_most_bytes(&scene->crowd), scene->bob);
    sc_guest_set_bytes(&scene->guests[2], 0);
    assert_int_equal(scene->crowd.bytes, 1000);
}

static void users_take_turns(void **state)
{
    struct scene *scene = *state;
    static const int order[] = {0, 5, 1, 6, 2, 3, 4};

    join_many(scene, scene->alice, 0, 5);
    join_many(scene, scene->bob, 5, 2);
    for (int i = 0; i < 7; i++)
        sc_queue_add(&scene->queue, &scene->guests[i]);
    sc_queue_add(&scene->queue, &scene->guests[0]); /* once is enough */
    assert_int_equal(scene->queue.waiting, 7);
    for (size_t i = 0; i < SC_COUNT_OF(order); i++)
        assert_ptr_equal(sc_queue_take(&scene->queue), &scene->guests[order[i]]);
    assert_null(sc_queue_take(&scene->queue));
}

static void whoever_goes_leaves_the_queue(void **state)
{
    struct scene *scene = *state;

    join_many(scene, scene->alice, 0, 2);
    join_many(scene, scene->bob, 5, 1);
    sc_queue_add(&scene->queue, &scene->guests[0]);
    sc_queue_add(&scene->queue, &scene->guests[5]);
    sc_queue_remove(&scene->queue, &scene->guests[0]);
    sc_queue_remove(&scene->queue, &scene->guests[1]); /* was not in it */
    assert_int_equal(scene->queue.waiting, 1);
    assert_ptr_equal(sc_queue_take(&scene->queue), &scene->guests[5]);
    assert_null(sc_queue_take(&scene->queue));
    /* One who is served again comes behind those who wait. */
    sc_queue_add(&scene->queue, &scene->guests[1]);
    sc_queue_add(&scene->queue, &scene->guests[0]);
    assert_ptr_equal(sc_queue_take(&scene->queue), &scene->guests[1]);
    sc_queue_add(&scene->queue, &scene->guests[1]);
    assert_ptr_equal(sc_queue_take(&scene->queue), &scene->guests[0]);
    assert_ptr_equal(sc_queue_take(&scene->queue), &scene->guests[1]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(users_are_known_by_their_number), TEST(whoever_waited_longest_is_first),
        TEST(the_user_with_most_gives_way),    TEST(a_user_with_nobody_is_never_asked_for_himself),
        TEST(bytes_are_counted_by_user),       TEST(users_take_turns),
        TEST(whoever_goes_leaves_the_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
