/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole configuration: files, overrides, defaults and what is derived from them. The syntax of
 * files is test_config_cf.c's, each value's test_config_params.c's.
 */
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "config/config.h"
#include "confine/mode.h"

enum { ROOM = 4096, OVERRIDES_MAX = 4 };

/* A directory with a main.cf, and what was said about it. */
struct scene {
    char directory[64];
    char file[96];
    char ours[96]; /* scache.cf */
    char heard[ROOM];
    struct sc_config_source source;
    struct sc_diag diag;
    struct sc_params params;
};

static void hear(void *context, const char *text)
{
    struct scene *scene = context;
    size_t used = strlen(scene->heard);

    snprintf(scene->heard + used, sizeof(scene->heard) - used, "%s\n", text);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    strcpy(scene->directory, "/tmp/sc-test-config-XXXXXX");
    assert_non_null(mkdtemp(scene->directory));
    snprintf(scene->file, sizeof(scene->file), "%s/main.cf", scene->directory);
    snprintf(scene->ours, sizeof(scene->ours), "%s/scache.cf", scene->directory);
    scene->diag = (struct sc_diag){.warn = hear, .context = scene};
    scene->source = (struct sc_config_source){
        .mode = SC_MODE_MASTER,
        .directory = scene->directory,
        .host_name = "box",
    };
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    sc_params_fini(&scene->params);
    unlink(scene->file);
    unlink(scene->ours);
    rmdir(scene->directory);
    free(scene);
    return 0;
}

static int load(struct scene *scene, const char *text)
{
    sc_params_fini(&scene->params);
    scene->heard[0] = '\0';
    if (text)
        write_file(scene->file, text);
    return sc_config_load(&scene->params, &scene->source, &scene->diag);
}

static void assert_loads(struct scene *scene, const char *text)
{
    if (load(scene, text) < 0)
        fail_msg("%s", scene->diag.fatal);
    assert_string_equal(scene->heard, "");
}

/* The fatal text, after the name of the file or without it. */
static void assert_fatal(struct scene *scene, const char *text, int error, const char *fatal)
{
    static const struct sc_params empty;
    const char *said = scene->diag.fatal;

    assert_int_equal(load(scene, text), error);
    if (*fatal == ',')
        said = strncmp(said, scene->file, strlen(scene->file)) == 0 ? said + strlen(scene->file)
                                                                    : said;
    assert_string_equal(said, fatal);
    assert_memory_equal(&scene->params, &empty, sizeof(empty));
}

static void the_last_setting_wins(void **state)
{
    const char *overrides[] = {"max_idle = 7m", "ipc_timeout=8", "ipc_timeout=9"};
    struct scene *scene = *state;

    assert_loads(scene, "max_idle = 5\nsyslog_facility = local3\n");
    assert_int_equal(scene->params.host.max_idle, 5 * 1000);
    assert_int_equal(scene->params.server.request_time_limit, 3600 * 1000);
    assert_int_equal(scene->params.mail_log.syslog_facility, LOG_LOCAL3);
    scene->source.overrides = overrides;
    scene->source.override_count = SC_COUNT_OF(overrides);
    assert_loads(scene, NULL);
    assert_int_equal(scene->params.host.max_idle, 7 * 60 * 1000);
    assert_int_equal(scene->params.server.request_time_limit, 9 * 1000);
    scene->source.max_idle = "3";
    assert_loads(scene, NULL);
    assert_int_equal(scene->params.host.max_idle, 3 * 1000);
    assert_int_equal(load(scene, "max_idle = 5\nmax_idle = 6\n"), 0);
    assert_non_null(strstr(scene->heard, "main.cf, line 2: overriding earlier entry: max_idle=5"));
}

static void a_missing_file_is_fatal_under_master(void **state)
{
    struct scene *scene = *state;
    char expected[200];

    snprintf(expected, sizeof(expected), "open %s: No such file or directory", scene->file);
    assert_fatal(scene, NULL, -ENOENT, expected);
}

