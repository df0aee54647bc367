/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What becomes of a tunnel by the clock.
 */
#include "support/check.h"

#include "session/deadline.h"
#include "support/relayed.h"

enum {
    NET = RELAYED_NET,
    PIPE = RELAYED_PIPE,
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE
};

/* The tunnel has done nothing by itself until then, and then something is due. */
static void assert_due(struct relayed *relayed, int64_t at)
{
    while (sc_tunnel_due(&relayed->tunnel, relayed->now) < at)
        relayed_wait(relayed, at);
    assert_int_equal(sc_tunnel_due(&relayed->tunnel, relayed->now), at);
}

static void test_a_handshake_has_its_time(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_init(&relayed, NET, PIPE);
    relayed.limits = relayed_usual;
    relayed_settle(&relayed);
    assert_due(&relayed, 30 * SECOND);
    relayed_wait(&relayed, HOUR);
    relayed_assert_gone(&relayed, SC_TUNNEL_CAUSE_HANDSHAKE_TIME, SC_TLS_END_ERROR);
    relayed_close(&relayed);
}

static void test_a_caller_may_give_a_handshake_less_time_never_more(void **state)
{
    const struct {
        int64_t wanted, due;
    } cases[] = {{500, 500}, {30 * SECOND, 30 * SECOND}, {HOUR, 30 * SECOND}};

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(cases); i++) {
        struct relayed relayed;

        relayed_init(&relayed, NET, PIPE);
        relayed.limits = relayed_usual;
        sc_tunnel_init(&relayed.tunnel, &relayed.engine, &relayed.limits, cases[i].wanted, 0);
        relayed_settle(&relayed);
        assert_int_equal(sc_tunnel_due(&relayed.tunnel, 0), cases[i].due);
        relayed_close(&relayed);
    }
}

static void test_idle_counts_from_the_last_progress(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_begin(&relayed);
    relayed.limits.lifetime_limit = 10 * HOUR;
    relayed_pass(&relayed, 50 * MINUTE);
    relayed_far_writes(&relayed, 1);
    relayed_settle(&relayed);
    assert_due(&relayed, 50 * MINUTE + HOUR);
    relayed_wait(&relayed, 10 * HOUR);
    assert_true(sc_tunnel_has_let_go(&relayed.tunnel));
    relayed_settle(&relayed);
    assert_true(relayed.far_sees_farewell);
    relayed.far = FAR_SAYS_FAREWELL;
    relayed_assert_gone(&relayed, SC_TUNNEL_CAUSE_IDLE, SC_TLS_END_ERROR);
    relayed_close(&relayed);
}

static void test_memory_is_given_back_when_idle(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_begin(&relayed);
    relayed_pass(&relayed, SECOND - 1);
    assert_false(relayed.has_rested);
    relayed_pass(&relayed, SECOND);
    assert_true(relayed.has_rested);
    relayed.has_rested = false;
    relayed_pass(&relayed, MINUTE);
    assert_false(relayed.has_rested); /* once is enough */
    relayed_caller_writes(&relayed, 1);
    relayed_settle(&relayed);
    relayed_pass(&relayed, MINUTE + SECOND);
    assert_true(relayed.has_rested);
    relayed_close(&relayed);
}

static void test_a_life_ends_at_a_quiet_moment(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_begin(&relayed);
    relayed_pass(&relayed, HOUR - 1);
    relayed_caller_writes(&relayed, 5);
    relayed_settle(&relayed);
    relayed_pass(&relayed, HOUR + SECOND);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_OPEN); /* an answer is due */
    relayed_far_writes(&relayed, 5);
    relayed_settle(&relayed);
    relayed_pass(&relayed, HOUR + SECOND + 50);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_OPEN); /* more of it may follow */
    relayed_far_writes(&relayed, 5);
    relayed_settle(&relayed);
    assert_due(&relayed, HOUR + SECOND + 150);
    relayed_wait(&relayed, 2 * HOUR);
    assert_true(sc_tunnel_has_let_go(&relayed.tunnel));
    assert_int_equal(relayed.delivered, 10);
    relayed.far = FAR_SAYS_FAREWELL;
    relayed_assert_gone(&relayed, SC_TUNNEL_CAUSE_LIFETIME, SC_TLS_END_ERROR);
    relayed_close(&relayed);
}

