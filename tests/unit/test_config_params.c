/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of parameters: defaults in each mode, good and bad values, and that help and manual
 * have all of it. Where the text of a value comes from does not matter here.
 */
#include "support/check.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <syslog.h>

#include "config/config.h"
#include "config/help.h"
#include "config/value.h"
#include "confine/mode.h"

static char empty_file[32];

static int make_empty_file(void **state)
{
    int fd = memfd_create("empty", MFD_CLOEXEC);

    (void)state;
    snprintf(empty_file, sizeof(empty_file), "/proc/self/fd/%d", fd);
    return fd < 0;
}

/* Loads one override and nothing else. */
static int load(struct sc_params *params, enum sc_param_mode mode, const char *override,
                struct sc_diag *diag)
{
    struct sc_config_source source = {
        .mode = mode,
        .file = mode == SC_MODE_MASTER ? empty_file : NULL,
        .overrides = &override,
        .override_count = override ? 1 : 0,
    };

    *diag = (struct sc_diag){0};
    return sc_config_load(params, &source, diag);
}

/* The value of a parameter as a text, numbers in decimal and times in seconds. */
static const char *show(const struct sc_params *params, const char *name, char *text, size_t size)
{
    const struct sc_param *param = sc_param_find(name, strlen(name));
    const void *value = (const char *)params + param->offset;

    assert_true(param->size > 0);
    switch (param->type) {
    case SC_PARAM_TEXT:
        snprintf(text, size, "%s", *(char *const *)value);
        break;
    case SC_PARAM_BOOL:
        snprintf(text, size, "%s", *(const bool *)value ? "yes" : "no");
        break;
    case SC_PARAM_NUMBER:
        snprintf(text, size, "%zu", *(const size_t *)value);
        break;
    case SC_PARAM_TIME:
        snprintf(text, size, "%.15g", (double)*(const int64_t *)value / 1000);
        break;
    case SC_PARAM_CHOICE:
    case SC_PARAM_NAME:
        fail();
    }
    return text;
}

/* What the specification says that each is by default; null: the same. */
static const struct {
    const char *name, *master, *standalone;
} defaults[] = {
    {"connection_cache_ttl_limit", "2", "60"},
    {"connection_cache_status_update_time", "600", NULL},
    {"connection_cache_session_limit", "0", NULL},
    {"connection_cache_endpoint_session_limit", "0", "16"},
    {"connection_cache_destination_binding_limit", "100", NULL},
    {"connection_cache_binding_limit", "100000", NULL},
    {"connection_cache_user_session_limit", "0", NULL},
    {"connection_cache_client_limit", "0", NULL},
    {"connection_cache_memory_limit", "134217728", NULL},
    {"connection_cache_message_limit", "262144", NULL},
    {"connection_cache_check_peer", "yes", NULL},
    {"connection_cache_authorized_users", "", NULL},
    {"connection_cache_shared_users", "", NULL},
    {"queue_directory", "/var/spool/postfix", NULL},
    {"mail_owner", "postfix", NULL},
    {"syslog_name", "postfix", NULL},
    {"maillog_file", "", NULL},
    {"maillog_file_prefixes", "/var, /dev/stdout", NULL},
    {"postlog_service_name", "postlog", NULL},
    {"daemon_timeout", "18000", NULL},
    {"connection_cache_request_time_limit", "3600", "5"},
    {"max_idle", "100", NULL},
};

static void defaults_are_as_specified(void **state)
{
    struct sc_params master, standalone;
    struct sc_diag diag;
    char text[200];

    (void)state;
    assert_int_equal(load(&master, SC_MODE_MASTER, NULL, &diag), 0);
    assert_int_equal(load(&standalone, SC_MODE_STANDALONE, NULL, &diag), 0);
    for (size_t i = 0; i < SC_COUNT_OF(defaults); i++) {
        const char *alone = defaults[i].standalone ? defaults[i].standalone : defaults[i].master;
        assert_string_equal(show(&master, defaults[i].name, text, sizeof(text)),
                            defaults[i].master);
        assert_string_equal(show(&standalone, defaults[i].name, text, sizeof(text)), alone);
    }
    assert_int_equal(master.server.limits.reuse_order, SC_REUSE_OLDEST);
    assert_int_equal(standalone.server.limits.reuse_order, SC_REUSE_NEWEST);
    assert_int_equal(master.server.greeting, SC_GREETING_AUTO);
    assert_int_equal(standalone.server.greeting, SC_GREETING_YES);
    assert_int_equal(master.host.sandbox, SC_SANDBOX_YES);
    assert_int_equal(master.mail_log.syslog_facility, LOG_MAIL);
    assert_non_null(strchr(master.mail_log.myhostname, '.'));
    sc_params_fini(&master);
    sc_params_fini(&standalone);
}

