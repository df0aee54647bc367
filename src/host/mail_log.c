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

static int mail_log_open_postlog(struct sc_mail_log *log, const struct sc_params *params)
{
    char path[SC_SINK_PATH_MAX];
    char where[SC_CONFIG_TEXT_MAX];
    int length;

    if (!mail_log_has_prefix(params->mail_log.maillog_file,
                             params->mail_log.maillog_file_prefixes)) {
        sc_log(&log->log, SC_FATAL,
               "%s: maillog_file = %s: begins with none of maillog_file_prefixes = %s",
               sc_params_where(params, SC_PARAM_maillog_file, where, sizeof(where)),
               params->mail_log.maillog_file, params->mail_log.maillog_file_prefixes);
        return -EINVAL;
    }
    snprintf(log->relative_path, sizeof(log->relative_path), "public/%s",
             params->mail_log.postlog_service_name);
    length =
        snprintf(path, sizeof(path), "%s/%s", params->host.queue_directory, log->relative_path);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        sc_log(&log->log, SC_FATAL, "the path of the postlog socket is too long: %s/%s",
               params->host.queue_directory, log->relative_path);
        return -EINVAL;
    }
    sc_sink_use_postlog(&log->sink, path, params->mail_log.myhostname);
    return 0;
}

int sc_mail_log_open(struct sc_mail_log *log, const struct sc_params *params)
{
    mail_log_set_tag(log, params->mail_log.syslog_name);
    if (params->mail_log.maillog_file[0] != '\0')
        return mail_log_open_postlog(log, params);
    sc_sink_use_syslog(&log->sink, log_socket, params->mail_log.syslog_facility);
    return 0;
}

void sc_mail_log_enter_jail(struct sc_mail_log *log, bool jailed)
{
    if (jailed && log->relative_path[0] != '\0')
        sc_sink_set_path(&log->sink, log->relative_path);
}