static void test_a_life_without_a_quiet_moment_ends_all_the_same(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_begin(&relayed);
    while (relayed.now < HOUR + 4 * SECOND) {
        relayed_pass(&relayed, relayed.now + 20 * SECOND);
        relayed_caller_writes(&relayed, 1);
        relayed_settle(&relayed);
        relayed_far_reads(&relayed, 1);
    }
    assert_true(sc_tunnel_has_let_go(&relayed.tunnel));
    assert_int_equal(relayed.tunnel.cause, SC_TUNNEL_CAUSE_LIFETIME);
    relayed_close(&relayed);
}

static void test_words_that_just_came_are_heard_before_a_life_ends(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_begin(&relayed);
    relayed_pass(&relayed, HOUR - 1);
    relayed_caller_writes(&relayed, 5);
    relayed.now = HOUR;
    for (int i = 0; i < 3; i++) /* No event has told of the words yet. */
        sc_tunnel_turn(&relayed.tunnel, 0, relayed.now, relayed.scratch);
    assert_false(sc_tunnel_has_let_go(&relayed.tunnel));
    assert_int_equal(relayed.pushed, 5);
    relayed_close(&relayed);
}

static void test_a_server_that_stops_waits_for_who_is_busy(void **state)
{
    struct relayed idle, busy;

    (void)state;
    relayed_begin(&idle);
    relayed_begin(&busy);
    relayed_caller_writes(&busy, 5);
    relayed_settle(&busy);
    sc_tunnel_drain(&idle.tunnel, 0);
    sc_tunnel_drain(&busy.tunnel, 0);
    sc_tunnel_turn(&idle.tunnel, 0, 0, idle.scratch);
    sc_tunnel_turn(&busy.tunnel, 0, 0, busy.scratch);
    assert_true(sc_tunnel_has_let_go(&idle.tunnel));
    assert_int_equal(idle.tunnel.cause, SC_TUNNEL_CAUSE_STOPPED);
    assert_false(sc_tunnel_has_let_go(&busy.tunnel));
    relayed_pass(&busy, 5 * SECOND - 1);
    assert_false(sc_tunnel_has_let_go(&busy.tunnel));
    relayed_pass(&busy, 5 * SECOND);
    assert_true(sc_tunnel_has_let_go(&busy.tunnel));
    relayed_close(&idle);
    relayed_close(&busy);
}

static void test_a_far_end_that_takes_nothing_is_left(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_begin(&relayed);
    for (int i = 0; i < 10; i++) {
        relayed_caller_writes(&relayed, SIZE_MAX);
        relayed_settle(&relayed);
    }
    relayed.caller_left = true;
    relayed_settle(&relayed);
    relayed_pass(&relayed, 10 * SECOND - 1);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_OPEN);
    relayed_pass(&relayed, 10 * SECOND);
    relayed_assert_gone(&relayed, SC_TUNNEL_CAUSE_CLOSE_TIME, SC_TLS_END_ERROR);
    relayed_close(&relayed);
}

static void test_a_caller_that_takes_nothing_is_left_and_that_is_not_clean(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_begin(&relayed);
    do
        relayed_settle(&relayed);
    while (relayed_far_writes(&relayed, SIZE_MAX) > 0);
    relayed_caller_reads(&relayed, PIPE);
    relayed_settle(&relayed);
    do
        relayed_settle(&relayed);
    while (relayed_far_writes(&relayed, SIZE_MAX) > 0);
    relayed.far = FAR_SAYS_FAREWELL;
    relayed_caller_reads(&relayed, PIPE / 2);
    relayed_settle(&relayed);
    assert_int_equal(sc_tunnel_end(&relayed.tunnel), SC_TLS_END_CLEAN);
    if (relayed.delivered < relayed.far_wrote) {
        relayed_pass(&relayed, 10 * SECOND);
        relayed_assert_gone(&relayed, SC_TUNNEL_CAUSE_CLOSE_TIME, SC_TLS_END_ERROR);
    }
    relayed_close(&relayed);
}

