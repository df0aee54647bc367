/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tunnel at real sizes and by the clock. Orders of events are the model's
 * affair (test_tunnel_model).
 */
#include "support/check.h"

#include <stdlib.h>

#include "session/deadline.h"
#include "support/allocation.h"
#include "support/relayed.h"

enum { NET = 50000, PIPE = 200000, SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static const struct sc_tunnel_limits usual = {
    .handshake = 30 * SECOND,
    .idle = HOUR,
    .lifetime = HOUR,
    .close = 10 * SECOND,
    .drain = 5 * SECOND,
};

/* A session as the server has it. */
static void tunnel_begin(struct relayed *relayed)
{
    relayed_open(relayed, NET, PIPE);
    relayed->limits = usual;
    relayed_settle(relayed);
}

/* The tunnel has done nothing by itself until then, and then something is due. */
static void assert_due(struct relayed *relayed, int64_t at)
{
    while (sc_tunnel_due(&relayed->tunnel, relayed->now) < at)
        relayed_wait(relayed, at);
    assert_int_equal(sc_tunnel_due(&relayed->tunnel, relayed->now), at);
}

static void assert_gone(struct relayed *relayed, enum sc_tunnel_cause cause, enum sc_tls_end end)
{
    relayed_settle(relayed);
    assert_int_equal(relayed->tunnel.phase, SC_TUNNEL_GONE);
    assert_int_equal(relayed->tunnel.cause, cause);
    assert_int_equal(sc_tunnel_end(&relayed->tunnel), end);
}

/* Time goes on until then, the tunnel being called whenever it wants to be. */
static void pass_time(struct relayed *relayed, int64_t until)
{
    while (relayed->now < until)
        relayed_wait(relayed, until);
}

static void test_much_is_written_and_closed_at_once(void **state)
{
    const size_t length = 20 * 1000 * 1000;
    struct relayed relayed;
    size_t written = 0;

    (void)state;
    tunnel_begin(&relayed);
    /* The far end answers each byte, and nobody reads that. */
    while (written < length) {
        written += relayed_caller_writes(&relayed, length - written);
        relayed_settle(&relayed);
        relayed_far_reads(&relayed, SIZE_MAX);
        relayed_far_writes(&relayed, 1000);
    }
    relayed.caller_left = true;
    for (int i = 0; i < 100; i++) {
        relayed_settle(&relayed);
        relayed_far_reads(&relayed, SIZE_MAX);
    }
    assert_int_equal(relayed.far_heard, length);
    assert_true(relayed.far_sees_farewell);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_LINGER);
    relayed.far = FAR_SAYS_FAREWELL;
    assert_gone(&relayed, SC_TUNNEL_CAUSE_CALLER, SC_TLS_END_ERROR);
    relayed_close(&relayed);
}

static void test_a_slow_reader_gets_all_of_what_was_sent_and_closed(void **state)
{
    const size_t length = 3 * 1000 * 1000;
    struct relayed relayed;
    size_t written = 0;

    (void)state;
    tunnel_begin(&relayed);
    while (written < length) {
        written += relayed_far_writes(&relayed, length - written);
        relayed_settle(&relayed);
        relayed_caller_reads(&relayed, 7000);
    }
    relayed.far = FAR_SAYS_FAREWELL;
    /* A bit every nine seconds: that is progress, every time. */
    while (relayed.caller_heard < length) {
        assert_false(relayed.caller_sees_end && relayed.delivered < length);
        pass_time(&relayed, relayed.now + 9 * SECOND);
        relayed_settle(&relayed);
        relayed_caller_reads(&relayed, 70000);
    }
    relayed_settle(&relayed);
    assert_true(relayed.caller_sees_end);
    assert_int_equal(sc_tunnel_end(&relayed.tunnel), SC_TLS_END_CLEAN);
    relayed_close(&relayed);
}

static void test_a_turn_is_bounded(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_open(&relayed, 1000000, 1000000);
    relayed_far_writes(&relayed, 300000);
    relayed_caller_writes(&relayed, 100000);
    sc_tunnel_turn(&relayed.tunnel, SC_TUNNEL_ALL, 0, relayed.scratch);
    assert_int_equal(relayed.delivered, SC_TUNNEL_DOWN_MAX);
    assert_int_equal(relayed.pushed, SC_TUNNEL_UP_MAX);
    /* No event tells of what is decrypted already. */
    assert_int_equal(sc_tunnel_due(&relayed.tunnel, 0), 0);
    sc_tunnel_turn(&relayed.tunnel, 0, 0, relayed.scratch);
    assert_int_equal(relayed.delivered, 2 * SC_TUNNEL_DOWN_MAX);
    assert_int_equal(relayed.pushed, SC_TUNNEL_UP_MAX);
    relayed_close(&relayed);
}

