/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/check.h"

#include <string.h>

#include "relay/tally.h"

static uint64_t sum_of(const struct sc_tally *tally, const char *family)
{
    uint64_t sum = 0;

    for (int i = 0; i < SC_TALLIES; i++)
        if (strcmp(sc_tally_about((enum sc_tally_counter)i)->family, family) == 0)
            sum += tally->counters[i];
    return sum;
}

static void every_counter_is_told_apart(void **state)
{
    (void)state;
    for (int i = 0; i < SC_TALLIES; i++) {
        const struct sc_tally_about *one = sc_tally_about((enum sc_tally_counter)i);
        bool is_first = true;
        assert_int_equal(strncmp(one->family, "scache_tls_", 11), 0);
        for (int j = 0; j < i; j++) {
            const struct sc_tally_about *other = sc_tally_about((enum sc_tally_counter)j);
            bool same = strcmp(one->family, other->family) == 0;
            assert_false(same && strcmp(one->labels, other->labels) == 0);
            is_first = is_first && !same;
        }
        assert_int_equal(is_first, one->help[0] != '\0');
    }
}

static void every_refusal_counts_once(void **state)
{
    (void)state;
    for (int reason = SC_TLS_REASON_NONE + 1; reason < SC_TLS_REASONS; reason++) {
        struct sc_tally tally = {{0}};
        sc_tally_refusal(&tally, (enum sc_tls_reason)reason);
        bool shook = sc_tls_status_of((enum sc_tls_reason)reason) >= SC_TLS_HANDSHAKE ||
                     reason == SC_TLS_REASON_UNKNOWN;
        assert_int_equal(sum_of(&tally, "scache_tls_handshakes_total"), shook);
        assert_int_equal(sum_of(&tally, "scache_tls_requests_refused_total"), !shook);
    }
}

static void every_end_counts_once_with_its_bytes(void **state)
{
    (void)state;
    for (int cause = SC_TUNNEL_CAUSE_NONE; cause < SC_TUNNEL_CAUSES; cause++) {
        struct sc_tally tally = {{0}};
        const struct sc_tunnel tunnel = {
            .cause = (enum sc_tunnel_cause)cause, .up = {.bytes = 3}, .down = {.bytes = 5}};
        sc_tally_ending(&tally, &tunnel);
        assert_int_equal(sum_of(&tally, "scache_tls_sessions_ended_total"), 1);
        assert_int_equal(tally.counters[SC_TALLY_BYTES_UP], 3);
        assert_int_equal(tally.counters[SC_TALLY_BYTES_DOWN], 5);
    }
}

static void a_handshake_counts_at_the_first_bound_that_holds_it(void **state)
{
    static const struct {
        int64_t took;
        enum sc_tally_counter counter;
    } cases[] = {
        {0, SC_TALLY_TOOK_5},       {5, SC_TALLY_TOOK_5},       {6, SC_TALLY_TOOK_10},
        {1000, SC_TALLY_TOOK_1000}, {2500, SC_TALLY_TOOK_2500}, {2501, SC_TALLY_TOOK_LONGER},
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(cases); i++) {
        struct sc_tally tally = {{0}};
        sc_tally_handshake(&tally, cases[i].took);
        assert_int_equal(tally.counters[cases[i].counter], 1);
        assert_int_equal(tally.counters[SC_TALLY_HANDSHAKE_DONE], 1);
        assert_int_equal(sum_of(&tally, "scache_tls_handshake_seconds"), 1);
        assert_int_equal(tally.counters[SC_TALLY_TOOK_MS], cases[i].took);
    }
}

static void readings_are_added_and_subtracted(void **state)
{
    struct sc_tally one = {{0}}, other = {{0}};

    (void)state;
    one.counters[0] = 5;
    other.counters[0] = 7;
    other.counters[SC_TALLIES - 1] = 1;
    sc_tally_merge(&one, &other);
    assert_int_equal(one.counters[0], 12);
    sc_tally_subtract(&one, &other);
    assert_int_equal(one.counters[0], 5);
    assert_int_equal(one.counters[SC_TALLIES - 1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_counter_is_told_apart),
        cmocka_unit_test(every_refusal_counts_once),
        cmocka_unit_test(every_end_counts_once_with_its_bytes),
        cmocka_unit_test(a_handshake_counts_at_the_first_bound_that_holds_it),
        cmocka_unit_test(readings_are_added_and_subtracted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
