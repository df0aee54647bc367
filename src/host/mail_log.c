/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/mail_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "config/diag.h"

static const char log_socket[] = "/dev/log";

static void mail_log_set_tag(struct sc_mail_log *log, const char *first_part)
{
    char tag[SC_SINK_TAG_MAX];

    snprintf(tag, sizeof(tag), "%s/%s", first_part, log->process_name);
    sc_sink_set_tag(&log->sink, tag);
}

static const char *mail_log_from_environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);

    return value && *value != '\0' ? value : otherwise;
}

void sc_mail_log_init(struct sc_mail_log *log, const char *process_name, int verbosity,
                      bool also_stderr)
{
    const char *postlog = mail_log_from_environment("POSTLOG_SERVICE", NULL);

    *log = (struct sc_mail_log){.process_name = process_name};
    log->log = (struct sc_log){.sink = &log->sink.base, .verbosity = verbosity};
    sc_buf_init(&log->warnings);
    sc_sink_init(&log->sink, process_name);
    log->sink.also_stderr = also_stderr;
    mail_log_set_tag(log, mail_log_from_environment("MAIL_LOGTAG", "postfix"));
    if (postlog)
        sc_sink_use_postlog(&log->sink, postlog,
                            mail_log_from_environment("POSTLOG_HOSTNAME", "localhost"));
    else
        sc_sink_use_syslog(&log->sink, log_socket, LOG_MAIL);
}

void sc_mail_log_fini(struct sc_mail_log *log)
{
    sc_buf_fini(&log->warnings);
    sc_sink_fini(&log->sink);
}

void sc_mail_log_keep_warning(struct sc_mail_log *log, const char *text)
{
    struct sc_bytes with_nul = {text, strlen(text) + 1};

    if (sc_buf_append(&log->warnings, with_nul) < 0)
        sc_log(&log->log, SC_WARNING, "%s", text);
}

void sc_mail_log_flush_warnings(struct sc_mail_log *log)
{
    while (sc_buf_length(&log->warnings) > 0) {
        const char *text = sc_buf_bytes(&log->warnings).data;
        sc_log(&log->log, SC_WARNING, "%s", text);
        sc_buf_consume(&log->warnings, strlen(text) + 1);
    }
    sc_buf_clear(&log->warnings, 0);
}

/* Whether a path begins with one of the prefixes, which are set apart by commas or blanks. */
static bool mail_log_has_prefix(const char *path, const char *prefixes)
{
    static const char separators[] = ", \t\r\n";

    for (;;) {
        prefixes += strspn(prefixes, separators);
        size_t length = strcspn(prefixes, separators);
        if (length == 0)
            return false;
        if (strncmp(path, prefixes, length) == 0)
            return true;
        prefixes += length;
    }
}

int sc_mail_log_check(const struct sc_params *params, char *problem, size_t size)
{
    const struct sc_mail_log_settings *settings = &params->mail_log;
    char where[SC_CONFIG_TEXT_MAX], path[SC_SINK_PATH_MAX];

    if (settings->maillog_file[0] == '\0')
        return 0;
    if (!mail_log_has_prefix(settings->maillog_file, settings->maillog_file_prefixes)) {
        snprintf(problem, size,
                 "%s: maillog_file = %s: begins with none of maillog_file_prefixes = %s",
                 sc_params_where(params, SC_PARAM_maillog_file, where, sizeof(where)),
                 settings->maillog_file, settings->maillog_file_prefixes);
        return -EINVAL;
    }
    int length = snprintf(path, sizeof(path), "%s/public/%s", params->host.queue_directory,
                          settings->postlog_service_name);
    if (length >= 0 && (size_t)length < sizeof(path))
        return 0;
    snprintf(problem, size, "the path of the postlog socket is too long: %s/public/%s",
             params->host.queue_directory, settings->postlog_service_name);
    return -EINVAL;
}

static void mail_log_use_postlog(struct sc_mail_log *log, const struct sc_params *params)
{
    char path[SC_SINK_PATH_MAX];

    snprintf(log->relative_path, sizeof(log->relative_path), "public/%s",
             params->mail_log.postlog_service_name);
    snprintf(path, sizeof(path), "%s/public/%s", params->host.queue_directory,
             params->mail_log.postlog_service_name);
    sc_sink_use_postlog(&log->sink, path, params->mail_log.myhostname);
}

int sc_mail_log_open(struct sc_mail_log *log, const struct sc_params *params)
{
    char problem[SC_CONFIG_TEXT_MAX];

    mail_log_set_tag(log, params->mail_log.syslog_name);
    int error = sc_mail_log_check(params, problem, sizeof(problem));
    if (error < 0)
        sc_log(&log->log, SC_FATAL, "%s", problem);
    else if (params->mail_log.maillog_file[0] != '\0')
        mail_log_use_postlog(log, params);
    else
        sc_sink_use_syslog(&log->sink, log_socket, params->mail_log.syslog_facility);
    return error;
}

void sc_mail_log_enter_jail(struct sc_mail_log *log, bool jailed)
{
    if (jailed && log->relative_path[0] != '\0')
        sc_sink_set_path(&log->sink, log->relative_path);
}
