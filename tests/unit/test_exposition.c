/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of a server, joined to one text: its lines, their order, and what is refused. */

#include "support/check.h"

#include <errno.h>
#include <stdlib.h>

#include "exporter/exposition.h"
#include "exporter/sample.h"

static void assert_text(struct sc_exposition *exposition, const char *expected)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    assert_int_equal(sc_exposition_write(exposition, out), 0);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    free(text);
}

/* Not to be copied: the list's end points into its head. */
static void make(struct sc_exposition *exposition, const char *base)
{
    assert_int_equal(sc_exposition_init(exposition, base), 0);
}

static int add(struct sc_exposition *exposition, const char *record, const char *family,
               const char *labels, const char *value)
{
    struct sc_sample sample = {
        .record = record, .family = family, .labels = labels, .help = "Help.", .value = value};

    return sc_sample_add(&sample, exposition);
}

static void test_a_family_stands_together(void **state)
{
    struct sc_exposition exposition;

    (void)state;
    make(&exposition, "");
    assert_int_equal(add(&exposition, "counter", "a", "x=\"1\"", "1"), 0);
    assert_int_equal(add(&exposition, "gauge", "b", "", "18446744073709551615"), 0);
    assert_int_equal(add(&exposition, "counter", "a", "x=\"2\"", "2"), 0);
    assert_text(&exposition, "# HELP scache_a_total Help.\n# TYPE scache_a_total counter\n"
                             "scache_a_total{x=\"1\"} 1\nscache_a_total{x=\"2\"} 2\n"
                             "# HELP scache_b Help.\n# TYPE scache_b gauge\n"
                             "scache_b 18446744073709551615\n");
    sc_exposition_fini(&exposition);
}

static void test_parts_of_seconds_are_told_in_seconds(void **state)
{
    struct sc_exposition exposition;

    (void)state;
    make(&exposition, "");
    assert_int_equal(add(&exposition, "counter", "a_milliseconds", "", "1005"), 0);
    assert_int_equal(add(&exposition, "counter", "b_nanoseconds", "", "18446744073709551615"), 0);
    assert_int_equal(add(&exposition, "gauge", "c_microseconds", "", "7"), 0);
    assert_int_equal(add(&exposition, "gauge", "_milliseconds", "", "7"), 0);
    assert_text(&exposition, "# HELP scache_a_seconds_total Help.\n"
                             "# TYPE scache_a_seconds_total counter\n"
                             "scache_a_seconds_total 1.005000000\n"
                             "# HELP scache_b_seconds_total Help.\n"
                             "# TYPE scache_b_seconds_total counter\n"
                             "scache_b_seconds_total 18446744073.709551615\n"
                             "# HELP scache_c_seconds Help.\n# TYPE scache_c_seconds gauge\n"
                             "scache_c_seconds 0.000007000\n"
                             "# HELP scache__milliseconds Help.\n"
                             "# TYPE scache__milliseconds gauge\nscache__milliseconds 7\n");
    sc_exposition_fini(&exposition);
}

static struct sc_sample histogram(void)
{
    return (struct sc_sample){.record = "histogram",
                              .family = "h_seconds",
                              .help = "A \\ and\na line.",
                              .unit = "1e-09",
                              .bounds = "5000 2500000 1000000000 ",
                              .counts = "3 0 4 1 ",
                              .sum = "4000000000"};
}

static void test_buckets_are_cumulative(void **state)
{
    struct sc_exposition exposition;
    struct sc_sample sample = histogram();

    (void)state;
    make(&exposition, "cache=\"c\"");
    assert_int_equal(sc_sample_add(&sample, &exposition), 0);
    assert_text(&exposition, "# HELP scache_h_seconds A \\\\ and\\na line.\n"
                             "# TYPE scache_h_seconds histogram\n"
                             "scache_h_seconds_bucket{cache=\"c\",le=\"5e-06\"} 3\n"
                             "scache_h_seconds_bucket{cache=\"c\",le=\"0.0025\"} 3\n"
                             "scache_h_seconds_bucket{cache=\"c\",le=\"1\"} 7\n"
                             "scache_h_seconds_bucket{cache=\"c\",le=\"+Inf\"} 8\n"
                             "scache_h_seconds_sum{cache=\"c\"} 4\n"
                             "scache_h_seconds_count{cache=\"c\"} 8\n");
    sc_exposition_fini(&exposition);
}

