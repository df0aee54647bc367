/* SPDX-License-Identifier: BSD-2-Clause */
/* Advice from records that were written down: the right finding in each case, and what it says. */

#include "support/check.h"

#include <json-c/json.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/advice.h"
#include "ctl/advice_page.h"
#include "ctl/advice_text.h"
#include "ctl/paint.h"
#include "support/recorded.h"

#define CURVE                                                                                      \
    "record=curve ttl=0.5 reused=0.10 held=1 known=yes",                                           \
        "record=curve ttl=2 reused=0.40 held=3.5 known=yes",                                       \
        "record=curve ttl=5 reused=0.70 held=8 known=no",                                          \
        "record=curve ttl=10 reused=0.78 held=15 known=no",                                        \
        "record=curve ttl=60 reused=0.80 held=80 known=no"

/* Most of what is missed had been kept, for less than it would have taken. */
static const char *const asked_short[] = {
    "record=advice mode=master since_seconds=86400 acquisitions=10000 reused=4000 saves=6000 "
    "clamped=0 ttl_limit_seconds=2",
    "record=reason reason=expired count=4500",
    "record=reason reason=unknown count=600",
    "record=reason reason=dead count=900",
    CURVE,
    NULL};

/* The same, but more was asked for than was granted. */
static const char *const clamped[] = {
    "record=advice mode=master since_seconds=86400 acquisitions=10000 reused=4000 saves=6000 "
    "clamped=5000 ttl_limit_seconds=2",
    "record=reason reason=expired count=4500", "record=reason reason=unknown count=1500", CURVE,
    NULL};

static const char *const standalone[] = {
    "record=advice mode=standalone since_seconds=60 acquisitions=10000 reused=4000 saves=6000 "
    "clamped=0 ttl_limit_seconds=60",
    "record=reason reason=expired count=6000", CURVE, NULL};

/* Only two of them are visited again soon enough. */
static const char *const some_places[] = {
    "record=advice mode=master since_seconds=43200 acquisitions=10000 reused=4000 saves=6000 "
    "clamped=0 ttl_limit_seconds=2",
    "record=reason reason=expired count=4500",
    "record=reason reason=unknown count=1500",
    CURVE,
    "record=place kind=destination label=\"smtp\\nexample.com\\n\" acquisitions=600 reused=100 "
    "dead=0 gain=0.5",
    "record=place kind=destination label=\"smtp\\n[mx.example.org]:25\\n\" acquisitions=700 "
    "reused=100 dead=0 gain=0.6",
    "record=place kind=destination label=\"smtp\\nlarge.example\\n\" acquisitions=8000 "
    "reused=3800 dead=0 gain=0.01",
    NULL};

static const char *const never_saved[] = {
    "record=advice mode=master since_seconds=3600 acquisitions=1000 reused=0 saves=0 clamped=0 "
    "ttl_limit_seconds=2",
    "record=reason reason=unknown count=1000", NULL};

static const char *const in_use[] = {
    "record=advice mode=standalone since_seconds=3600 acquisitions=1000 reused=600 saves=600 "
    "clamped=0 ttl_limit_seconds=60",
    "record=reason reason=in_use count=300", "record=reason reason=unknown count=100", NULL};

static const char *const dead[] = {
    "record=advice mode=standalone since_seconds=3600 acquisitions=1000 reused=600 saves=900 "
    "clamped=0 ttl_limit_seconds=60",
    "record=reason reason=dead count=400",
    "record=place kind=destination label=\"service=x\\nhost=b\\n\" acquisitions=600 reused=300 "
    "dead=300 gain=0",
    "record=place kind=destination label=\"service=x\\nhost=a\\n\" acquisitions=400 reused=300 "
    "dead=75 gain=0",
    NULL};

static const char *const displaced[] = {
    "record=advice mode=standalone since_seconds=3600 acquisitions=1000 reused=500 saves=900 "
    "clamped=0 ttl_limit_seconds=60",
    "record=reason reason=evicted count=400",
    "record=reason reason=unknown count=100",
    "record=limit parameter=connection_cache_endpoint_session_limit lost=380 more=24",
    "record=limit parameter=connection_cache_session_limit lost=20 more=2",
    NULL};

static const char *const too_few[] = {
    "record=advice mode=master since_seconds=60 acquisitions=199 reused=0 saves=0 clamped=0 "
    "ttl_limit_seconds=2",
    "record=reason reason=expired count=199", CURVE, NULL};

static const char *const nothing[] = {
    "record=advice mode=master since_seconds=60 acquisitions=1000 reused=990 saves=1000 clamped=0 "
    "ttl_limit_seconds=60",
    "record=reason reason=unknown count=1", "record=reason reason=expired count=9", NULL};

