/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heap beside a naive reference: the first entry is right after any step, also when keys
 * change, and reserved room is enough.
 */
#include "support/check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/heap.h"
#include "support/random.h"

enum { MOST = 300, STEPS = 200000 };

/* A heap in use: entries beside it that know whether they are in it. */
struct group {
    struct sc_heap heap;
    size_t count;
    bool in[MOST];
    struct sc_heap_key keys[MOST];
};

static struct group *group_new(void)
{
    struct group *group = calloc(1, sizeof(*group));

    assert_non_null(group);
    sc_heap_init(&group->heap);
    for (uint32_t i = 0; i < MOST; i++)
        group->keys[i].serial = i;
    return group;
}

static void group_free(struct group *group)
{
    sc_heap_fini(&group->heap);
    free(group);
}

static void put_in(struct group *group, size_t i, int64_t expires)
{
    group->keys[i].expires = expires;
    assert_int_equal(sc_heap_reserve(&group->heap, group->count + 1), 0);
    sc_heap_push(&group->heap, &group->keys[i]);
    group->in[i] = true;
    group->count++;
}

static void put_out(struct group *group, size_t i)
{
    sc_heap_remove(&group->heap, &group->keys[i]);
    group->in[i] = false;
    group->count--;
}

/* The first by looking at every one. */
static struct sc_heap_key *first_of(struct group *group)
{
    struct sc_heap_key *first = NULL;

    for (size_t i = 0; i < MOST; i++) {
        struct sc_heap_key *key = &group->keys[i];
        if (!group->in[i])
            continue;
        if (!first || key->expires < first->expires ||
            (key->expires == first->expires && key->serial < first->serial))
            first = key;
    }
    return first;
}

static void empty_heap_has_no_first(void **state)
{
    struct sc_heap heap;

    (void)state;
    sc_heap_init(&heap);
    assert_null(sc_heap_top(&heap));
    sc_heap_fini(&heap);
    sc_heap_fini(&heap);
}

static void one_entry_needs_no_reservation(void **state)
{
    struct sc_heap heap;
    struct sc_heap_key key = {.expires = 7};

    (void)state;
    sc_heap_init(&heap);
    assert_int_equal(sc_heap_reserve(&heap, 1), 0);
    assert_null(heap.slots);
    sc_heap_push(&heap, &key);
    assert_ptr_equal(sc_heap_top(&heap), &key);
    sc_heap_remove(&heap, &key);
    assert_null(sc_heap_top(&heap));
    sc_heap_fini(&heap);
}

/* The entry in the heap's own slot moves along when the array is born. */
static void first_entry_survives_growth(void **state)
{
    struct group *group = group_new();

    (void)state;
    put_in(group, 0, 50);
    put_in(group, 1, 40);
    assert_ptr_equal(sc_heap_top(&group->heap), &group->keys[1]);
    put_out(group, 1);
    assert_ptr_equal(sc_heap_top(&group->heap), &group->keys[0]);
    group_free(group);
}

static void entries_leave_in_order_of_expiry(void **state)
{
    struct group *group = group_new();
    int64_t last = INT64_MIN;

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        put_in(group, i, (int64_t)(i * 7919 % MOST) - 100);
    for (size_t i = 0; i < MOST; i++) {
        struct sc_heap_key *first = sc_heap_top(&group->heap);
        assert_true(first->expires > last);
        last = first->expires;
        put_out(group, (size_t)(first - group->keys));
    }
    assert_null(sc_heap_top(&group->heap));
    group_free(group);
}

static void among_equals_the_oldest_is_first(void **state)
{
    struct group *group = group_new();

    (void)state;
    for (size_t i = MOST; i-- > 0;)
        put_in(group, i, 1000);
    for (size_t i = 0; i < MOST; i++) {
        assert_ptr_equal(sc_heap_top(&group->heap), &group->keys[i]);
        put_out(group, i);
    }
    group_free(group);
}

static void reserved_room_takes_all_without_growing(void **state)
{
    struct group *group = group_new();

    (void)state;
    assert_int_equal(sc_heap_reserve(&group->heap, MOST), 0);
    const struct sc_heap_slot *slots = group->heap.slots;
    for (size_t i = 0; i < MOST; i++)
        put_in(group, i, (int64_t)i);
    assert_ptr_equal(group->heap.slots, slots);
    group_free(group);
}

static void absurd_reservation_is_refused(void **state)
{
    struct group *group = group_new();

    (void)state;
    put_in(group, 0, 1);
    assert_int_equal(sc_heap_reserve(&group->heap, SIZE_MAX), -ENOMEM);
    assert_int_equal(sc_heap_reserve(&group->heap, (size_t)UINT32_MAX + 1), -ENOMEM);
    assert_ptr_equal(sc_heap_top(&group->heap), &group->keys[0]);
    group_free(group);
}

/* Trimming gives memory back but never room that entries or promises need. */
static void trimming_keeps_what_is_needed(void **state)
{
    struct group *group = group_new();

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        put_in(group, i, (int64_t)i);
    uint32_t largest = group->heap.capacity;
    for (size_t i = MOST; i-- > 10;) {
        put_out(group, i);
        sc_heap_trim(&group->heap, group->count + 20);
        assert_true(group->heap.capacity >= group->count + 20 || group->count + 20 > largest);
    }
    assert_true(group->heap.capacity < largest / 2);
    for (size_t i = 0; i < 10; i++) {
        assert_ptr_equal(sc_heap_top(&group->heap), &group->keys[i]);
        put_out(group, i);
    }
    group_free(group);
}

/* Takes all out in order, which shows what stands behind the first, and puts them in again. */
static void turn_over(struct group *group)
{
    size_t order[MOST];
    size_t count = group->count;

    for (size_t i = 0; i < count; i++) {
        struct sc_heap_key *first = sc_heap_top(&group->heap);
        assert_ptr_equal(first, first_of(group));
        order[i] = (size_t)(first - group->keys);
        put_out(group, order[i]);
    }
    assert_null(sc_heap_top(&group->heap));
    for (size_t i = count; i-- > 0;)
        put_in(group, order[i], group->keys[order[i]].expires);
}

static void any_step_keeps_the_first_right(void **state)
{
    struct random random = {number_from_environment("SCACHE_SEED", 20)};
    struct group *group = group_new();

    (void)state;
    for (int step = 0; step < STEPS; step++) {
        uint32_t i = random_below(&random, MOST);
        int64_t expires = random_below(&random, 100);
        if (!group->in[i]) {
            put_in(group, i, expires);
        } else if (step % 3 == 0) {
            group->keys[i].expires = expires;
            sc_heap_update(&group->heap, &group->keys[i]);
        } else {
            put_out(group, i);
            sc_heap_trim(&group->heap, group->count);
        }
        assert_int_equal(group->heap.count, group->count);
        assert_ptr_equal(sc_heap_top(&group->heap), first_of(group));
        if (step % 100 == 0)
            turn_over(group);
    }
    group_free(group);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_heap_has_no_first),
        cmocka_unit_test(one_entry_needs_no_reservation),
        cmocka_unit_test(first_entry_survives_growth),
        cmocka_unit_test(entries_leave_in_order_of_expiry),
        cmocka_unit_test(among_equals_the_oldest_is_first),
        cmocka_unit_test(reserved_room_takes_all_without_growing),
        cmocka_unit_test(absurd_reservation_is_refused),
        cmocka_unit_test(trimming_keeps_what_is_needed),
        cmocka_unit_test(any_step_keeps_the_first_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