static void test_servers_are_joined_by_family(void **state)
{
    struct sc_exposition all, one, two;

    (void)state;
    make(&all, "");
    make(&one, "cache=\"1\"");
    make(&two, "cache=\"2\"");
    assert_int_equal(add(&one, "gauge", "a", "", "1"), 0);
    assert_int_equal(add(&one, "gauge", "b", "", "2"), 0);
    assert_int_equal(add(&two, "gauge", "b", "x=\"y\"", "3"), 0);
    assert_int_equal(add(&two, "gauge", "a", "", "4"), 0);
    assert_int_equal(sc_exposition_merge(&all, &one), 0);
    assert_int_equal(sc_exposition_merge(&all, &two), 0);
    assert_text(&all, "# HELP scache_a Help.\n# TYPE scache_a gauge\n"
                      "scache_a{cache=\"1\"} 1\nscache_a{cache=\"2\"} 4\n"
                      "# HELP scache_b Help.\n# TYPE scache_b gauge\n"
                      "scache_b{cache=\"1\"} 2\nscache_b{cache=\"2\",x=\"y\"} 3\n");
    sc_exposition_fini(&all);
    sc_exposition_fini(&one);
    sc_exposition_fini(&two);
}

static void test_what_is_unsound_leaves_no_trace(void **state)
{
    struct sc_exposition exposition;
    struct sc_sample wrong[] = {histogram(), histogram(), histogram(), histogram(), histogram()};

    (void)state;
    make(&exposition, "");
    assert_int_equal(add(&exposition, "status", "a", "", "1"), -EINVAL);
    assert_int_equal(add(&exposition, NULL, "a", "", "1"), -EINVAL);
    assert_int_equal(add(&exposition, "gauge", NULL, "", "1"), -EINVAL);
    assert_int_equal(add(&exposition, "gauge", "a 1\nb", "", "1"), -EINVAL);
    assert_int_equal(add(&exposition, "gauge", "a", "x", "1"), -EINVAL);
    assert_int_equal(add(&exposition, "gauge", "a", "", ""), -EINVAL);
    assert_int_equal(add(&exposition, "gauge", "a", "", NULL), -EINVAL);
    assert_int_equal(add(&exposition, "gauge", "a", "", "-1"), -EINVAL);
    assert_int_equal(add(&exposition, "gauge", "a", "", "1 2"), -EINVAL);
    assert_int_equal(add(&exposition, "gauge", "a", "", "18446744073709551616"), -EINVAL);
    wrong[0].counts = "1 2 3 ";
    wrong[1].bounds = "1 1 2 ";
    wrong[2].unit = "0";
    wrong[3].sum = NULL;
    wrong[4].bounds = "1 x 2 ";
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(sc_sample_add(&wrong[i], &exposition), -EINVAL);
    assert_text(&exposition, "");
    sc_exposition_fini(&exposition);
}

static void test_a_family_is_of_one_kind(void **state)
{
    struct sc_exposition exposition, other;

    (void)state;
    make(&exposition, "");
    make(&other, "");
    assert_int_equal(add(&exposition, "gauge", "a_total", "", "1"), 0);
    assert_int_equal(add(&exposition, "counter", "a", "", "2"), -EINVAL);
    assert_int_equal(add(&other, "counter", "a", "", "2"), 0);
    assert_int_equal(sc_exposition_merge(&exposition, &other), -EINVAL);
    assert_text(&exposition,
                "# HELP scache_a_total Help.\n# TYPE scache_a_total gauge\nscache_a_total 1\n");
    sc_exposition_fini(&exposition);
    sc_exposition_fini(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_family_stands_together),
        cmocka_unit_test(test_parts_of_seconds_are_told_in_seconds),
        cmocka_unit_test(test_buckets_are_cumulative),
        cmocka_unit_test(test_servers_are_joined_by_family),
        cmocka_unit_test(test_what_is_unsound_leaves_no_trace),
        cmocka_unit_test(test_a_family_is_of_one_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