static void test_a_far_end_that_speaks_on_is_not_listened_to_for_ever(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_begin(&relayed);
    relayed.caller_left = true;
    while (relayed.tunnel.phase != SC_TUNNEL_GONE) {
        relayed_settle(&relayed);
        relayed_far_writes(&relayed, 1000);
        relayed_pass(&relayed, relayed.now + SECOND);
        assert_true(relayed.now <= 11 * SECOND);
    }
    assert_int_equal(relayed.tunnel.cause, SC_TUNNEL_CAUSE_CALLER);
    relayed_close(&relayed);
}

static void test_a_caller_that_half_closed_and_left_is_noticed(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_begin(&relayed);
    relayed.caller_ended = true;
    relayed_settle(&relayed);
    assert_true(relayed.far_sees_farewell);
    relayed_pass(&relayed, MINUTE);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_OPEN);
    relayed.caller_left = true;
    relayed_pass(&relayed, MINUTE + SECOND);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_LINGER);
    relayed_close(&relayed);
}

static void test_a_life_counts_from_the_handshake(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_init(&relayed, NET, PIPE);
    relayed.limits = relayed_usual;
    relayed.limits.handshake_time_limit = HOUR;
    relayed_settle(&relayed);
    relayed.now = 20 * MINUTE;
    relayed.shakes_hands = true;
    relayed_settle(&relayed);
    sc_tunnel_open(&relayed.tunnel, &relayed.plain, relayed.now);
    relayed_pass(&relayed, HOUR + 20 * MINUTE - 1);
    assert_false(sc_tunnel_has_let_go(&relayed.tunnel));
    relayed_pass(&relayed, HOUR + 20 * MINUTE + 1);
    assert_true(sc_tunnel_has_let_go(&relayed.tunnel));
    relayed_close(&relayed);
}

static void test_quiet_is_when_the_far_end_spoke_last(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_begin(&relayed);
    assert_true(sc_deadline_is_quiet(&relayed.tunnel, 0));
    relayed_caller_writes(&relayed, 1);
    relayed_settle(&relayed);
    assert_false(sc_deadline_is_quiet(&relayed.tunnel, HOUR));
    relayed_far_writes(&relayed, 1);
    relayed_settle(&relayed);
    assert_false(sc_deadline_is_quiet(&relayed.tunnel, 99));
    assert_true(sc_deadline_is_quiet(&relayed.tunnel, 100));
    relayed_caller_writes(&relayed, 1);
    relayed_settle(&relayed);
    assert_false(sc_deadline_is_quiet(&relayed.tunnel, HOUR));
    relayed_close(&relayed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_handshake_has_its_time),
        cmocka_unit_test(test_a_caller_may_give_a_handshake_less_time_never_more),
        cmocka_unit_test(test_idle_counts_from_the_last_progress),
        cmocka_unit_test(test_memory_is_given_back_when_idle),
        cmocka_unit_test(test_a_life_ends_at_a_quiet_moment),
        cmocka_unit_test(test_a_life_without_a_quiet_moment_ends_all_the_same),
        cmocka_unit_test(test_words_that_just_came_are_heard_before_a_life_ends),
        cmocka_unit_test(test_a_server_that_stops_waits_for_who_is_busy),
        cmocka_unit_test(test_a_far_end_that_takes_nothing_is_left),
        cmocka_unit_test(test_a_caller_that_takes_nothing_is_left_and_that_is_not_clean),
        cmocka_unit_test(test_a_far_end_that_speaks_on_is_not_listened_to_for_ever),
        cmocka_unit_test(test_a_caller_that_half_closed_and_left_is_noticed),
        cmocka_unit_test(test_a_life_counts_from_the_handshake),
        cmocka_unit_test(test_quiet_is_when_the_far_end_spoke_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