static void take(void *context, const struct sc_ctl_facts *facts)
{
    assert_int_equal(sc_ctl_advice_add(context, facts), 0);
}

static struct sc_ctl_advice read_advice(const char *const *lines)
{
    struct sc_ctl_advice advice;

    sc_ctl_advice_init(&advice);
    recorded_read_all(lines, take, &advice);
    sc_ctl_advice_conclude(&advice);
    return advice;
}

/* What is proposed first, and perhaps next. */
static const struct {
    const char *const *lines;
    enum sc_ctl_finding finding;
    const char *parameter; /* null: none */
    const char *value;
    double gain;
    size_t count; /* of proposals */
} cases[] = {
    {asked_short, SC_CTL_FINDING_ASKED_SHORT, "connection_cache_ttl_limit", "10s", 0.38, 2},
    {clamped, SC_CTL_FINDING_CLAMPED, "connection_cache_ttl_limit", "10s", 0.38, 2},
    {standalone, SC_CTL_FINDING_ASKED_SHORT, "connection_cache_ttl_limit", "10s", 0.38, 1},
    {some_places, SC_CTL_FINDING_SOME_PLACES, "smtp_connection_cache_destinations",
     "[mx.example.org]:25, example.com", 0.072, 2},
    {never_saved, SC_CTL_FINDING_NEVER_SAVED, NULL, "", 0, 1},
    {in_use, SC_CTL_FINDING_IN_USE, NULL, "", 0, 2},
    {dead, SC_CTL_FINDING_DEAD, NULL, "host=b", 0, 1},
    {displaced, SC_CTL_FINDING_DISPLACED, "connection_cache_endpoint_session_limit", "+24", 0.38,
     2},
    {too_few, SC_CTL_FINDING_TOO_FEW, NULL, "", 0, 1},
    {nothing, SC_CTL_FINDING_NOTHING, NULL, "", 0, 1},
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static void test_findings(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct sc_ctl_advice advice = read_advice(cases[i].lines);
        const struct sc_ctl_proposal *first = &advice.proposals[0];
        assert_int_equal(advice.proposal_count, cases[i].count);
        assert_int_equal(first->finding, cases[i].finding);
        if (cases[i].parameter)
            assert_string_equal(first->parameter, cases[i].parameter);
        else
            assert_null(first->parameter);
        assert_string_equal(first->value, cases[i].value);
        assert_float_equal(first->gain, cases[i].gain, 0.0001);
        sc_ctl_advice_fini(&advice);
    }
}

/* Postfix's client has a time of its own, and the shorter of the two counts. */
static void test_both_times_under_postfix(void **state)
{
    struct sc_ctl_advice advice = read_advice(asked_short);

    (void)state;
    assert_string_equal(advice.proposals[1].parameter, "smtp_connection_cache_time_limit");
    assert_string_equal(advice.proposals[1].value, "10s");
    sc_ctl_advice_fini(&advice);
}

static void print_text(void *context, FILE *out)
{
    const struct sc_ctl_sheet sheet = {.width = 80, .is_utf8 = true};

    sc_ctl_advice_print(context, &sheet, out);
}

static void print_page(void *context, FILE *out)
{
    sc_ctl_advice_print_page(context, 0, out);
}

static void print_json(void *context, FILE *file)
{
    struct sc_ctl_out out = {.file = file, .json = true};

    sc_ctl_advice_print_json(context, &out);
    assert_int_equal(out.error, 0);
}

static char *shown(const char *const *lines, void (*print)(void *context, FILE *out))
{
    struct sc_ctl_advice advice = read_advice(lines);
    char *text = recorded_print(print, &advice);

    sc_ctl_advice_fini(&advice);
    return text;
}

static void test_text(void **state)
{
    char *text = shown(asked_short, print_text);

    (void)state;
    assert_non_null(strstr(text, "Of 10,000 visits in 1d00h, 40.0 % found a connection."));
    assert_non_null(strstr(text, "expired         4,500   75.0 %"));
    assert_non_null(strstr(text, "+38.0 % of visits, 3800 a day"));
    assert_non_null(strstr(text, "        connection_cache_ttl_limit = 10s\n"
                                 "        smtp_connection_cache_time_limit = 10s\n"));
    assert_non_null(strstr(text, "    scachectl set connection_cache_ttl_limit=10s --for 10m\n"));
    free(text);
}