static void test_both_sides_blocked_is_silence(void **state)
{
    struct relayed relayed;

    (void)state;
    tunnel_begin(&relayed);
    do {
        relayed_settle(&relayed);
    } while (relayed_far_writes(&relayed, SIZE_MAX) + relayed_caller_writes(&relayed, SIZE_MAX) >
             0);
    assert_false(relayed_turn(&relayed));
    assert_int_equal(sc_tunnel_wants(&relayed.tunnel), SC_TUNNEL_FAR_WRITE | SC_TUNNEL_PLAIN_WRITE);
    assert_true(sc_tunnel_under_way(&relayed.tunnel) <= SC_TUNNEL_UP_MAX + SC_TUNNEL_DOWN_MAX);
    assert_int_equal(sc_tunnel_due(&relayed.tunnel, 0), SECOND);
    pass_time(&relayed, SECOND);
    assert_int_equal(sc_tunnel_due(&relayed.tunnel, SECOND), HOUR);
    relayed_close(&relayed);
}

static void test_a_handshake_has_its_time(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_init(&relayed, NET, PIPE);
    relayed.limits = usual;
    relayed_settle(&relayed);
    assert_due(&relayed, 30 * SECOND);
    relayed_wait(&relayed, HOUR);
    assert_gone(&relayed, SC_TUNNEL_CAUSE_HANDSHAKE_TIME, SC_TLS_END_ERROR);
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
        relayed.limits = usual;
        sc_tunnel_init(&relayed.tunnel, &relayed.engine, &relayed.limits, cases[i].wanted, 0);
        relayed_settle(&relayed);
        assert_int_equal(sc_tunnel_due(&relayed.tunnel, 0), cases[i].due);
        relayed_close(&relayed);
    }
}

static void test_a_handshake_can_fail(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_init(&relayed, NET, PIPE);
    relayed.far = FAR_IS_LOST;
    assert_gone(&relayed, SC_TUNNEL_CAUSE_FAILED, SC_TLS_END_ERROR);
    relayed_close(&relayed);
}

static void test_nothing_is_read_before_there_is_somebody_to_read_it(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_init(&relayed, NET, PIPE);
    relayed.shakes_hands = true;
    relayed_far_writes(&relayed, 10);
    relayed_settle(&relayed);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_READY);
    assert_int_equal(relayed.opened, 0);
    assert_int_equal(sc_tunnel_wants(&relayed.tunnel), 0);
    sc_tunnel_open(&relayed.tunnel, &relayed.plain, 0);
    relayed_settle(&relayed);
    assert_int_equal(relayed.delivered, 10);
    relayed_close(&relayed);
}

static void test_idle_counts_from_the_last_progress(void **state)
{
    struct relayed relayed;

    (void)state;
    tunnel_begin(&relayed);
    relayed.limits.lifetime = 10 * HOUR;
    pass_time(&relayed, 50 * MINUTE);
    relayed_far_writes(&relayed, 1);
    relayed_settle(&relayed);
    assert_due(&relayed, 50 * MINUTE + HOUR);
    relayed_wait(&relayed, 10 * HOUR);
    assert_true(sc_tunnel_has_let_go(&relayed.tunnel));
    relayed_settle(&relayed);
    assert_true(relayed.far_sees_farewell);
    relayed.far = FAR_SAYS_FAREWELL;
    assert_gone(&relayed, SC_TUNNEL_CAUSE_IDLE, SC_TLS_END_ERROR);
    relayed_close(&relayed);
}

static void test_memory_is_given_back_when_idle(void **state)
{
    struct relayed relayed;

    (void)state;
    tunnel_begin(&relayed);
    pass_time(&relayed, SECOND - 1);
    assert_false(relayed.has_rested);
    pass_time(&relayed, SECOND);
    assert_true(relayed.has_rested);
    relayed.has_rested = false;
    pass_time(&relayed, MINUTE);
    assert_false(relayed.has_rested); /* once is enough */
    relayed_caller_writes(&relayed, 1);
    relayed_settle(&relayed);
    pass_time(&relayed, MINUTE + SECOND);
    assert_true(relayed.has_rested);
    relayed_close(&relayed);
}

