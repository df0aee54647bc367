/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a name means that a value refers to: set, preset or nothing; and where it was set.
 */
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/dict.h"

/* A dictionary of options only, without a file. */
static void open_dict(struct sc_dict *dict, struct sc_config_source *source,
                      const char *const *options, size_t count)
{
    struct sc_diag diag = {0};

    source->mode = SC_MODE_STANDALONE;
    source->host_name = "box";
    source->overrides = options;
    source->override_count = count;
    if (sc_dict_init(dict, source, &diag) < 0)
        fail_msg("%s", diag.fatal);
}

static void assert_value(const struct sc_dict *dict, const char *name, const char *expected)
{
    struct sc_diag diag = {0};
    char *value = NULL;

    if (sc_dict_expand(dict, sc_bytes_of(name), &value, &diag) < 0)
        fail_msg("%s", diag.fatal);
    assert_string_equal(value, expected);
    free(value);
}

static void a_name_is_what_was_set_or_a_preset_or_empty(void **state)
{
    const char *options[] = {"max_idle=5m", "mine=$max_idle", "empty="};
    struct sc_config_source source = {0};
    struct sc_dict dict;

    (void)state;
    open_dict(&dict, &source, options, SC_COUNT_OF(options));
    assert_value(&dict, "max_idle", "5m");
    assert_value(&dict, "mine", "5m");
    assert_value(&dict, "empty", "");
    assert_value(&dict, "daemon_timeout", "18000s");
    assert_value(&dict, "connection_cache_tls_idle_limit", "1h");
    assert_value(&dict, "nobody_knows_it", "");
    sc_dict_fini(&dict);
}

static void presets_follow_the_mode(void **state)
{
    struct sc_config_source source = {0};
    struct sc_dict dict;

    (void)state;
    open_dict(&dict, &source, NULL, 0);
    assert_string_equal(sc_dict_preset(&dict, SC_BYTES("connection_cache_ttl_limit")), "60s");
    assert_string_equal(sc_dict_preset(&dict, SC_BYTES("config_directory")), "");
    assert_null(sc_dict_preset(&dict, SC_BYTES("nobody_knows_it")));
    assert_null(sc_dict_preset(&dict, SC_BYTES("")));
    source.mode = SC_MODE_MASTER;
    assert_string_equal(sc_dict_preset(&dict, SC_BYTES("connection_cache_ttl_limit")), "2s");
    assert_string_equal(sc_dict_preset(&dict, SC_BYTES("config_directory")), "/etc/postfix");
    source.directory = "/x";
    assert_string_equal(sc_dict_preset(&dict, SC_BYTES("config_directory")), "/x");
    sc_dict_fini(&dict);
}

static void the_control_socket_lies_beside_the_other(void **state)
{
    struct sc_config_source source = {.socket = "/run/a$b/$$.sock"};
    const char *options[] = {"service_name=two", "connection_cache_stats_users=a"};
    struct sc_dict dict;

    (void)state;
    open_dict(&dict, &source, options, 2);
    assert_value(&dict, "connection_cache_control_socket", "/run/a$b/$$.sock.control");
    sc_dict_fini(&dict);
    source.socket = NULL;
    open_dict(&dict, &source, options, 2);
    assert_value(&dict, "connection_cache_control_socket", "");
    /* Others than root and mail_owner cannot reach what is private. */
    source.mode = SC_MODE_MASTER;
    assert_value(&dict, "connection_cache_control_socket", "public/two.control");
    sc_dict_fini(&dict);
    open_dict(&dict, &source, options, 1);
    source.mode = SC_MODE_MASTER;
    assert_value(&dict, "connection_cache_control_socket", "private/two.control");
    sc_dict_fini(&dict);
    options[1] = "connection_cache_control_users=a";
    open_dict(&dict, &source, options, 2);
    source.mode = SC_MODE_MASTER;
    assert_value(&dict, "connection_cache_control_socket", "public/two.control");
    sc_dict_fini(&dict);
}

static void count_warning(void *context, const char *text)
{
    assert_non_null(strstr(text, ": mail_version = "));
    ++*(int *)context;
}

/* The version of Postfix decides, where it is told in the way that versions are written. */
static void the_greeting_follows_the_version(void **state)
{
    static const struct {
        const char *options[2], *greeting;
        bool warns;
    } told[] = {
        {{"mail_version=3.6.0", "x="}, "yes", false},
        {{"mail_version = 3.10-20241010", "x="}, "yes", false},
        {{"mail_version=4.0", "x="}, "yes", false},
        {{"mail_version=3.5.25", "x="}, "no", true},
        {{"mail_version=2.11.0", "x="}, "no", true},
        {{"mail_version=2.11", "connection_cache_greeting=auto"}, "no", false},
        {{"mail_version=", "x="}, "auto", false},
        {{"mail_version=none of your business", "x="}, "auto", false},
        {{"mail_version=4711", "x="}, "auto", false},
        {{"x=", "y="}, "auto", false},
    };
    int fd = memfd_create("main.cf", MFD_CLOEXEC);
    char path[32];

    (void)state;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    for (size_t i = 0; i < SC_COUNT_OF(told); i++) {
        struct sc_config_source source = {
            .mode = SC_MODE_MASTER,
            .file = path,
            .overrides = told[i].options,
            .override_count = SC_COUNT_OF(told[i].options),
        };
        int warnings = 0;
        struct sc_diag diag = {.warn = count_warning, .context = &warnings};
        struct sc_dict dict;
        assert_int_equal(sc_dict_init(&dict, &source, &diag), 0);
        assert_string_equal(sc_dict_preset(&dict, SC_BYTES("connection_cache_greeting")),
                            told[i].greeting);
        assert_int_equal(warnings, told[i].warns);
        sc_dict_fini(&dict);
    }
    close(fd);
}

