/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration that takes every path which allocates is loaded again and again, and each time
 * another allocation fails. Every such load ends with -ENOMEM and leaves nothing behind. What the C
 * library allocates inside tsearch(3) cannot be made to fail here.
 */
#include "support/check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "support/allocation.h"

enum { LOADS_MOST = 1000 };

static const char text[] = "one = 1\nconnection_cache_nothing = 1\ntwo = $one\ntwo = 2\nlong = "
                           "0123456789012345678901234567890123456789\n"
                           "longer = $long$long$long$long$long$long$long$long\n"
                           "syslog_name = ${{$longer} == {$two} ? {x} : {$longer$two}}\n"
                           "myhostname = a.$mydomain\nmax_idle = ${one?{$two}}m\n";

static void make_file(const char *directory, const char *name)
{
    char path[64];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void remove_file(const char *directory, const char *name)
{
    char path[64];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    assert_int_equal(unlink(path), 0);
}

static void assert_failed_cleanly(int error, const struct sc_params *params,
                                  const struct sc_diag *diag, size_t blocks)
{
    static const struct sc_params empty;

    assert_int_equal(error, -ENOMEM);
    assert_string_equal(diag->fatal, "out of memory while reading the configuration");
    assert_memory_equal(params, &empty, sizeof(empty));
    assert_int_equal(allocation_live_blocks(), blocks);
}

/* Loads until no allocation fails; returns how many did. */
static size_t load_with_failures(const struct sc_config_source *source, bool and_later)
{
    size_t blocks = allocation_live_blocks();

    for (size_t n = 1; n < LOADS_MOST; n++) {
        struct sc_diag diag = {0};
        struct sc_params params;
        allocation_fail_at(n, and_later);
        int error = sc_config_load(&params, source, &diag);
        bool has_failed = allocation_has_failed();
        allocation_fail_at(0, false);
        if (has_failed) {
            assert_failed_cleanly(error, &params, &diag, blocks);
            continue;
        }
        assert_int_equal(error, 0);
        sc_params_fini(&params);
        assert_int_equal(allocation_live_blocks(), blocks);
        return n - 1;
    }
    fail_msg("allocations fail for ever");
    return 0;
}

static void each_allocation_may_fail(void **state)
{
    const char *overrides[] = {"three=3", "one = 4"};
    char directory[] = "/tmp/sc-test-oom-XXXXXX";
    struct sc_config_source source = {
        .mode = SC_MODE_MASTER,
        .directory = directory,
        .overrides = overrides,
        .override_count = SC_COUNT_OF(overrides),
        .max_idle = "$one",
        .process_name = "program",
    };

    (void)state;
    assert_non_null(mkdtemp(directory));
    make_file(directory, "main.cf");
    make_file(directory, "scache.cf");
    size_t failures = load_with_failures(&source, false);
    assert_true(failures > SC_PARAM_COUNT);
    assert_int_equal(load_with_failures(&source, true), failures);
    remove_file(directory, "scache.cf");
    size_t fewer = load_with_failures(&source, false);
    assert_true(fewer < failures);
    assert_int_equal(load_with_failures(&source, true), fewer);
    remove_file(directory, "main.cf");
    rmdir(directory);
    source.mode = SC_MODE_STANDALONE;
    source.socket = "/s";
    assert_true(load_with_failures(&source, false) > 0);
}

/* The path that is made of a directory is an allocation too. */
static void also_for_the_path(void **state)
{
    struct sc_config_source source = {.mode = SC_MODE_MASTER, .directory = "/nowhere"};
    struct sc_diag diag = {0};
    struct sc_params params;
    size_t blocks = allocation_live_blocks();

    (void)state;
    allocation_fail_at(1, false);
    int error = sc_config_load(&params, &source, &diag);
    allocation_fail_at(0, false);
    assert_failed_cleanly(error, &params, &diag, blocks);
    assert_int_equal(sc_config_load(&params, &source, &diag), -ENOENT);
    assert_int_equal(allocation_live_blocks(), blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(also_for_the_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