static void standalone_needs_no_file(void **state)
{
    struct scene *scene = *state;

    scene->source = (struct sc_config_source){.mode = SC_MODE_STANDALONE};
    assert_loads(scene, NULL);
    assert_int_equal(scene->params.server.ttl_limit, 60 * 1000);
    assert_null(scene->params.files[0]);
    scene->source.file = scene->file;
    assert_loads(scene, "connection_cache_ttl_limit = 1h\n");
    assert_int_equal(scene->params.server.ttl_limit, 3600 * 1000);
    assert_string_equal(scene->params.files[0], scene->file);
    unlink(scene->file);
    assert_int_equal(load(scene, NULL), -ENOENT);
}

static void a_file_of_our_own_beside_main_cf_is_read_after_it(void **state)
{
    const char *override = "ipc_timeout=1";
    struct scene *scene = *state;
    char place[200], expected[200];

    scene->source.overrides = &override;
    scene->source.override_count = 1;
    write_file(scene->ours, "\nconnection_cache_ttl_limit = 7\nipc_timeout = 7\n"
                            "syslog_name = $one\n");
    assert_loads(scene, "connection_cache_ttl_limit = 5\nipc_timeout = 5\nmax_idle = 5\n"
                        "one = 1\n");
    assert_int_equal(scene->params.server.ttl_limit, 7000);
    assert_int_equal(scene->params.server.request_time_limit, 1000);
    assert_int_equal(scene->params.host.max_idle, 5000);
    assert_string_equal(scene->params.mail_log.syslog_name, "1");
    snprintf(expected, sizeof(expected), "%s, line 2", scene->ours);
    assert_string_equal(
        sc_params_where(&scene->params, SC_PARAM_connection_cache_ttl_limit, place, sizeof(place)),
        expected);
    snprintf(expected, sizeof(expected), "%s, line 3", scene->file);
    assert_string_equal(sc_params_where(&scene->params, SC_PARAM_max_idle, place, sizeof(place)),
                        expected);
    write_file(scene->ours, "\nconnection_cache_ttl_limit = 7q\n");
    assert_int_equal(load(scene, NULL), -EINVAL);
    assert_int_equal(strncmp(scene->diag.fatal, scene->ours, strlen(scene->ours)), 0);
    assert_int_equal(unlink(scene->ours), 0);
    assert_loads(scene, NULL);
    assert_int_equal(scene->params.server.ttl_limit, 5000);
    assert_null(scene->params.files[1]);
}

/* It is there to override; but within itself nothing is set twice. */
static void only_one_file_is_looked_at_for_names_set_twice(void **state)
{
    struct scene *scene = *state;

    write_file(scene->ours, "max_idle = 7\nmax_idle = 8\n");
    assert_int_equal(load(scene, "max_idle = 5\n"), 0);
    assert_non_null(
        strstr(scene->heard, "scache.cf, line 2: overriding earlier entry: max_idle=7"));
    assert_null(strstr(scene->heard, "line 1"));
}

static void a_file_of_our_own_is_for_postfix_only(void **state)
{
    struct scene *scene = *state;

    write_file(scene->ours, "max_idle = 7\n");
    scene->source = (struct sc_config_source){.mode = SC_MODE_STANDALONE, .file = scene->file};
    assert_loads(scene, "max_idle = 5\n");
    assert_int_equal(scene->params.host.max_idle, 5000);
    scene->source.mode = SC_MODE_MASTER;
    assert_loads(scene, "max_idle = 5\n");
    assert_int_equal(scene->params.host.max_idle, 5000);
}

/* Whoever must not read it shall not run without it. */
static void a_file_of_our_own_that_cannot_be_read_is_fatal(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(symlink("scache.cf", scene->ours), 0);
    assert_int_equal(load(scene, "max_idle = 5\n"), -ELOOP);
    assert_non_null(strstr(scene->diag.fatal, "scache.cf: "));
}

