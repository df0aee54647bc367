/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each setting of a handle: its default, its range, which kind of handle has it, and what the
 * environment says.
 */
#include "support/check.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/handle.h"
#include "scache.h"

static const struct {
    enum scache_option option;
    long value; /* by default */
    long least;
    long most;
    bool is_of_server;
    bool is_of_local;
} options[] = {
    {SCACHE_OPT_DEADLINE_MS, 250, 1, INT_MAX, true, true},
    {SCACHE_OPT_BACKOFF_MIN_MS, 100, 1, INT_MAX, true, false},
    {SCACHE_OPT_BACKOFF_MAX_MS, 10000, 1, INT_MAX, true, false},
    {SCACHE_OPT_GREETING, 1, 0, 1, true, false},
    {SCACHE_OPT_CLASSIC, 0, 0, 1, true, false},
    {SCACHE_OPT_HINTS, 1, 0, 1, true, false},
    {SCACHE_OPT_MAX_CONNECTIONS, 256, 1, INT_MAX, false, true},
};

static long value_of(const struct scache *cache, enum scache_option option)
{
    long value = -1;

    assert_int_equal(scache_get_option(cache, option, &value), 0);
    return value;
}

static void check_range(struct scache *cache, size_t i)
{
    enum scache_option option = options[i].option;

    assert_int_equal(value_of(cache, option), options[i].value);
    assert_int_equal(scache_set_option(cache, option, options[i].least - 1), -EINVAL);
    assert_int_equal(scache_set_option(cache, option, options[i].most + 1), -EINVAL);
    assert_int_equal(scache_set_option(cache, option, LONG_MIN), -EINVAL);
    assert_int_equal(value_of(cache, option), options[i].value);
    assert_int_equal(scache_set_option(cache, option, options[i].least), 0);
    assert_int_equal(value_of(cache, option), options[i].least);
    assert_int_equal(scache_set_option(cache, option, options[i].most), 0);
    assert_int_equal(value_of(cache, option), options[i].most);
}

static void check_all(struct scache *cache, bool is_local)
{
    long value;

    assert_non_null(cache);
    for (size_t i = 0; i < SC_COUNT_OF(options); i++) {
        if (is_local ? options[i].is_of_local : options[i].is_of_server) {
            check_range(cache, i);
            continue;
        }
        assert_int_equal(scache_set_option(cache, options[i].option, 1), -EINVAL);
        assert_int_equal(scache_get_option(cache, options[i].option, &value), -EINVAL);
    }
    scache_close(cache);
}

static void each_setting_has_its_range(void **state)
{
    (void)state;
    check_all(scache_open("/nowhere"), false);
    check_all(scache_open_local(), true);
}

static void what_is_no_setting_is_refused(void **state)
{
    struct scache *cache = scache_open("/nowhere");
    long value;

    (void)state;
    assert_int_equal(scache_set_option(cache, (enum scache_option)0, 1), -EINVAL);
    assert_int_equal(scache_set_option(cache, (enum scache_option)1000, 1), -EINVAL);
    assert_int_equal(scache_set_option(NULL, SCACHE_OPT_DEADLINE_MS, 1), -EINVAL);
    assert_int_equal(scache_get_option(cache, SCACHE_OPT_DEADLINE_MS, NULL), -EINVAL);
    assert_int_equal(scache_get_option(NULL, SCACHE_OPT_DEADLINE_MS, &value), -EINVAL);
    scache_close(cache);
}

static long deadline_said(const char *text)
{
    setenv("SCACHE_DEADLINE", text, 1);
    struct scache *cache = scache_open("/nowhere");
    unsetenv("SCACHE_DEADLINE");
    assert_non_null(cache);
    long value = value_of(cache, SCACHE_OPT_DEADLINE_MS);
    scache_close(cache);
    return value;
}

static void the_environment_has_its_say(void **state)
{
    (void)state;
    assert_int_equal(deadline_said("40"), 40);
    assert_int_equal(deadline_said("2147483647"), INT_MAX);
    assert_int_equal(deadline_said("0"), 250);
    assert_int_equal(deadline_said("-1"), 250);
    assert_int_equal(deadline_said("40ms"), 250);
    assert_int_equal(deadline_said(" 40"), 250);
    assert_int_equal(deadline_said(""), 250);
    assert_int_equal(deadline_said("2147483648"), 250);
    assert_int_equal(deadline_said("99999999999999999999"), 250);
}

static void the_library_has_the_headers_version(void **state)
{
    (void)state;
    assert_string_equal(scache_version(), SC_VERSION);
    assert_string_equal(SCACHE_VERSION, SC_VERSION);
    assert_int_equal(scache_version_number(), SCACHE_VERSION_NUMBER);
    char text[32];
    snprintf(text, sizeof(text), "%d.%d.%d", SCACHE_VERSION_MAJOR, SCACHE_VERSION_MINOR,
             SCACHE_VERSION_PATCH);
    assert_string_equal(text, SCACHE_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_setting_has_its_range),
        cmocka_unit_test(what_is_no_setting_is_refused),
        cmocka_unit_test(the_environment_has_its_say),
        cmocka_unit_test(the_library_has_the_headers_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
