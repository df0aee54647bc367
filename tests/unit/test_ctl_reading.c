/* SPDX-License-Identifier: BSD-2-Clause */
/* Readings of counters: what is found in them, and what is made of them for people and programs. */

#include "support/check.h"

#include <json-c/json.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/object.h"
#include "ctl/paint.h"
#include "ctl/prometheus.h"
#include "ctl/reading.h"
#include "ctl/summary.h"
#include "support/recorded.h"

#define FAMILY(kind, family, labels, help, value)                                                  \
    "record=" kind " family=" family " labels=\"" labels "\" help=\"" help "\" value=" value

static const char *const lines[] = {
    FAMILY("counter", "acquisitions", "result=\\\"reused\\\"", "Visits.", "90"),
    FAMILY("counter", "acquisitions", "result=\\\"missed\\\"", "", "10"),
    FAMILY("counter", "lookups", "by=\\\"domain\\\",result=\\\"hit\\\"", "Look-\\\\ups\\nby.",
           "80"),
    FAMILY("counter", "lookups", "by=\\\"domain\\\",result=\\\"miss\\\"", "", "20"),
    FAMILY("counter", "lookups", "by=\\\"address\\\",result=\\\"hit\\\"", "", "10"),
    FAMILY("counter", "lookups", "by=\\\"address\\\",result=\\\"miss\\\"", "", "0"),
    FAMILY("counter", "lookup_misses", "by=\\\"domain\\\",reason=\\\"expired\\\"", "Why.", "15"),
    FAMILY("counter", "lookup_misses", "by=\\\"domain\\\",reason=\\\"unknown\\\"", "", "5"),
    FAMILY("counter", "connections_ended", "cause=\\\"reused\\\"", "Ends.", "9007199254740993"),
    FAMILY("gauge", "connections", "", "Now.", "312"),
    FAMILY("gauge", "ttl_limit_seconds", "", "Limit.", "60"),
    "record=histogram family=loop_turn_duration_seconds help=\"Turns.\" unit=1e-09 "
    "bounds=\"1000 2000 4000 \" counts=\"5 90 4 1 \" sum=123456",
    FAMILY("counter", "control_work_nanoseconds", "", "", "1500000000"),
    "record=weather family=sun value=1",
    NULL,
};

static void take(void *context, const struct sc_ctl_facts *facts)
{
    assert_int_equal(sc_ctl_reading_add(context, facts), 0);
}

static struct sc_ctl_reading read_all(const char *const *from)
{
    struct sc_ctl_reading reading;

    sc_ctl_reading_init(&reading);
    recorded_read_all(from, take, &reading);
    return reading;
}

static void test_values(void **state)
{
    struct sc_ctl_reading reading = read_all(lines);

    (void)state;
    assert_int_equal(reading.count, 13);
    assert_float_equal(sc_ctl_reading_value(&reading, "acquisitions", "result=\"reused\""), 90, 0);
    assert_float_equal(sc_ctl_reading_value(&reading, "acquisitions", ""), 0, 0);
    assert_float_equal(sc_ctl_reading_sum(&reading, "acquisitions", NULL), 100, 0);
    assert_float_equal(sc_ctl_reading_sum(&reading, "lookups", "by=\"domain\""), 100, 0);
    assert_float_equal(sc_ctl_reading_sum(&reading, "weather", NULL), 0, 0);
    sc_ctl_reading_fini(&reading);
}

