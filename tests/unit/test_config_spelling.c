/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of parameters that look like ours and are none: whether that is said, and which known name
 * is taken for the nearest.
 */
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/spelling.h"

enum { HEARD_MAX = 16 * 1024 };

static char heard[HEARD_MAX];

static void hear(void *context, const char *text)
{
    size_t used = strlen(heard);

    (void)context;
    snprintf(heard + used, sizeof(heard) - used, "%s\n", text);
}

/* What is said of a set of names, each given as an override. */
static void check(enum sc_param_program program, const char *const *names, size_t count)
{
    struct sc_config_source source = {
        .program = program,
        .mode = SC_MODE_STANDALONE,
        .overrides = names,
        .override_count = count,
    };
    struct sc_diag diag = {.warn = hear};
    struct sc_dict dict;

    heard[0] = '\0';
    assert_int_equal(sc_dict_init(&dict, &source, &diag), 0);
    sc_spelling_check(&dict, &diag);
    sc_dict_fini(&dict);
}

static void assert_nearest(const char *name, const char *nearest)
{
    char option[200], expected[300];
    const char *options[] = {option};

    snprintf(option, sizeof(option), "%s=1", name);
    check(SC_PROGRAM_SCACHE, options, 1);
    snprintf(expected, sizeof(expected),
             "option -o: unknown parameter %s; the nearest known one is %s\n", name, nearest);
    assert_string_equal(heard, expected);
}

static void the_nearest_name_is_told(void **state)
{
    (void)state;
    assert_nearest("connection_cache_tll_limit", "connection_cache_ttl_limit");
    assert_nearest("connection_cache_tl_limit", "connection_cache_ttl_limit");
    assert_nearest("connection_cache_ttl_limits", "connection_cache_ttl_limit");
    assert_nearest("connection_cache_tlt_limit", "connection_cache_ttl_limit");
    assert_nearest("connection_cache_ttl_lmiit", "connection_cache_ttl_limit");
    assert_nearest("connection_cache_check_peers", "connection_cache_check_peer");
    assert_nearest("connection_cache_authorised_users", "connection_cache_authorized_users");
    assert_nearest("connection_cache_session_limti", "connection_cache_session_limit");
    assert_nearest("connection_cache_reuse_oder", "connection_cache_reuse_order");
    assert_nearest("connection_cache_greting", "connection_cache_greeting");
}

/* Whatever follows the prefix, some name is nearest. */
static void the_prefix_alone_is_enough(void **state)
{
    (void)state;
    assert_nearest("connection_cache_", "connection_cache_user");
    assert_nearest("connection_cache_most_bindings_of_one_destination",
                   "connection_cache_metrics_destinations");
}

static void two_slips_in_the_prefix_are_seen(void **state)
{
    (void)state;
    assert_nearest("conection_cache_ttl_limit", "connection_cache_ttl_limit");
    assert_nearest("connection_chache_ttl_limt", "connection_cache_ttl_limit");
    assert_nearest("connection-cache-ttl_limit", "connection_cache_ttl_limit");
    assert_nearest("Connection_Cache_ttl_limit", "connection_cache_ttl_limit");
    assert_nearest("connections_cache_greeting", "connection_cache_greeting");
}

static void other_names_are_others_affair(void **state)
{
    static const char *const names[] = {
        "connection_cache_service_name=x",
        "connection_cache_protocol_timeout=1",
        "connection_cache_ttl_limit=1",
        "connection_cache_status_update_time=1",
        "connection_cache_tls_idle_limit=1",
        "smtp_connection_cache_time_limit=1",
        "lmtp_connection_cache_on_demand=1",
        "smtp_connection_cache_destinations=1",
        "connection_cache=1",
        "connexion_cash_ttl_limit=1",
        "ttl_limit=1",
        "max_idl=1",
        "mail_ower=1",
        "x=1",
    };

    (void)state;
    check(SC_PROGRAM_SCACHE, names, SC_COUNT_OF(names));
    assert_string_equal(heard, "");
    check(SC_PROGRAM_TLS, names, SC_COUNT_OF(names));
    assert_string_equal(heard, "");
}

static void each_program_is_told_its_own_names(void **state)
{
    const char *option = "connection_cache_tls_sesion_limit=1";

    (void)state;
    check(SC_PROGRAM_SCACHE, &option, 1);
    assert_non_null(strstr(heard, "nearest known one is connection_cache_session_limit\n"));
    check(SC_PROGRAM_TLS, &option, 1);
    assert_non_null(strstr(heard, "nearest known one is connection_cache_tls_session_limit\n"));
}

static void many_are_counted(void **state)
{
    char names[40][40];
    const char *options[40];

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(options); i++) {
        snprintf(names[i], sizeof(names[i]), "connection_cache_x%zu=1", i);
        options[i] = names[i];
    }
    check(SC_PROGRAM_SCACHE, options, 16);
    assert_null(strstr(heard, "more"));
    check(SC_PROGRAM_SCACHE, options, 17);
    assert_non_null(strstr(heard, "\n1 more unknown parameters\n"));
    check(SC_PROGRAM_SCACHE, options, 40);
    assert_non_null(strstr(heard, "\n24 more unknown parameters\n"));
}

/* A name of any length is compared by what could be one of ours. */
static void names_have_a_length(void **state)
{
    char name[5000] = "connection_cache_ttl_limit";
    const char *option = name;
    size_t length = strlen(name);

    (void)state;
    memset(name + length, 'x', sizeof(name) - length - 3);
    strcpy(name + sizeof(name) - 3, "=1");
    check(SC_PROGRAM_SCACHE, &option, 1);
    assert_non_null(strstr(heard, "unknown parameter connection_cache_ttl_limitxxxx"));
    name[0] = 'C';
    check(SC_PROGRAM_SCACHE, &option, 1);
    assert_string_equal(heard, "");
    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++)
        assert_true(strlen(sc_param_get(id)->name) <= 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_name_is_told),
        cmocka_unit_test(the_prefix_alone_is_enough),
        cmocka_unit_test(two_slips_in_the_prefix_are_seen),
        cmocka_unit_test(other_names_are_others_affair),
        cmocka_unit_test(each_program_is_told_its_own_names),
        cmocka_unit_test(many_are_counted),
        cmocka_unit_test(names_have_a_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
