/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What descriptors are for: every number of them, and the edges.
 */
#include "support/check.h"

#include <errno.h>

#include "server/budget.h"

enum { USED = 20 };

static void nothing_is_spent_twice(void **state)
{
    (void)state;
    for (size_t descriptors = 0; descriptors < 5000; descriptors++) {
        struct sc_budget budget;
        int error = sc_budget_make(&budget, descriptors, USED, 0);
        if (error < 0) {
            assert_int_equal(error, -EMFILE);
            assert_true(descriptors < USED + 16 + 8);
            continue;
        }
        assert_true(budget.clients >= 4 && budget.connections >= 4);
        assert_int_equal(budget.clients + budget.connections + budget.reserve + USED, descriptors);
        assert_true(budget.clients <= descriptors / 4 || budget.clients == 1);
        assert_true(budget.unread <= descriptors / 8);
    }
}

static void a_limit_of_clients_leaves_more_for_connections(void **state)
{
    struct sc_budget few, many;

    (void)state;
    assert_int_equal(sc_budget_make(&few, 1024, USED, 10), 0);
    assert_int_equal(few.clients, 10);
    assert_int_equal(sc_budget_make(&many, 1024, USED, 100000), 0);
    assert_int_equal(many.connections, 4);
    assert_true(few.connections > 900);
}

static void too_few_change_nothing(void **state)
{
    struct sc_budget budget = {.clients = 7};

    (void)state;
    assert_int_equal(sc_budget_make(&budget, 30, USED, 0), -EMFILE);
    assert_int_equal(budget.clients, 7);
}

static void what_waits_to_be_closed_counts_beyond_half_the_reserve(void **state)
{
    struct sc_budget budget;

    (void)state;
    assert_int_equal(sc_budget_make(&budget, 1024, USED, 0), 0);
    size_t all = budget.connections;
    assert_int_equal(sc_budget_connections(&budget, budget.reserve / 2, 0), all);
    assert_int_equal(sc_budget_connections(&budget, budget.reserve / 2 + 1, 0), all - 1);
    assert_int_equal(sc_budget_connections(&budget, 0, 3), all - 3);
    assert_int_equal(sc_budget_connections(&budget, 100000, 3), 0);
}

/* However many have their share, who comes then finds one too. */
static void there_is_always_a_share_left(void **state)
{
    struct sc_budget budget;
    size_t taken = 0;

    (void)state;
    assert_int_equal(sc_budget_make(&budget, 65536, USED, 0), 0);
    for (int users = 0; users < 100; users++) {
        size_t share = sc_budget_unread_share(&budget, taken);
        assert_true(share >= 1);
        if (users < 10)
            taken += share;
    }
    assert_true(taken < budget.unread);
    assert_int_equal(sc_budget_unread_share(&budget, 0), budget.unread / 2);
    assert_int_equal(sc_budget_unread_share(&budget, budget.unread * 2), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_spent_twice),
        cmocka_unit_test(a_limit_of_clients_leaves_more_for_connections),
        cmocka_unit_test(too_few_change_nothing),
        cmocka_unit_test(what_waits_to_be_closed_counts_beyond_half_the_reserve),
        cmocka_unit_test(there_is_always_a_share_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
