/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool of blocks: none overlaps another, what is kept is bounded by what is in use, and the
 * steady state allocates nothing.
 */
#include "support/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "support/allocation.h"
#include "support/random.h"

enum { MOST = 4000, STEPS = 300000 };

/* Blocks in use, each filled with a byte of its own. */
struct crowd {
    struct sc_pool pool;
    size_t sizes[MOST]; /* zero: none */
    unsigned char *blocks[MOST];
};

static int setup(void **state)
{
    struct crowd *crowd = calloc(1, sizeof(*crowd));

    assert_non_null(crowd);
    sc_pool_init(&crowd->pool);
    *state = crowd;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void come(struct crowd *crowd, size_t i, size_t size)
{
    crowd->blocks[i] = sc_pool_alloc(&crowd->pool, size);
    assert_non_null(crowd->blocks[i]);
    crowd->sizes[i] = size;
    memset(crowd->blocks[i], (int)(i % 251), size);
}

static void go(struct crowd *crowd, size_t i)
{
    for (size_t at = 0; at < crowd->sizes[i]; at++)
        assert_int_equal(crowd->blocks[i][at], i % 251);
    sc_pool_free(&crowd->pool, crowd->blocks[i], crowd->sizes[i]);
    crowd->sizes[i] = 0;
}

static void all_go(struct crowd *crowd)
{
    for (size_t i = 0; i < MOST; i++)
        if (crowd->sizes[i] > 0)
            go(crowd, i);
}

static void blocks_of_any_size_are_apart(void **state)
{
    struct crowd *crowd = *state;
    struct random random = {number_from_environment("SCACHE_SEED", 22)};
    size_t before = allocation_live_blocks();

    for (int step = 0; step < STEPS; step++) {
        size_t i = random_below(&random, MOST);
        bool rising = step / (STEPS / 10) % 2 == 0;
        if (crowd->sizes[i] > 0)
            go(crowd, i);
        else if (rising || random_below(&random, 8) == 0)
            come(crowd, i, 1 + random_below(&random, i % 9 == 0 ? 2 * SC_POOL_MOST : 200));
    }
    all_go(crowd);
    sc_pool_fini(&crowd->pool);
    assert_int_equal(allocation_live_blocks(), before);
}

/* The size that a block is freed with need only be the one it was asked for. */
static void sizes_at_the_edges_work(void **state)
{
    static const size_t sizes[] = {1,
                                   SC_POOL_GRAIN - 1,
                                   SC_POOL_GRAIN,
                                   SC_POOL_GRAIN + 1,
                                   SC_POOL_MOST - 1,
                                   SC_POOL_MOST,
                                   SC_POOL_MOST + 1};
    struct crowd *crowd = *state;

    for (size_t i = 0; i < SC_COUNT_OF(sizes); i++)
        come(crowd, i, sizes[i]);
    all_go(crowd);
    sc_pool_fini(&crowd->pool);
}

/* Whatever the number in use, a few that come and go leave the allocator alone. */
static void steady_state_allocates_nothing(void **state)
{
    struct crowd *crowd = *state;

    for (size_t used = 0; used < 500; used++) {
        come(crowd, used, 176);
        come(crowd, MOST - 1, 176);
        go(crowd, MOST - 1);
        allocation_fail_at(1, true);
        for (int turn = 0; turn < 3; turn++) {
            for (size_t i = 0; i < 4 && i <= used; i++)
                go(crowd, used - i);
            for (size_t i = 0; i < 4 && i <= used; i++)
                come(crowd, used - i, 176);
        }
        assert_false(allocation_has_failed());
        allocation_fail_at(0, false);
    }
    all_go(crowd);
    sc_pool_fini(&crowd->pool);
}

/* What is kept is bounded by what is in use, in the end by a few. */
static void memory_goes_back_with_what_is_cached(void **state)
{
    struct crowd *crowd = *state;
    size_t before = allocation_live_blocks();

    for (size_t i = 0; i < MOST; i++)
        come(crowd, i, 200);
    for (size_t i = 0; i < MOST; i++) {
        size_t used = MOST - 1 - i;
        go(crowd, i);
        size_t kept = allocation_live_blocks() - before - used;
        assert_true(kept <= SC_POOL_KEPT_MOST);
        assert_true(kept <= 5 + used / 4);
    }
    sc_pool_fini(&crowd->pool);
    assert_int_equal(allocation_live_blocks(), before);
}

static void want_of_memory_is_said(void **state)
{
    struct crowd *crowd = *state;

    allocation_fail_at(1, true);
    assert_null(sc_pool_alloc(&crowd->pool, 100));
    assert_null(sc_pool_alloc(&crowd->pool, SC_POOL_MOST + 1));
    allocation_fail_at(0, false);
    come(crowd, 0, 100);
    all_go(crowd);
    sc_pool_fini(&crowd->pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blocks_of_any_size_are_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes_at_the_edges_work, setup, teardown),
        cmocka_unit_test_setup_teardown(steady_state_allocates_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_goes_back_with_what_is_cached, setup, teardown),
        cmocka_unit_test_setup_teardown(want_of_memory_is_said, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