static void names_that_look_like_ours_are_told(void **state)
{
    struct scene *scene = *state;
    char expected[300];

    assert_int_equal(load(scene, "max_idle = 5\nconnection_cache_tll_limit = 5\n"), 0);
    snprintf(expected, sizeof(expected),
             "%s, line 2: unknown parameter connection_cache_tll_limit; the nearest known one is "
             "connection_cache_ttl_limit\n",
             scene->file);
    assert_string_equal(scene->heard, expected);
}

static void fatal_texts_say_where(void **state)
{
    const char *overrides[] = {"max_idle=5q", "odd=x$odd", "nonsense"};
    struct scene *scene = *state;

    assert_fatal(scene, "#\nmax_idle =\n 5q\n", -EINVAL,
                 ", line 2: max_idle = 5q: must be a time: digits, then s, m, h, d or w");
    assert_fatal(scene, "odd = 3q\nmax_idle = $odd\n", -EINVAL,
                 ", line 2: max_idle = 3q: must be a time: digits, then s, m, h, d or w");
    assert_fatal(scene, "#\nsyslog_name = ${\n", -EINVAL,
                 ", line 2: syslog_name: unclosed brace after \"$\" at \"{\"");
    assert_fatal(scene, "x = $\nsyslog_name = a$x\n", -EINVAL,
                 ", line 1: x: empty name after \"$\", in the value of syslog_name");
    assert_fatal(scene, "multi_instance_name = $mail_owner$syslog_name\n", -EINVAL,
                 ", line 1: multi_instance_name: the value of syslog_name refers to itself, "
                 "in the value of syslog_name");
    assert_fatal(scene, "max_idle\n", -EINVAL,
                 ", line 1: missing '=' after attribute name: \"max_idle\"");
    scene->source.overrides = overrides;
    scene->source.override_count = 1;
    assert_fatal(scene, "\n", -EINVAL,
                 "option -o: max_idle = 5q: must be a time: digits, then s, m, h, d or w");
    scene->source.max_idle = "0";
    assert_fatal(scene, "\n", -EINVAL, "option -i: max_idle = 0: must be at least 1s");
    scene->source.overrides = overrides + 1;
    scene->source.max_idle = NULL;
    assert_fatal(scene, "syslog_name = $odd\n", -EINVAL,
                 "option -o: odd: the value of odd refers to itself, in the value of syslog_name");
    scene->source.overrides = overrides + 2;
    assert_fatal(scene, "\n", -EINVAL, "option -o: missing '=' after attribute name: \"nonsense\"");
}

/* Values of syslog_name, with what may be set before it. */
static const struct {
    const char *before, *text, *value;
} references[] = {
    {"", "$mail_name", "Postfix"},
    {"mail_name = Mail\n", "$mail_name", "Mail"},
    {"", "$mydomain", "localdomain"},
    {"", "$myhostname", "box.localdomain"},
    {"mydomain = example.org\n", "$mydomain $myhostname", "example.org box.example.org"},
    {"myhostname = a.example.org\n", "$mydomain $myhostname", "example.org a.example.org"},
    {"myhostname = a\n", "$mydomain $myhostname", "localdomain a"},
    {"myhostname = a.\n", "$mydomain", "localdomain"},
    {"myhostname = a.$mydomain\n", "$mydomain $myhostname", "localdomain a.localdomain"},
    {"", "<$multi_instance_name>", "<>"},
    {"multi_instance_name = two\n", "$multi_instance_name", "two"},
    {"", "$data_directory", "/var/lib/postfix"},
    {"", "$process_name", "program"},
    {"", "$service_name", "service"},
    {"", "$process_id", "4711"},
    {"process_name = other\n", "$process_name", "other"},
    {"", "$connection_cache_service_name", "scache"},
    {"", "$queue_directory $mail_owner $postlog_service_name",
     "/var/spool/postfix postfix postlog"},
    {"", "$max_idle $daemon_timeout $ipc_timeout", "100s 18000s 3600s"},
    {"", "$connection_cache_ttl_limit", "2s"},
    {"max_idle = 5m\n", "$max_idle", "5m"},
    {"", "x$undefined", "x"},
    {"one = $two\ntwo = 2\n", "$one", "2"},
};