static void test_quantiles(void **state)
{
    static const char *const later[] = {
        "record=histogram family=loop_turn_duration_seconds help=\"\" unit=1e-09 "
        "bounds=\"1000 2000 4000 \" counts=\"5 90 4 101 \" sum=1",
        NULL};
    static const char family[] = "loop_turn_duration_seconds";
    struct sc_ctl_reading reading = read_all(lines), now = read_all(later);

    (void)state;
    assert_float_equal(sc_ctl_reading_quantile(&reading, NULL, family, 0.05), 1e-6, 1e-12);
    assert_float_equal(sc_ctl_reading_quantile(&reading, NULL, family, 0.5), 2e-6, 1e-12);
    assert_float_equal(sc_ctl_reading_quantile(&reading, NULL, family, 0.99), 4e-6, 1e-12);
    /* All that has come since then was longer than the last bound. */
    assert_float_equal(sc_ctl_reading_quantile(&now, &reading, family, 0.01), 4e-6, 1e-12);
    assert_float_equal(sc_ctl_reading_quantile(&now, &now, family, 0.5), -1, 0);
    assert_float_equal(sc_ctl_reading_quantile(&now, NULL, "weather", 0.5), -1, 0);
    sc_ctl_reading_fini(&reading);
    sc_ctl_reading_fini(&now);
}

static void print_prometheus(void *context, FILE *out)
{
    struct sc_ctl_facts greeting;

    sc_ctl_facts_init(&greeting);
    recorded_read(&greeting, "program=\"scache 0.1.0\" mode=\"a\\\"}\"");
    sc_ctl_prometheus_print(&greeting, context, out);
    sc_ctl_facts_fini(&greeting);
}

static void test_prometheus(void **state)
{
    struct sc_ctl_reading reading = read_all(lines);
    char *text = recorded_print(print_prometheus, &reading);

    (void)state;
    assert_ptr_equal(strstr(text, "# HELP scache_up Whether the server answers.\n"
                                  "# TYPE scache_up gauge\nscache_up 1\n"),
                     text);
    assert_non_null(strstr(text, "\nscache_build_info{version=\"0.1.0\",mode=\"\"} 1\n"));
    assert_non_null(strstr(text, "\n# TYPE scache_control_work_seconds_total counter\n"
                                 "scache_control_work_seconds_total 1.5\n"));
    assert_non_null(strstr(text, "# HELP scache_acquisitions_total Visits.\n"
                                 "# TYPE scache_acquisitions_total counter\n"
                                 "scache_acquisitions_total{result=\"reused\"} 90\n"
                                 "scache_acquisitions_total{result=\"missed\"} 10\n"
                                 "# HELP scache_lookups_total Look-\\\\ups\\nby.\n"));
    assert_non_null(strstr(text, "# TYPE scache_connections gauge\nscache_connections 312\n"));
    assert_non_null(strstr(text, "# TYPE scache_loop_turn_duration_seconds histogram\n"
                                 "scache_loop_turn_duration_seconds_bucket{le=\"1e-06\"} 5\n"
                                 "scache_loop_turn_duration_seconds_bucket{le=\"2e-06\"} 95\n"
                                 "scache_loop_turn_duration_seconds_bucket{le=\"4e-06\"} 99\n"
                                 "scache_loop_turn_duration_seconds_bucket{le=\"+Inf\"} 100\n"
                                 "scache_loop_turn_duration_seconds_sum 0.000123456\n"
                                 "scache_loop_turn_duration_seconds_count 100\n"));
    assert_null(strstr(text, "weather"));
    free(text);
    sc_ctl_reading_fini(&reading);
}

static void print_summary(void *context, FILE *out)
{
    sc_ctl_summary_print(context, out);
}

static void print_line(void *context, FILE *out)
{
    sc_ctl_summary_print_line(context, out);
}

static char *unpainted(void (*print)(void *context, FILE *out), const void *context)
{
    char *text = recorded_print(print, (void *)(uintptr_t)context), *plain = NULL;
    size_t length;
    FILE *out = open_memstream(&plain, &length);

    sc_ctl_paint(out, text, false);
    fclose(out);
    free(text);
    return plain;
}