/* No line is wider than the screen, and nothing is left of the marks when they are dropped. */
static void test_text_of_every_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        char *text = shown(cases[i].lines, print_text), *plain = NULL;
        size_t length;
        FILE *out = open_memstream(&plain, &length);
        sc_ctl_paint(out, text, false);
        fclose(out);
        for (char *line = strtok(plain, "\n"); line; line = strtok(NULL, "\n")) {
            wchar_t wide[200];
            size_t columns = mbstowcs(wide, line, 200);
            assert_in_range(columns, 0, 80);
            assert_null(strpbrk(line, "\001\002\003\004\005\006\007\033"));
        }
        free(text);
        free(plain);
    }
}

static struct json_object *member(struct json_object *object, const char *name)
{
    struct json_object *value;

    assert_true(json_object_object_get_ex(object, name, &value));
    return value;
}

static void test_json(void **state)
{
    char *text = shown(asked_short, print_json);
    struct json_object *object = json_tokener_parse(text);
    struct json_object *curve = member(object, "curve"), *proposals = member(object, "proposals");
    struct json_object *point = json_object_array_get_idx(curve, 2);
    struct json_object *first = json_object_array_get_idx(proposals, 0);

    (void)state;
    assert_string_equal(json_object_get_string(member(object, "record")), "advice");
    assert_int_equal(json_object_get_int(member(object, "since_seconds")), 86400);
    assert_int_equal(json_object_get_int(member(object, "acquisitions")), 10000);
    assert_int_equal(json_object_get_int(member(object, "reused")), 4000);
    assert_int_equal(json_object_get_int(member(member(object, "reasons"), "expired")), 4500);
    assert_int_equal(json_object_get_int(member(member(object, "reasons"), "in_use")), 0);
    assert_int_equal(json_object_array_length(curve), 5);
    assert_float_equal(json_object_get_double(member(point, "ttl")), 5, 0);
    assert_float_equal(json_object_get_double(member(point, "reused")), 0.7, 1e-9);
    assert_float_equal(json_object_get_double(member(point, "held")), 8, 0);
    assert_false(json_object_get_boolean(member(point, "known")));
    assert_string_equal(json_object_get_string(member(first, "parameter")),
                        "connection_cache_ttl_limit");
    assert_string_equal(json_object_get_string(member(first, "value")), "10s");
    assert_float_equal(json_object_get_double(member(first, "gain")), 0.38, 1e-6);
    assert_string_equal(json_object_get_string(member(first, "finding")), "asked short");
    json_object_put(object);
    free(text);
}

/* A stranger's label is shown, and does nothing else. */
static const char *const hostile[] = {
    "record=advice mode=master since_seconds=60 acquisitions=1000 reused=100 saves=100 clamped=0 "
    "ttl_limit_seconds=2",
    "record=reason reason=dead count=900",
    "record=place kind=destination "
    "label=\"x\\n</td><script>alert(1)</script>&\\\"\\xff\\x1b[2J\\n\" "
    "acquisitions=900 reused=100 dead=800 gain=0",
    NULL};

static void test_hostile_labels(void **state)
{
    char *page = shown(hostile, print_page), *text = shown(hostile, print_text);
    char *json = shown(hostile, print_json);
    struct json_object *object = json_tokener_parse(json);

    (void)state;
    assert_null(strstr(page, "<script"));
    assert_non_null(strstr(page, "&lt;script&gt;"));
    assert_null(strchr(page, 0x1b));
    assert_null(strchr(text, 0x1b));
    assert_null(strchr(text, '\xff'));
    assert_non_null(object);
    json_object_put(object);
    free(page);
    free(text);
    free(json);
}

/* Each element that is opened is closed again, and nothing is loaded. */
static void test_page(void **state)
{
    static const char *const elements[] = {"html", "head", "body", "table", "tr",  "td",
                                           "ol",   "li",   "svg",  "style", "pre", "h2"};

    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        char *page = shown(cases[i].lines, print_page);
        for (size_t j = 0; j < sizeof(elements) / sizeof(elements[0]); j++) {
            char open[16], close[16];
            int opened = 0, closed = 0;
            int length = snprintf(open, sizeof(open), "<%s", elements[j]);
            snprintf(close, sizeof(close), "</%s>", elements[j]);
            for (const char *at = page; (at = strstr(at, open)); at++)
                opened += at[length] == '>' || at[length] == ' ';
            for (const char *at = page; (at = strstr(at, close)); at++)
                closed++;
            if (opened != closed)
                fail_msg("%d <%s> and %d </%s>", opened, elements[j], closed, elements[j]);
        }
        assert_null(strstr(page, "http"));
        assert_null(strstr(page, "nan"));
        free(page);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_findings), cmocka_unit_test(test_both_times_under_postfix),
        cmocka_unit_test(test_text),     cmocka_unit_test(test_text_of_every_case),
        cmocka_unit_test(test_json),     cmocka_unit_test(test_hostile_labels),
        cmocka_unit_test(test_page),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
