/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#include "relay/past.h"

enum { MINUTE = 60 * 1000 };

static void an_end_is_remembered_for_a_minute(void **state)
{
    struct sc_past past;
    struct sc_bytes text;

    (void)state;
    sc_past_init(&past);
    assert_true(sc_past_until(&past) < 0);
    sc_past_add(&past, "a-1", SC_TLS_END_CLEAN, "", 0);
    sc_past_add(&past, "a-2", SC_TLS_END_ERROR, "why", 1000);
    assert_int_equal(sc_past_find(&past, SC_BYTES("a-1"), MINUTE - 1, &text), SC_TLS_END_CLEAN);
    assert_int_equal(text.length, 0);
    assert_int_equal(sc_past_find(&past, SC_BYTES("a-2"), MINUTE - 1, &text), SC_TLS_END_ERROR);
    assert_true(sc_bytes_equal(text, SC_BYTES("why")));
    assert_int_equal(sc_past_find(&past, SC_BYTES("a-"), 0, &text), -1);
    assert_int_equal(sc_past_find(&past, SC_BYTES("a-11"), 0, &text), -1);
    assert_int_equal(sc_past_find(&past, SC_BYTES(""), 0, &text), -1);
    assert_int_equal(sc_past_until(&past), MINUTE + 1000);
    assert_int_equal(sc_past_find(&past, SC_BYTES("a-1"), MINUTE, &text), -1);
    assert_int_equal(sc_past_find(&past, SC_BYTES("a-2"), MINUTE, &text), SC_TLS_END_ERROR);
    sc_past_fini(&past);
}

static void their_number_is_bounded(void **state)
{
    struct sc_past past;
    struct sc_bytes text;
    char id[32];

    (void)state;
    sc_past_init(&past);
    for (int i = 0; i < 10000; i++) {
        snprintf(id, sizeof(id), "x-%d", i);
        sc_past_add(&past, id, SC_TLS_END_CLEAN, "", 0);
    }
    assert_true(past.count <= 4096);
    assert_int_equal(sc_past_find(&past, SC_BYTES("x-9999"), 1, &text), SC_TLS_END_CLEAN);
    assert_int_equal(sc_past_find(&past, SC_BYTES("x-0"), 1, &text), -1);
    sc_past_fini(&past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_is_remembered_for_a_minute),
        cmocka_unit_test(their_number_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