/* Settings that are taken, and what they come to. */
static const struct {
    const char *name, *text, *value;
} good[] = {
    /* yes or no */
    {"connection_cache_check_peer", "no", "no"},
    {"connection_cache_check_peer", "NO", "no"},
    {"connection_cache_check_peer", "Yes", "yes"},
    {"connection_cache_check_peer", "yES", "yes"},
    /* Times: digits and a unit, of which the first letter counts. */
    {"max_idle", "1", "1"},
    {"max_idle", "5s", "5"},
    {"max_idle", "5sec", "5"},
    {"max_idle", "2m", "120"},
    {"max_idle", "2minutes", "120"},
    {"max_idle", "2h", "7200"},
    {"max_idle", "2hours", "7200"},
    {"max_idle", "2d", "172800"},
    {"max_idle", "2days", "172800"},
    {"max_idle", "2w", "1209600"},
    {"max_idle", "007", "7"},
    {"max_idle", "2147483647", "2147483647"},
    {"max_idle", "24854d", "2147385600"},
    {"max_idle", "+100s", "100"},
    {"max_idle", "$undefined\t +7m", "420"},
    {"max_idle", "5s $undefined", "5"},
    {"connection_cache_session_limit", "+5", "5"},
    {"connection_cache_session_limit", "$undefined 5", "5"},
    {"max_idle", "0000000000000000000000000000000000000003", "3"},
    {"daemon_timeout", "1h", "3600"},
    {"connection_cache_request_time_limit", "90", "90"},
    {"connection_cache_ttl_limit", "5m", "300"},
    {"connection_cache_status_update_time", "1h", "3600"},
    /* Numbers. */
    {"connection_cache_session_limit", "0", "0"},
    {"connection_cache_session_limit", "1", "1"},
    {"connection_cache_session_limit", "00010", "10"},
    {"connection_cache_session_limit", "2147483647", "2147483647"},
    {"connection_cache_endpoint_session_limit", "7", "7"},
    {"connection_cache_destination_binding_limit", "1", "1"},
    {"connection_cache_binding_limit", "1", "1"},
    {"connection_cache_user_session_limit", "3", "3"},
    {"connection_cache_client_limit", "9", "9"},
    {"connection_cache_message_limit", "1000", "1000"},
    {"connection_cache_message_limit", "268435456", "268435456"},
    /* Texts. */
    {"maillog_file", "/var/log/mail log", "/var/log/mail log"},
    {"maillog_file", "", ""},
    {"connection_cache_shared_users", "a, b", "a, b"},
    {"connection_cache_authorized_users", "a b", "a b"},
    {"mail_owner", "nobody", "nobody"},
    {"syslog_name", "a b", "a b"},
    {"queue_directory", "/x", "/x"},
    {"maillog_file_prefixes", "/y", "/y"},
    {"postlog_service_name", "p", "p"},
    {"myhostname", "h", "h"},
    /* Expanded first. */
    {"max_idle", "${{a} == {a} ? {1}:{2}}0m", "600"},
    {"syslog_name", "$mail_name-$max_idle", "Postfix-100s"},
};

static void good_values_are_taken(void **state)
{
    struct sc_diag diag;
    struct sc_params params;
    char text[200];

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(good); i++)
        for (int mode = SC_MODE_MASTER; mode <= SC_MODE_STANDALONE; mode++) {
            snprintf(text, sizeof(text), "%s=%s", good[i].name, good[i].text);
            if (load(&params, (enum sc_param_mode)mode, text, &diag) < 0)
                fail_msg("%s: %s", text, diag.fatal);
            assert_string_equal(show(&params, good[i].name, text, sizeof(text)), good[i].value);
            sc_params_fini(&params);
        }
}

