/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The counter table, histograms, and the statistics lines of the log.
 */
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/interval.h"
#include "stats/stats.h"

struct lines {
    char text[1024];
    size_t length;
};

static void print_line(void *context, const char *line)
{
    struct lines *lines = context;

    lines->length += (size_t)snprintf(lines->text + lines->length,
                                      sizeof(lines->text) - lines->length, "%s\n", line);
}

static const char *report(const struct sc_interval *interval, const struct sc_stats *stats)
{
    static struct lines lines;

    lines = (struct lines){.length = 0};
    sc_interval_report(interval, stats, print_line, &lines);
    return lines.text;
}

static const uint64_t none[SC_PEAKS];

static int setup(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    return 0;
}

static void nothing_to_say_is_not_said(void **state)
{
    struct sc_stats stats = {0};
    struct sc_interval interval;

    (void)state;
    sc_interval_start(&interval, &stats, 0, none);
    assert_string_equal(report(&interval, &stats), "");
}

static void lines_are_as_analysers_expect_them(void **state)
{
    struct sc_stats stats = {0};
    struct sc_interval interval;

    (void)state;
    sc_interval_start(&interval, &stats, 1764000000, none);
    sc_stats_add(&stats, SC_DOMAIN_HITS, 903);
    sc_stats_add(&stats, SC_DOMAIN_MISSES, 97);
    sc_stats_add(&stats, SC_ADDRESS_HITS, 77);
    sc_stats_add(&stats, SC_ADDRESS_MISSES, 20);
    sc_interval_note(&interval, SC_PEAK_DOMAINS, 1);
    sc_interval_note(&interval, SC_PEAK_ADDRESSES, 1);
    sc_interval_note(&interval, SC_PEAK_CONNECTIONS, 20);
    sc_interval_note(&interval, SC_PEAK_CONNECTIONS, 3);
    assert_string_equal(report(&interval, &stats),
                        "statistics: start interval Nov 24 16:00:00\n"
                        "statistics: domain lookup hits=903 miss=97 success=90%\n"
                        "statistics: address lookup hits=77 miss=20 success=79%\n"
                        "statistics: max simultaneous domains=1 addresses=1 connection=20\n");
}

/* Counters go on; an interval is a difference, and begins with what is there. */
static void an_interval_forgets_the_one_before(void **state)
{
    static const uint64_t sizes[SC_PEAKS] = {0, 0, 4};
    struct sc_stats stats = {0};
    struct sc_interval interval;

    (void)state;
    sc_stats_add(&stats, SC_ADDRESS_MISSES, 1000);
    sc_interval_start(&interval, &stats, 0, none);
    assert_string_equal(report(&interval, &stats), "");
    sc_stats_count(&stats, SC_ADDRESS_MISSES);
    assert_string_equal(report(&interval, &stats),
                        "statistics: start interval Jan  1 00:00:00\n"
                        "statistics: address lookup hits=0 miss=1 success=0%\n");
    sc_interval_start(&interval, &stats, 0, sizes);
    assert_string_equal(report(&interval, &stats),
                        "statistics: start interval Jan  1 00:00:00\n"
                        "statistics: max simultaneous domains=0 addresses=0 connection=4\n");
}

static void a_percentage_of_very_many_is_right(void **state)
{
    struct sc_stats stats = {0};
    struct sc_interval interval;

    (void)state;
    sc_interval_start(&interval, &stats, 0, none);
    sc_stats_add(&stats, SC_DOMAIN_HITS, UINT64_MAX - 1);
    sc_stats_add(&stats, SC_DOMAIN_MISSES, 1);
    assert_non_null(strstr(report(&interval, &stats), "success=99%"));
}

/* Each counter has a name of its own; counters of one family stand together under one help. */
static void the_table_is_in_order(void **state)
{
    (void)state;
    for (int i = 0; i < SC_COUNTERS; i++) {
        const struct sc_counter_about *about = sc_stats_about((enum sc_counter)i);
        const struct sc_counter_about *before =
            i > 0 ? sc_stats_about((enum sc_counter)(i - 1)) : NULL;
        bool begins = !before || strcmp(before->family, about->family) != 0;
        assert_true(strlen(about->family) > 0);
        assert_int_equal(strspn(about->family, "abcdefghijklmnopqrstuvwxyz_"),
                         strlen(about->family));
        if (begins)
            assert_true(strlen(about->help) > 0 && about->help[strlen(about->help) - 1] == '.');
        for (int j = 0; j < i; j++) {
            const struct sc_counter_about *other = sc_stats_about((enum sc_counter)j);
            bool same = strcmp(other->family, about->family) == 0;
            assert_false(same && strcmp(other->labels, about->labels) == 0);
            assert_false(same && begins);
        }
    }
}

static void values_fall_below_their_bound(void **state)
{
    struct sc_stats stats = {0};
    const struct sc_histogram *uses = &stats.histograms[SC_HISTOGRAM_USES];

    (void)state;
    for (int kind = 0; kind < SC_HISTOGRAMS; kind++) {
        const struct sc_histogram_about *about =
            sc_stats_about_histogram((enum sc_histogram_kind)kind);
        for (int i = 1; i < SC_HISTOGRAM_BOUNDS; i++)
            assert_true(about->bounds[i] > about->bounds[i - 1]);
        assert_true(about->unit > 0 && strlen(about->help) > 0);
    }
    sc_stats_observe(&stats, SC_HISTOGRAM_USES, 0);
    sc_stats_observe(&stats, SC_HISTOGRAM_USES, 1);
    sc_stats_observe(&stats, SC_HISTOGRAM_USES, 6);
    sc_stats_observe(&stats, SC_HISTOGRAM_USES, 1000000);
    assert_int_equal(uses->counts[0], 1);
    assert_int_equal(uses->counts[1], 1);
    assert_int_equal(uses->counts[6], 1);
    assert_int_equal(uses->counts[SC_HISTOGRAM_BOUNDS], 1);
    assert_int_equal(uses->sum, 1000007);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_say_is_not_said),
        cmocka_unit_test(lines_are_as_analysers_expect_them),
        cmocka_unit_test(an_interval_forgets_the_one_before),
        cmocka_unit_test(a_percentage_of_very_many_is_right),
        cmocka_unit_test(the_table_is_in_order),
        cmocka_unit_test(values_fall_below_their_bound),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
