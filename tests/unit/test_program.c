/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parameters that two programs have, each under a name of its own: what one
 * reads is not changed by what is said to the other.
 */
#include "support/check.h"

#include <string.h>

#include "base/util.h"
#include "config/config.h"
#include "host/access.h"

static void load(struct sc_params *params, enum sc_param_program program,
                 const char *const overrides[], size_t count)
{
    struct sc_config_source source = {
        .program = program,
        .mode = SC_MODE_STANDALONE,
        .overrides = overrides,
        .override_count = count,
    };
    struct sc_diag diag = {0};

    assert_int_equal(sc_config_load(params, &source, &diag), 0);
}

static void test_each_reads_its_own(void **state)
{
    static const char *const overrides[] = {
        "connection_cache_sandbox=kill",
        "connection_cache_tls_sandbox=log",
        "connection_cache_authorized_users=1",
        "connection_cache_tls_authorized_users=2",
        "connection_cache_user=3",
    };
    struct sc_params cache, tls;

    (void)state;
    load(&cache, SC_PROGRAM_SCACHE, overrides, SC_COUNT_OF(overrides));
    load(&tls, SC_PROGRAM_TLS, overrides, SC_COUNT_OF(overrides));
    assert_int_equal(cache.host.sandbox, SC_SANDBOX_KILL);
    assert_int_equal(tls.host.sandbox, SC_SANDBOX_LOG);
    assert_string_equal(cache.access.authorized_users, "1");
    assert_string_equal(tls.access.authorized_users, "2");
    assert_string_equal(cache.host.user, "3");
    assert_string_equal(tls.host.user, "3");
    assert_true(tls.host.daemon_timeout > 0);
    sc_params_fini(&cache);
    sc_params_fini(&tls);
}

static void count(void *context, const struct sc_param *param)
{
    (void)param;
    ++*(int *)context;
}

/* A field that two parameters share is one difference, and is kept as it was. */
static void check_change(enum sc_param_program program, const char *one, const char *other)
{
    struct sc_params old, fresh;
    int differences = 0;

    load(&old, program, &one, 1);
    load(&fresh, program, &other, 1);
    sc_params_diff(&old, &fresh, count, &differences);
    assert_int_equal(differences, 1);
    sc_params_keep_fixed(&fresh, &old);
    assert_int_equal(fresh.host.sandbox, SC_SANDBOX_LOG);
    sc_params_fini(&old);
    sc_params_fini(&fresh);
}

static void test_changes(void **state)
{
    (void)state;
    check_change(SC_PROGRAM_SCACHE, "connection_cache_sandbox=log",
                 "connection_cache_sandbox=kill");
    check_change(SC_PROGRAM_TLS, "connection_cache_tls_sandbox=log",
                 "connection_cache_tls_sandbox=kill");
}

static void test_access_names_the_parameter(void **state)
{
    static const char *const overrides[] = {"connection_cache_tls_authorized_users=nosuchuser"};
    struct sc_params params;
    struct sc_access access;
    char text[SC_ACCESS_TEXT_MAX];

    (void)state;
    load(&params, SC_PROGRAM_TLS, overrides, 1);
    assert_true(sc_access_init(&access, &params, text) < 0);
    assert_string_equal(text, "option -o: connection_cache_tls_authorized_users = nosuchuser: no "
                              "such user: nosuchuser");
    sc_params_fini(&params);
    load(&params, SC_PROGRAM_TLS, NULL, 0);
    assert_int_equal(sc_access_init(&access, &params, text), 0);
    assert_string_equal(access.parameter, "connection_cache_tls_authorized_users");
    sc_access_fini(&access);
    sc_params_fini(&params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_reads_its_own),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_access_names_the_parameter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