static void names_have_defaults(void **state)
{
    struct scene *scene = *state;
    char text[400];

    scene->source.process_name = "program";
    scene->source.service_name = "service";
    scene->source.process_id = 4711;
    for (size_t i = 0; i < SC_COUNT_OF(references); i++) {
        snprintf(text, sizeof(text), "%ssyslog_name = %s\n", references[i].before,
                 references[i].text);
        assert_loads(scene, text);
        assert_string_equal(scene->params.mail_log.syslog_name, references[i].value);
    }
}

static void syslog_name_follows_the_instance(void **state)
{
    struct scene *scene = *state;

    assert_loads(scene, "");
    assert_string_equal(scene->params.mail_log.syslog_name, "postfix");
    assert_loads(scene, "multi_instance_name = postfix-out\n");
    assert_string_equal(scene->params.mail_log.syslog_name, "postfix-out");
}

static void host_names_are_made_complete(void **state)
{
    static const struct {
        const char *host, *name;
    } hosts[] = {
        {"box", "box.localdomain"},
        {"box.example.org", "box.example.org"},
        {"", "localhost.localdomain"},
    };
    struct scene *scene = *state;
    char own[256] = "";

    for (size_t i = 0; i < SC_COUNT_OF(hosts); i++) {
        scene->source.host_name = hosts[i].host;
        assert_loads(scene, "");
        assert_string_equal(scene->params.mail_log.myhostname, hosts[i].name);
    }
    scene->source.host_name = NULL;
    assert_loads(scene, "");
    assert_int_equal(gethostname(own, sizeof(own) - 1), 0);
    assert_int_equal(strncmp(scene->params.mail_log.myhostname, own, strlen(own)), 0);
}

static void what_the_process_gives_is_not_read(void **state)
{
    const char *overrides[] = {"process_name=x", "process_id=nonsense"};
    struct scene *scene = *state;

    scene->source.process_name = "program";
    scene->source.service_name = "service";
    scene->source.process_id = 4711;
    scene->source.overrides = overrides;
    scene->source.override_count = SC_COUNT_OF(overrides);
    assert_loads(scene,
                 "service_name = y\nconfig_directory = /z\n"
                 "syslog_name = $process_name $process_id $service_name $config_directory\n");
    /* References see what was set, as Postfix's do; nothing else looks. */
    assert_string_equal(scene->params.mail_log.syslog_name, "x nonsense y /z");
}

static void other_programs_parameters_are_not_checked(void **state)
{
    struct scene *scene = *state;

    assert_loads(scene,
                 "smtpd_timeout = nonsense\nbroken = ${\nself = $self\n"
                 "append_dot_mydomain = ${{$compatibility_level} <level {1} ? {yes} : {no}}\n"
                 "connection_cache_protocol_timeout = 5s\n");
}

/* All that Postfix itself has a default for, as a file. */
static void the_defaults_of_postfix_load(void **state)
{
    struct scene *scene = *state;
    char command[200];

    snprintf(command, sizeof(command), "postconf -d > %s 2>&1", scene->file);
    if (system("command -v postconf > /dev/null") != 0)
        skip();
    assert_int_equal(system(command), 0);
    assert_loads(scene, NULL);
    assert_string_equal(scene->params.mail_log.syslog_name, "postfix");
    assert_int_equal(scene->params.server.ttl_limit, 2 * 1000);
    assert_string_equal(scene->params.mail_log.maillog_file_prefixes, "/var, /dev/stdout");
    scene->source.mode = SC_MODE_STANDALONE;
    scene->source.file = scene->file;
    assert_loads(scene, NULL);
}