static void test_summary(void **state)
{
    static const char *const nothing[] = {NULL};
    struct sc_ctl_reading reading = read_all(lines), none = read_all(nothing);
    const struct sc_ctl_period all = {.now = &reading}, empty = {.now = &none};
    const struct sc_ctl_period since = {&reading, &reading, 5000}, first = {&reading, &none, 5000};
    char *text = unpainted(print_summary, &all);

    (void)state;
    assert_ptr_equal(strstr(text, "Visits        100, reused 90.0 %, missed 10.0 %\n"
                                  "Look-ups      by destination 100 (80.0 % found), by endpoint 10 "
                                  "(100.0 % found)\n"
                                  "Why not found expired 75.0 %, unknown 25.0 %\n"
                                  "Connections   312 cached"),
                     text);
    assert_non_null(strstr(text, "99 of 100 turns took at most 0.004 ms"));
    free(text);
    /* Of a server that has done nothing yet, or says nothing that is known. */
    text = unpainted(print_summary, &empty);
    assert_ptr_equal(strstr(text, "Visits        0, reused -, missed -\n"), text);
    free(text);
    text = unpainted(print_line, &since);
    assert_ptr_equal(
        strstr(text, "     0.0       -       0.0        0.0     0.0      312        0"), text);
    free(text);
    text = unpainted(print_line, &first);
    assert_ptr_equal(strstr(text, "    20.0  90.0 %"), text);
    free(text);
    sc_ctl_reading_fini(&reading);
    sc_ctl_reading_fini(&none);
}

static void print_object(void *context, FILE *file)
{
    struct sc_ctl_out out = {.file = file, .json = true};
    struct sc_ctl_facts facts;

    sc_ctl_facts_init(&facts);
    recorded_read(&facts, context);
    sc_ctl_object_print(&out, &facts);
    assert_int_equal(out.error, 0);
    sc_ctl_facts_fini(&facts);
}

static void check_object(const char *line, const char *expected)
{
    char *text = recorded_print(print_object, (void *)(uintptr_t)line);
    struct json_object *object = json_tokener_parse(text);

    assert_non_null(object);
    json_object_put(object);
    assert_string_equal(text, expected);
    free(text);
}

/* What is a number, and what only looks like one. */
static void test_objects(void **state)
{
    (void)state;
    check_object(lines[8], "{\"record\":\"counter\",\"family\":\"connections_ended\","
                           "\"labels\":{\"cause\":\"reused\"},\"help\":\"Ends.\","
                           "\"value\":9007199254740993}\n");
    check_object(lines[2], "{\"record\":\"counter\",\"family\":\"lookups\","
                           "\"labels\":{\"by\":\"domain\",\"result\":\"hit\"},"
                           "\"help\":\"Look-\\\\ups\\nby.\",\"value\":80}\n");
    check_object(lines[9], "{\"record\":\"gauge\",\"family\":\"connections\",\"labels\":{},"
                           "\"help\":\"Now.\",\"value\":312}\n");
    check_object(lines[11], "{\"record\":\"histogram\",\"family\":\"loop_turn_duration_seconds\","
                            "\"help\":\"Turns.\",\"unit\":1e-09,\"bounds\":[1000,2000,4000],"
                            "\"counts\":[5,90,4,1],\"sum\":123456}\n");
    check_object("record=connection id=5 label=25 age_ms=7 socket=yes uses=many",
                 "{\"record\":\"connection\",\"id\":5,\"label\":\"25\",\"age_ms\":7,"
                 "\"socket\":true,\"uses\":\"many\"}\n");
    check_object("record=param name=x value=5 configured=7 seconds=9 adjustable=no",
                 "{\"record\":\"param\",\"name\":\"x\",\"value\":\"5\",\"configured\":\"7\","
                 "\"seconds\":9,\"adjustable\":false}\n");
    check_object("record=x labels=\"no labels\" value=\"+1\" id=\"0x10\" user=\".5\"",
                 "{\"record\":\"x\",\"labels\":\"no labels\",\"value\":\"+1\",\"id\":\"0x10\","
                 "\"user\":\".5\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),     cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_prometheus), cmocka_unit_test(test_summary),
        cmocka_unit_test(test_objects),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
