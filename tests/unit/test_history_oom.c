/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The history while allocations fail, one after the other or all from one on:
 * nothing is told to anybody, totals count on, and there is a place again when
 * there is memory.
 */
#include "support/check.h"

#include <stdio.h>

#include "history/history.h"
#include "support/allocation.h"

enum { LABELS = 40, FAILURES_MOST = 1000 };

static const unsigned char key[SC_SHELF_KEY_LENGTH] = "not very random";

static void play(struct sc_history *history)
{
    for (int i = 0; i < LABELS; i++) {
        char label[20];
        snprintf(label, sizeof(label), "label%d", i);
        const struct sc_place_name endpoint = {SC_PLACE_ENDPOINT, 0, sc_bytes_of(label), NULL};
        const struct sc_place_name destination = {SC_PLACE_DESTINATION, 0, sc_bytes_of(label),
                                                  NULL};
        struct sc_acquisition acquisition = {0};
        sc_acquisition_begin(&acquisition);
        sc_history_saved(history, 1, &endpoint);
        sc_history_bound(history, 1, &destination, &endpoint, false);
        sc_history_look(history, 2, &acquisition, &destination, false);
        sc_history_look(history, 2, &acquisition, &endpoint, true);
        sc_history_taken(history, &endpoint);
        sc_history_lost(history, &endpoint, (struct sc_loss){SC_MISS_EXPIRED, 0, false});
        sc_history_unbound(history, &destination, (struct sc_loss){SC_MISS_EXPIRED, 0, false});
        assert_true(sc_acquisition_end(&acquisition, history, i % 2 == 0));
    }
}

static bool play_with_failure(size_t at, bool and_later)
{
    const struct sc_history_settings settings = {LABELS, 60000};
    struct sc_history history;
    size_t before = allocation_live_blocks();

    sc_history_init(&history, key, 0);
    sc_history_configure(&history, &settings, false, 0);
    assert_int_equal(allocation_live_blocks(), before);
    allocation_fail_at(at, and_later);
    play(&history);
    bool failed = allocation_has_failed();
    allocation_fail_at(0, false);
    assert_int_equal(history.reused, LABELS / 2);
    assert_int_equal(history.curve.saves, LABELS);
    play(&history);
    assert_int_equal(history.shelf.count, LABELS);
    sc_history_fini(&history);
    assert_int_equal(allocation_live_blocks(), before);
    return failed;
}

static void test_every_failing_allocation(void **state)
{
    size_t at = 1;

    (void)state;
    while (play_with_failure(at, false)) {
        (void)play_with_failure(at, true);
        assert_in_range(++at, 2, FAILURES_MOST);
    }
    assert_in_range(at, LABELS, FAILURES_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