static void words_are_chosen(void **state)
{
    static const struct {
        const char *text;
        enum sc_param_id id;
        int value;
    } words[] = {
        {"connection_cache_reuse_order=oldest", SC_PARAM_connection_cache_reuse_order, false},
        {"connection_cache_reuse_order=Newest", SC_PARAM_connection_cache_reuse_order, true},
        {"connection_cache_greeting=NO", SC_PARAM_connection_cache_greeting, SC_GREETING_NO},
        {"connection_cache_greeting=yes", SC_PARAM_connection_cache_greeting, SC_GREETING_YES},
        {"connection_cache_greeting=Auto", SC_PARAM_connection_cache_greeting, SC_GREETING_AUTO},
        {"connection_cache_sandbox=no", SC_PARAM_connection_cache_sandbox, SC_SANDBOX_NO},
        {"connection_cache_sandbox=LOG", SC_PARAM_connection_cache_sandbox, SC_SANDBOX_LOG},
        {"connection_cache_sandbox=yes", SC_PARAM_connection_cache_sandbox, SC_SANDBOX_YES},
        {"syslog_facility=mail", SC_PARAM_syslog_facility, LOG_MAIL},
        {"syslog_facility=daemon", SC_PARAM_syslog_facility, LOG_DAEMON},
        {"syslog_facility=user", SC_PARAM_syslog_facility, LOG_USER},
        {"syslog_facility=auth", SC_PARAM_syslog_facility, LOG_AUTH},
        {"syslog_facility=authpriv", SC_PARAM_syslog_facility, LOG_AUTHPRIV},
        {"syslog_facility=cron", SC_PARAM_syslog_facility, LOG_CRON},
        {"syslog_facility=local0", SC_PARAM_syslog_facility, LOG_LOCAL0},
        {"syslog_facility=local5", SC_PARAM_syslog_facility, LOG_LOCAL5},
        {"syslog_facility=local7", SC_PARAM_syslog_facility, LOG_LOCAL7},
    };
    struct sc_diag diag;
    struct sc_params params;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(words); i++) {
        assert_int_equal(load(&params, SC_MODE_MASTER, words[i].text, &diag), 0);
        const struct sc_param *param = sc_param_get(words[i].id);
        const void *value = (const char *)&params + param->offset;
        assert_int_equal(param->size == sizeof(bool) ? *(const bool *)value : *(const int *)value,
                         words[i].value);
        sc_params_fini(&params);
    }
}

/* What is shown of a value gives that value again. */
static void values_are_shown_as_they_are_taken(void **state)
{
    struct sc_diag diag;
    struct sc_params params, again;
    char room[SC_VALUE_ROOM], text[400];

    (void)state;
    assert_int_equal(load(&params, SC_MODE_MASTER, "connection_cache_ttl_limit=2m", &diag), 0);
    assert_string_equal(
        sc_value_show(sc_param_get(SC_PARAM_connection_cache_ttl_limit), &params, room), "120s");
    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++) {
        const struct sc_param *param = sc_param_get(id);
        const char *shown = sc_value_show(param, &params, room);
        assert_true((param->type == SC_PARAM_TEXT || param->size == 0) || *shown != '\0');
        if (param->program != SC_PROGRAM_SCACHE || param->size == 0)
            continue;
        snprintf(text, sizeof(text), "%s=%s", param->name, shown);
        if (load(&again, SC_MODE_MASTER, text, &diag) < 0)
            fail_msg("%s: %s", text, diag.fatal);
        assert_true(sc_value_is_equal(param, &params, &again));
        assert_int_equal(again.origins[id].option != NULL, true);
        sc_params_fini(&again);
    }
    sc_params_fini(&params);
}

