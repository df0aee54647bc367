/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tunnel at real sizes. Orders of events are the model's affair
 * (test_tunnel_model), and the clock is deadline's (test_deadline).
 */
#include "support/check.h"

#include "support/allocation.h"
#include "support/relayed.h"

static void test_much_is_written_and_closed_at_once(void **state)
{
    const size_t length = 20 * 1000 * 1000;
    struct relayed relayed;
    size_t written = 0;

    (void)state;
    relayed_begin(&relayed);
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
    relayed_assert_gone(&relayed, SC_TUNNEL_CAUSE_CALLER, SC_TLS_END_ERROR);
    relayed_close(&relayed);
}

static void test_a_slow_reader_gets_all_of_what_was_sent_and_closed(void **state)
{
    const size_t length = 3 * 1000 * 1000;
    struct relayed relayed;
    size_t written = 0;

    (void)state;
    relayed_begin(&relayed);
    while (written < length) {
        written += relayed_far_writes(&relayed, length - written);
        relayed_settle(&relayed);
        relayed_caller_reads(&relayed, 7000);
    }
    relayed.far = FAR_SAYS_FAREWELL;
    /* A bit every nine seconds: that is progress, every time. */
    while (relayed.caller_heard < length) {
        assert_false(relayed.caller_sees_end && relayed.delivered < length);
        relayed_pass(&relayed, relayed.now + 9000);
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
    relayed_begin(&relayed);
    do {
        relayed_settle(&relayed);
    } while (relayed_far_writes(&relayed, SIZE_MAX) + relayed_caller_writes(&relayed, SIZE_MAX) >
             0);
    assert_false(relayed_turn(&relayed));
    assert_int_equal(sc_tunnel_wants(&relayed.tunnel), SC_TUNNEL_FAR_WRITE | SC_TUNNEL_PLAIN_WRITE);
    assert_true(sc_tunnel_under_way(&relayed.tunnel) <= SC_TUNNEL_UP_MAX + SC_TUNNEL_DOWN_MAX);
    assert_int_equal(sc_tunnel_due(&relayed.tunnel, 0), 1000);
    relayed_pass(&relayed, 1000);
    assert_int_equal(sc_tunnel_due(&relayed.tunnel, 1000), 3600 * 1000);
    relayed_close(&relayed);
}

static void test_a_handshake_can_fail(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_init(&relayed, RELAYED_NET, RELAYED_PIPE);
    relayed.far = FAR_IS_LOST;
    relayed_assert_gone(&relayed, SC_TUNNEL_CAUSE_FAILED, SC_TLS_END_ERROR);
    relayed_close(&relayed);
}

static void test_nothing_is_read_before_there_is_somebody_to_read_it(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_init(&relayed, RELAYED_NET, RELAYED_PIPE);
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

static void test_a_download_behind_a_half_close_may_take_long(void **state)
{
    struct relayed relayed;

    (void)state;
    relayed_begin(&relayed);
    relayed_caller_writes(&relayed, 5);
    relayed.caller_ended = true;
    for (int i = 0; i < 100; i++) {
        relayed_pass(&relayed, relayed.now + 20000);
        relayed_far_writes(&relayed, 100);
        relayed_settle(&relayed);
    }
    relayed.far = FAR_SAYS_FAREWELL;
    relayed_assert_gone(&relayed, SC_TUNNEL_CAUSE_FAR, SC_TLS_END_CLEAN);
    assert_int_equal(relayed.delivered, 100 * 100);
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

        relayed_begin(&relayed);
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
        relayed_assert_gone(&relayed, SC_TUNNEL_CAUSE_MEMORY, SC_TLS_END_ERROR);
        relayed_close(&relayed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_much_is_written_and_closed_at_once),
        cmocka_unit_test(test_a_slow_reader_gets_all_of_what_was_sent_and_closed),
        cmocka_unit_test(test_a_turn_is_bounded),
        cmocka_unit_test(test_both_sides_blocked_is_silence),
        cmocka_unit_test(test_a_handshake_can_fail),
        cmocka_unit_test(test_nothing_is_read_before_there_is_somebody_to_read_it),
        cmocka_unit_test(test_a_download_behind_a_half_close_may_take_long),
        cmocka_unit_test(test_who_ended_it_is_known),
        cmocka_unit_test(test_what_cannot_be_kept_ends_the_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