static void places_are_remembered(void **state)
{
    const char *override = "ipc_timeout=1";
    struct scene *scene = *state;
    char place[200], expected[200];

    scene->source.overrides = &override;
    scene->source.override_count = 1;
    scene->source.max_idle = "5";
    assert_loads(scene, "\nmail_owner = nosuchuser\nmax_idle = 3\n");
    snprintf(expected, sizeof(expected), "%s, line 2", scene->file);
    assert_string_equal(sc_params_where(&scene->params, SC_PARAM_mail_owner, place, sizeof(place)),
                        expected);
    assert_string_equal(sc_params_where(&scene->params, SC_PARAM_ipc_timeout, place, sizeof(place)),
                        "option -o");
    assert_string_equal(sc_params_where(&scene->params, SC_PARAM_max_idle, place, sizeof(place)),
                        "option -i");
    assert_string_equal(sc_params_where(&scene->params, SC_PARAM_syslog_name, place, sizeof(place)),
                        "default");
}

static void list(void *context, const struct sc_param *param)
{
    char *text = context;

    snprintf(text + strlen(text), ROOM - strlen(text), "%s%s\n", param->name,
             param->change == SC_CHANGE_RESTART ? " fixed" : "");
}

static void a_reload_is_compared(void **state)
{
    struct scene *scene = *state;
    struct sc_params running;
    char differ[ROOM] = "";

    scene->source = (struct sc_config_source){.mode = SC_MODE_STANDALONE, .file = scene->file};
    assert_loads(scene, "connection_cache_shared_users = a\nmax_idle = 5\n");
    running = scene->params;
    scene->params = (struct sc_params){0};
    assert_loads(scene, "# now\nconnection_cache_shared_users = a\nmax_idle = 5s\n");
    sc_params_diff(&running, &scene->params, list, differ);
    assert_string_equal(differ, "");
    assert_loads(scene, "connection_cache_shared_users = b\nconnection_cache_sandbox = no\n"
                        "connection_cache_check_peer = no\nconnection_cache_ttl_limit = 1\n");
    sc_params_diff(&running, &scene->params, list, differ);
    assert_string_equal(differ, "connection_cache_ttl_limit\n"
                                "connection_cache_check_peer\n"
                                "connection_cache_shared_users fixed\n"
                                "connection_cache_sandbox fixed\n"
                                "max_idle\n");
    sc_params_keep_fixed(&scene->params, &running);
    sc_params_fini(&running);
    assert_string_equal(scene->params.access.shared_users, "a");
    assert_int_equal(scene->params.host.sandbox, SC_SANDBOX_YES);
    assert_false(scene->params.server.check_peer);
    assert_int_equal(scene->params.server.ttl_limit, 1000);
}

static void an_empty_set_may_be_ended(void **state)
{
    struct sc_params params = {0};

    (void)state;
    sc_params_fini(&params);
    sc_params_fini(&params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_setting_wins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_file_is_fatal_under_master, set_up, tear_down),
        cmocka_unit_test_setup_teardown(standalone_needs_no_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_of_our_own_beside_main_cf_is_read_after_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(only_one_file_is_looked_at_for_names_set_twice, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_of_our_own_is_for_postfix_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_of_our_own_that_cannot_be_read_is_fatal, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(names_that_look_like_ours_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fatal_texts_say_where, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_have_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(syslog_name_follows_the_instance, set_up, tear_down),
        cmocka_unit_test_setup_teardown(host_names_are_made_complete, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_process_gives_is_not_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_programs_parameters_are_not_checked, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_defaults_of_postfix_load, set_up, tear_down),
        cmocka_unit_test_setup_teardown(places_are_remembered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reload_is_compared, set_up, tear_down),
        cmocka_unit_test(an_empty_set_may_be_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
