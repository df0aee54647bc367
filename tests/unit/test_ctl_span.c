/* SPDX-License-Identifier: BSD-2-Clause */
/* Times and amounts, short. */

#include "support/check.h"

#include <string.h>

#include "ctl/span.h"

static void test_times(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } times[] = {
        {-1, "-"},
        {0, "0ms"},
        {350, "350ms"},
        {999, "999ms"},
        {1000, "1.0s"},
        {59999, "59.9s"},
        {60000, "1m00s"},
        {185000, "3m05s"},
        {3599000, "59m59s"},
        {3600000, "1h00m"},
        {7800000, "2h10m"},
        {86400000, "1d00h"},
        {442800000, "5d03h"},
        {INT64_MAX, "106751991167d07h"},
    };
    char text[SC_CTL_SPAN_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        assert_string_equal(sc_ctl_span_time(text, times[i].ms), times[i].text);
}

static void test_counts(void **state)
{
    static const struct {
        double number;
        const char *text;
    } counts[] = {
        {0, "0"},         {9999, "9999"},    {10000, "10.0k"},  {12345, "12.3k"},
        {99949, "99.9k"}, {999499, "999k"},  {999500, "1.00M"}, {4560000, "4.56M"},
        {7.8e9, "7.80G"}, {9.99e11, "999G"}, {1e14, "100000G"},
    };
    char text[SC_CTL_SPAN_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        assert_string_equal(sc_ctl_span_count(text, counts[i].number), counts[i].text);
}

static void test_whole(void **state)
{
    char text[SC_CTL_SPAN_SIZE];

    (void)state;
    assert_string_equal(sc_ctl_span_whole(text, 0), "0");
    assert_string_equal(sc_ctl_span_whole(text, 999), "999");
    assert_string_equal(sc_ctl_span_whole(text, 1000), "1,000");
    assert_string_equal(sc_ctl_span_whole(text, 12345678), "12,345,678");
    assert_string_equal(sc_ctl_span_whole(text, 999999999999999), "999,999,999,999,999");
    assert_string_equal(sc_ctl_span_whole(text, UINT64_MAX), "18446744073709551615");
}

static void test_bytes_and_shares(void **state)
{
    char text[SC_CTL_SPAN_SIZE];

    (void)state;
    assert_string_equal(sc_ctl_span_bytes(text, 0), "0 B");
    assert_string_equal(sc_ctl_span_bytes(text, 1023), "1023 B");
    assert_string_equal(sc_ctl_span_bytes(text, 1024), "1.00 kB");
    assert_string_equal(sc_ctl_span_bytes(text, 134217728), "128 MB");
    assert_string_equal(sc_ctl_span_bytes(text, 1e18), "909495 TB");
    assert_string_equal(sc_ctl_span_share(text, 1, 3), "33.3 %");
    assert_string_equal(sc_ctl_span_share(text, 5, 5), "100.0 %");
    assert_string_equal(sc_ctl_span_share(text, 0, 0), "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_bytes_and_shares),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