/* On its own there is no Postfix whose version it could be. */
static void alone_the_version_is_only_a_name(void **state)
{
    const char *options[] = {"mail_version=3.5"};
    struct sc_config_source source = {0};
    struct sc_dict dict;

    (void)state;
    open_dict(&dict, &source, options, 1);
    assert_value(&dict, "connection_cache_greeting", "yes");
    assert_value(&dict, "mail_version", "3.5");
    sc_dict_fini(&dict);
}

static void what_the_process_gives_is_a_preset(void **state)
{
    const char *options[] = {"service_name=other"};
    struct sc_config_source source = {
        .process_name = "program", .service_name = "service", .process_id = 4711};
    struct sc_dict dict;

    (void)state;
    open_dict(&dict, &source, options, 1);
    assert_value(&dict, "process_name", "program");
    assert_value(&dict, "process_id", "4711");
    assert_value(&dict, "service_name", "other");
    sc_dict_fini(&dict);
}

static void where_a_name_was_set_is_known(void **state)
{
    const char *options[] = {"max_idle=5m"};
    struct sc_config_source source = {.max_idle = "7"};
    struct sc_dict dict;
    char text[100];

    (void)state;
    open_dict(&dict, &source, options, 1);
    assert_string_equal(sc_dict_where(&dict, SC_BYTES("max_idle"), text, sizeof(text)),
                        "option -i");
    assert_string_equal(sc_dict_where(&dict, SC_BYTES("mail_owner"), text, sizeof(text)),
                        "default");
    assert_true(sc_origin_is_preset(sc_dict_origin(&dict, SC_BYTES("mail_owner"))));
    assert_false(sc_origin_is_preset(sc_dict_origin(&dict, SC_BYTES("max_idle"))));
    sc_dict_fini(&dict);
}

static void what_is_wrong_names_both_places(void **state)
{
    const char *options[] = {"one=$two", "two=${", "self=$self"};
    struct sc_config_source source = {0};
    struct sc_dict dict;
    struct sc_diag diag = {0};
    char *value = NULL;

    (void)state;
    open_dict(&dict, &source, options, SC_COUNT_OF(options));
    assert_int_equal(sc_dict_expand(&dict, SC_BYTES("one"), &value, &diag), -EINVAL);
    assert_string_equal(diag.fatal,
                        "option -o: two: unclosed brace after \"$\" at \"{\", in the value of one");
    assert_int_equal(sc_dict_expand(&dict, SC_BYTES("self"), &value, &diag), -EINVAL);
    assert_string_equal(diag.fatal, "option -o: self: the value of self refers to itself");
    assert_null(value);
    sc_dict_fini(&dict);
}

/* The paths outlive the dictionary in the set of values, and are told by number. */
static void files_may_be_taken(void **state)
{
    char path[] = "/tmp/sc-test-dict-XXXXXX";
    int fd = mkstemp(path);
    struct sc_config_source source = {.mode = SC_MODE_STANDALONE, .file = path};
    char *files[SC_ORIGIN_FILES];
    struct sc_diag diag = {0};
    struct sc_dict dict;
    char text[100], expected[100];

    (void)state;
    assert_int_equal(write(fd, "a = b\n", 6), 6);
    close(fd);
    assert_int_equal(sc_dict_init(&dict, &source, &diag), 0);
    struct sc_origin origin = sc_dict_origin(&dict, SC_BYTES("a"));
    sc_dict_steal_files(&dict, files);
    sc_dict_fini(&dict);
    snprintf(expected, sizeof(expected), "%s, line 1", path);
    assert_string_equal(sc_origin_print(origin, files, text, sizeof(text)), expected);
    assert_null(files[1]);
    free(files[0]);
    unlink(path);
}

static void a_failed_one_is_empty(void **state)
{
    const char *option = "nonsense";
    struct sc_config_source source = {.overrides = &option, .override_count = 1};
    struct sc_diag diag = {0};
    struct sc_dict dict;

    (void)state;
    source.mode = SC_MODE_STANDALONE;
    assert_int_equal(sc_dict_init(&dict, &source, &diag), -EINVAL);
    sc_dict_fini(&dict);
    sc_dict_fini(&dict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_what_was_set_or_a_preset_or_empty),
        cmocka_unit_test(presets_follow_the_mode),
        cmocka_unit_test(the_control_socket_lies_beside_the_other),
        cmocka_unit_test(the_greeting_follows_the_version),
        cmocka_unit_test(alone_the_version_is_only_a_name),
        cmocka_unit_test(what_the_process_gives_is_a_preset),
        cmocka_unit_test(where_a_name_was_set_is_known),
        cmocka_unit_test(what_is_wrong_names_both_places),
        cmocka_unit_test(files_may_be_taken),
        cmocka_unit_test(a_failed_one_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