/* Settings that are fatal, with the whole reason after the place. */
static const struct {
    const char *text, *fatal;
} bad[] = {
    {"connection_cache_check_peer=", "must be yes or no"},
    {"connection_cache_check_peer=y", "must be yes or no"},
    {"connection_cache_check_peer=true", "must be yes or no"},
    {"connection_cache_check_peer=1", "must be yes or no"},
    {"connection_cache_greeting=", "must be one of no, yes, auto"},
    {"connection_cache_greeting=maybe", "must be one of no, yes, auto"},
    {"max_idle=", "must be a time: digits, then s, m, h, d or w"},
    {"max_idle=s", "must be a time: digits, then s, m, h, d or w"},
    {"max_idle=5S", "must be a time: digits, then s, m, h, d or w"},
    {"max_idle=5x", "must be a time: digits, then s, m, h, d or w"},
    {"max_idle=5 s", "must be a time: digits, then s, m, h, d or w"},
    {"max_idle=1.5", "must be a time: digits, then s, m, h, d or w"},
    {"max_idle=-5", "must be a time: digits, then s, m, h, d or w"},
    {"max_idle=++5", "must be a time: digits, then s, m, h, d or w"},
    {"max_idle=+", "must be a time: digits, then s, m, h, d or w"},
    {"max_idle=+ 5", "must be a time: digits, then s, m, h, d or w"},
    {"max_idle=0x5", "must be a time: digits, then s, m, h, d or w"},
    {"max_idle=0", "must be at least 1s"},
    {"max_idle=0w", "must be at least 1s"},
    {"daemon_timeout=0", "must be at least 1s"},
    {"ipc_timeout=0s", "must be at least 1s"},
    {"connection_cache_ttl_limit=0", "must be at least 1s"},
    {"connection_cache_status_update_time=0", "must be at least 1s"},
    {"max_idle=2147483648", "must be at most 2147483647s"},
    {"max_idle=3550w", "must be less than 3550w"},
    {"max_idle=24855days", "must be less than 24855d"},
    {"max_idle=35791394m", "must be less than 35791394m"},
    {"max_idle=9223372036854775807w", "must be less than 3550w"},
    {"max_idle=18446744073709551617", "must be at most 2147483647s"},
    {"max_idle=99999999999999999999999999", "must be at most 2147483647s"},
    {"connection_cache_session_limit=", "must be a number, of digits only"},
    {"connection_cache_session_limit=-1", "must be a number, of digits only"},
    {"connection_cache_session_limit=++1", "must be a number, of digits only"},
    {"connection_cache_session_limit=1k", "must be a number, of digits only"},
    {"connection_cache_session_limit=1 0", "must be a number, of digits only"},
    {"connection_cache_session_limit=0x1", "must be a number, of digits only"},
    {"connection_cache_session_limit=2147483648", "must be at most 2147483647"},
    {"connection_cache_session_limit=18446744073709551617", "must be at most 2147483647"},
    {"connection_cache_endpoint_session_limit=x", "must be a number, of digits only"},
    {"connection_cache_user_session_limit=x", "must be a number, of digits only"},
    {"connection_cache_client_limit=x", "must be a number, of digits only"},
    {"connection_cache_destination_binding_limit=0", "must be at least 1"},
    {"connection_cache_binding_limit=0", "must be at least 1"},
    {"connection_cache_message_limit=999", "must be at least 1000"},
    {"connection_cache_message_limit=268435457", "must be at most 268435456"},
    {"connection_cache_reuse_order=", "must be one of oldest, newest"},
    {"connection_cache_reuse_order=random", "must be one of oldest, newest"},
    {"connection_cache_sandbox=maybe", "must be one of yes, log, kill, no"},
    {"queue_directory=", "must not be empty"},
    {"mail_owner=$undefined", "must not be empty"},
    {"syslog_name=", "must not be empty"},
    {"maillog_file_prefixes=", "must not be empty"},
    {"postlog_service_name=", "must not be empty"},
    {"myhostname=", "must not be empty"},
    {"syslog_facility=", NULL},
    {"syslog_facility=MAIL", NULL},
    {"syslog_facility=local8", NULL},
    {"syslog_facility=letterbox", NULL},
};

static void bad_values_are_fatal(void **state)
{
    static const char facilities[] =
        "must be one of mail, auth, authpriv, cron, daemon, ftp, kern, lpr, news, syslog, user, "
        "uucp, local0, local1, local2, local3, local4, local5, local6, local7";
    static const struct sc_params empty;
    struct sc_diag diag;
    struct sc_params params;
    char expected[SC_DIAG_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++)
        for (int mode = SC_MODE_MASTER; mode <= SC_MODE_STANDALONE; mode++) {
            const char *value = strchr(bad[i].text, '=') + 1;
            snprintf(expected, sizeof(expected), "option -o: %.*s = %s: %s",
                     (int)(value - 1 - bad[i].text), bad[i].text, *value == '$' ? "" : value,
                     bad[i].fatal ? bad[i].fatal : facilities);
            assert_int_equal(load(&params, (enum sc_param_mode)mode, bad[i].text, &diag), -EINVAL);
            assert_string_equal(diag.fatal, expected);
            assert_memory_equal(&params, &empty, sizeof(params));
        }
}

/* The table once more, with the field of each parameter as a text; empty: it has none. */
#define TEXT(field)          #field
#define BOOLEAN(field)       #field
#define NUMBER(field)        #field
#define TIME(field)          #field
#define CHOICE(field, words) #field
#define NAME                 ""
#define TEXT_LATER           ""
#define BOOLEAN_LATER        ""
#define NUMBER_LATER         ""
#define TIME_LATER           ""
#define CHOICE_LATER(words)  ""
static const struct {
    const char *name, *field;
} fields[] = {
#define PARAMETER(name, kind, ...) {#name, kind},
#include "config/parameters.def"
#undef PARAMETER
};