static void test_a_life_ends_at_a_quiet_moment(void **state)
{
    struct relayed relayed;

    (void)state;
    tunnel_begin(&relayed);
    pass_time(&relayed, HOUR - 1);
    relayed_caller_writes(&relayed, 5);
    relayed_settle(&relayed);
    pass_time(&relayed, HOUR + SECOND);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_OPEN); /* an answer is due */
    relayed_far_writes(&relayed, 5);
    relayed_settle(&relayed);
    pass_time(&relayed, HOUR + SECOND + 50);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_OPEN); /* more of it may follow */
    relayed_far_writes(&relayed, 5);
    relayed_settle(&relayed);
    assert_due(&relayed, HOUR + SECOND + 150);
    relayed_wait(&relayed, 2 * HOUR);
    assert_true(sc_tunnel_has_let_go(&relayed.tunnel));
    assert_int_equal(relayed.delivered, 10);
    relayed.far = FAR_SAYS_FAREWELL;
    assert_gone(&relayed, SC_TUNNEL_CAUSE_LIFETIME, SC_TLS_END_ERROR);
    relayed_close(&relayed);
}

static void test_a_life_without_a_quiet_moment_ends_all_the_same(void **state)
{
    struct relayed relayed;

    (void)state;
    tunnel_begin(&relayed);
    while (relayed.now < HOUR + 4 * SECOND) {
        pass_time(&relayed, relayed.now + 20 * SECOND);
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
    tunnel_begin(&relayed);
    pass_time(&relayed, HOUR - 1);
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
    tunnel_begin(&idle);
    tunnel_begin(&busy);
    relayed_caller_writes(&busy, 5);
    relayed_settle(&busy);
    sc_tunnel_drain(&idle.tunnel, 0);
    sc_tunnel_drain(&busy.tunnel, 0);
    sc_tunnel_turn(&idle.tunnel, 0, 0, idle.scratch);
    sc_tunnel_turn(&busy.tunnel, 0, 0, busy.scratch);
    assert_true(sc_tunnel_has_let_go(&idle.tunnel));
    assert_int_equal(idle.tunnel.cause, SC_TUNNEL_CAUSE_STOPPED);
    assert_false(sc_tunnel_has_let_go(&busy.tunnel));
    pass_time(&busy, 5 * SECOND - 1);
    assert_false(sc_tunnel_has_let_go(&busy.tunnel));
    pass_time(&busy, 5 * SECOND);
    assert_true(sc_tunnel_has_let_go(&busy.tunnel));
    relayed_close(&idle);
    relayed_close(&busy);
}

static void test_a_far_end_that_takes_nothing_is_left(void **state)
{
    struct relayed relayed;

    (void)state;
    tunnel_begin(&relayed);
    for (int i = 0; i < 10; i++) {
        relayed_caller_writes(&relayed, SIZE_MAX);
        relayed_settle(&relayed);
    }
    relayed.caller_left = true;
    relayed_settle(&relayed);
    pass_time(&relayed, 10 * SECOND - 1);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_OPEN);
    pass_time(&relayed, 10 * SECOND);
    assert_gone(&relayed, SC_TUNNEL_CAUSE_CLOSE_TIME, SC_TLS_END_ERROR);
    relayed_close(&relayed);
}

static void test_a_caller_that_takes_nothing_is_left_and_that_is_not_clean(void **state)
{
    struct relayed relayed;

    (void)state;
    tunnel_begin(&relayed);
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
        pass_time(&relayed, 10 * SECOND);
        assert_gone(&relayed, SC_TUNNEL_CAUSE_CLOSE_TIME, SC_TLS_END_ERROR);
    }
    relayed_close(&relayed);
}

static void test_a_far_end_that_speaks_on_is_not_listened_to_for_ever(void **state)
{
    struct relayed relayed;

    (void)state;
    tunnel_begin(&relayed);
    relayed.caller_left = true;
    while (relayed.tunnel.phase != SC_TUNNEL_GONE) {
        relayed_settle(&relayed);
        relayed_far_writes(&relayed, 1000);
        pass_time(&relayed, relayed.now + SECOND);
        assert_true(relayed.now <= 11 * SECOND);
    }
    assert_int_equal(relayed.tunnel.cause, SC_TUNNEL_CAUSE_CALLER);
    relayed_close(&relayed);
}

static void test_a_caller_that_half_closed_and_left_is_noticed(void **state)
{
    struct relayed relayed;

    (void)state;
    tunnel_begin(&relayed);
    relayed.caller_ended = true;
    relayed_settle(&relayed);
    assert_true(relayed.far_sees_farewell);
    pass_time(&relayed, MINUTE);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_OPEN);
    relayed.caller_left = true;
    pass_time(&relayed, MINUTE + SECOND);
    assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_LINGER);
    relayed_close(&relayed);
}

static void test_a_download_behind_a_half_close_may_take_long(void **state)
{
    struct relayed relayed;

    (void)state;
    tunnel_begin(&relayed);
    relayed_caller_writes(&relayed, 5);
    relayed.caller_ended = true;
    for (int i = 0; i < 100; i++) {
        pass_time(&relayed, relayed.now + 20 * SECOND);
        relayed_far_writes(&relayed, 100);
        relayed_settle(&relayed);
    }
    relayed.far = FAR_SAYS_FAREWELL;
    assert_gone(&relayed, SC_TUNNEL_CAUSE_FAR, SC_TLS_END_CLEAN);
    assert_int_equal(relayed.delivered, 100 * 100);
    relayed_close(&relayed);
}

static void test_a_life_counts_from_the_handshake(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_init(&relayed, NET, PIPE);
    relayed.limits = usual;
    relayed.limits.handshake = HOUR;
    relayed_settle(&relayed);
    relayed.now = 20 * MINUTE;
    relayed.shakes_hands = true;
    relayed_settle(&relayed);
    sc_tunnel_open(&relayed.tunnel, &relayed.plain, relayed.now);
    pass_time(&relayed, HOUR + 20 * MINUTE - 1);
    assert_false(sc_tunnel_has_let_go(&relayed.tunnel));
    pass_time(&relayed, HOUR + 20 * MINUTE + 1);
    assert_true(sc_tunnel_has_let_go(&relayed.tunnel));
    relayed_close(&relayed);
}

static void test_who_ended_it_is_known(void **state)
{
    const struct {
        enum far_end far;
        bool caller_left;
        enum sc_tunnel_cause cause;
        enum sc_tls_end end;
    } cases[] = {
        {FAR_SAYS_FAREWELL, false, SC_TUNNEL_CAUSE_FAR, SC_TLS_END_CLEAN},
        {FAR_HANGS_UP, false, SC_TUNNEL_CAUSE_TRUNCATED, SC_TLS_END_TRUNCATED},
        {FAR_IS_LOST, false, SC_TUNNEL_CAUSE_FAILED, SC_TLS_END_ERROR},
        {FAR_SPEAKS, true, SC_TUNNEL_CAUSE_CALLER, SC_TLS_END_ERROR},
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(cases); i++) {
        struct relayed relayed;

        tunnel_begin(&relayed);
        relayed.far = cases[i].far;
        relayed.caller_left = cases[i].caller_left;
        relayed_settle(&relayed);
        assert_int_equal(relayed.tunnel.cause, cases[i].cause);
        assert_int_equal(sc_tunnel_end(&relayed.tunnel), cases[i].end);
        relayed_close(&relayed);
    }
}

static void test_what_cannot_be_kept_ends_the_session(void **state)
{
    (void)state;
    for (int upwards = 0; upwards < 2; upwards++) {
        struct relayed relayed;

        relayed_open(&relayed, 100, 100);
        relayed_settle(&relayed);
        relayed_caller_writes(&relayed, upwards ? 100 : 0);
        relayed_far_writes(&relayed, upwards ? 0 : 100);
        relayed_settle(&relayed);
        relayed_caller_writes(&relayed, upwards ? 50 : 0);
        relayed_far_writes(&relayed, upwards ? 0 : 50);
        allocation_fail_at(1, false);
        relayed_settle(&relayed);
        allocation_fail_at(0, false);
        assert_gone(&relayed, SC_TUNNEL_CAUSE_MEMORY, SC_TLS_END_ERROR);
        relayed_close(&relayed);
    }
}

static void test_quiet_is_when_the_far_end_spoke_last(void **state)
{
    struct relayed relayed;

    (void)state;
    tunnel_begin(&relayed);
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
        cmocka_unit_test(test_much_is_written_and_closed_at_once),
        cmocka_unit_test(test_a_slow_reader_gets_all_of_what_was_sent_and_closed),
        cmocka_unit_test(test_a_turn_is_bounded),
        cmocka_unit_test(test_both_sides_blocked_is_silence),
        cmocka_unit_test(test_a_handshake_has_its_time),
        cmocka_unit_test(test_a_caller_may_give_a_handshake_less_time_never_more),
        cmocka_unit_test(test_a_handshake_can_fail),
        cmocka_unit_test(test_nothing_is_read_before_there_is_somebody_to_read_it),
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
        cmocka_unit_test(test_a_download_behind_a_half_close_may_take_long),
        cmocka_unit_test(test_a_life_counts_from_the_handshake),
        cmocka_unit_test(test_who_ended_it_is_known),
        cmocka_unit_test(test_what_cannot_be_kept_ends_the_session),
        cmocka_unit_test(test_quiet_is_when_the_far_end_spoke_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