/* One name all the way, so that grep leads from the manual to the code. */
static void fields_are_called_like_their_parameters(void **state)
{
    static const char *const prefixes[] = {"", "connection_cache_", "connection_cache_tls_"};
    char name[100];

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(fields); i++) {
        const char *last = strrchr(fields[i].field, '.');
        bool alike = !last;
        for (size_t j = 0; !alike && j < SC_COUNT_OF(prefixes); j++) {
            snprintf(name, sizeof(name), "%s%s", prefixes[j], last + 1);
            alike = strcmp(name, fields[i].name) == 0;
        }
        if (!alike)
            fail_msg("%s has the field %s", fields[i].name, fields[i].field);
    }
}

/*
 * Each parameter has all that the help and the manual show, and a place that no other one of its
 * program has.
 */
static void the_table_is_whole(void **state)
{
    (void)state;
    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++) {
        const struct sc_param *param = sc_param_get(id);
        assert_ptr_equal(sc_param_find(param->name, strlen(param->name)), param);
        assert_int_equal(sc_param_id(param), id);
        assert_non_null(param->preset);
        assert_int_equal(param->help[strlen(param->help) - 1], '.');
        assert_null(strstr(param->help, "  "));
        assert_in_range(param->only, 0, SC_MODE_STANDALONE);
        assert_true(param->offset + param->size <= offsetof(struct sc_params, files));
        assert_int_equal(param->type == SC_PARAM_CHOICE, param->choices != NULL);
        assert_int_equal(param->type == SC_PARAM_NUMBER, param->unit != NULL);
        assert_true(param->max == 0 || param->min <= param->max);
        for (enum sc_param_id j = 0; j < id; j++) {
            assert_string_not_equal(sc_param_get(j)->name, param->name);
            assert_true(param->size == 0 || sc_param_get(j)->size == 0 ||
                        sc_param_get(j)->offset != param->offset ||
                        (sc_param_get(j)->program != param->program && !param->common &&
                         !sc_param_get(j)->common));
        }
    }
    assert_null(sc_param_find("max_idl", 7));
    assert_null(sc_param_find("max_idles", 9));
    assert_null(sc_param_find("", 0));
}

static char *print(void (*printer)(FILE *out, enum sc_param_program program))
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    printer(out, SC_PROGRAM_SCACHE);
    fclose(out);
    return text;
}

static void the_help_names_every_parameter(void **state)
{
    char *text = print(sc_help_print);
    char line[200];

    (void)state;
    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++) {
        const struct sc_param *param = sc_param_get(id);
        snprintf(line, sizeof(line), "  %-42s  ", param->name);
        assert_int_equal(strstr(text, line) != NULL, sc_param_is_shown(param, SC_PROGRAM_SCACHE));
    }
    assert_non_null(strstr(text, "  connection_cache_ttl_limit                  2s; standalone: "
                                 "60s\n      The longest time to live"));
    assert_non_null(strstr(text, "  maillog_file                                empty\n"
                                 "      Under master(8) only.\n"));
    for (const char *at = text; *at != '\0'; at += strcspn(at, "\n") + 1)
        assert_true(strncmp(at, "      ", 6) != 0 || strcspn(at, "\n") < 80);
    free(text);
}

static void the_manual_is_one_list(void **state)
{
    char *text = print(sc_help_print_manual);
    size_t items = 0, shown = 0;

    (void)state;
    assert_int_equal(strncmp(text, ".Bl ", 4), 0);
    assert_string_equal(text + strlen(text) - 4, ".El\n");
    for (const char *at = text; *at != '\0'; at += strcspn(at, "\n") + 1) {
        assert_true(*at != '\'' && *at != '\n');
        items += strncmp(at, ".It Va ", 7) == 0;
    }
    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++)
        shown += sc_param_is_shown(sc_param_get(id), SC_PROGRAM_SCACHE);
    assert_int_equal(items, shown);
    assert_non_null(strstr(text, ".It Va connection_cache_ttl_limit No \"(default: 2s; "
                                 "standalone: 60s)\"\nThe longest time to live"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_as_specified),
        cmocka_unit_test(good_values_are_taken),
        cmocka_unit_test(words_are_chosen),
        cmocka_unit_test(values_are_shown_as_they_are_taken),
        cmocka_unit_test(bad_values_are_fatal),
        cmocka_unit_test(fields_are_called_like_their_parameters),
        cmocka_unit_test(the_table_is_whole),
        cmocka_unit_test(the_help_names_every_parameter),
        cmocka_unit_test(the_manual_is_one_list),
    };

    return cmocka_run_group_tests(tests, make_empty_file, NULL);
}
