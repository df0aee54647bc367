/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which log a service of Postfix's writes to, and under which tag. How a
 * record gets there is the affair of the log room.
 */
#include "host/mail_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "config/diag.h"
#include "host/standard_error.h"

static const char mail_log_socket[] = "/dev/log";

/* An empty value is as good as none: so does Postfix read its environment. */
static const char *mail_log_from_environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);

    return value && *value != '\0' ? value : otherwise;
}

static void mail_log_make_tag(const struct sc_mail_log *log, const char *first_part,
                              char tag[SC_RECORD_TAG_MAX])
{
    snprintf(tag, SC_RECORD_TAG_MAX, "%s/%s", first_part, log->process_name);
}

/* Every change of the sink goes through here, so that standard error stays in it. */
static void mail_log_use(struct sc_mail_log *log, struct sc_log_sink *sink)
{
    sc_tee_init(&log->tee, sink, &log->to_stderr.base);
    log->log.sink = log->also_stderr ? &log->tee.base : sink;
}

static void mail_log_use_syslog(struct sc_mail_log *log, int facility, const char *tag)
{
    sc_syslog_open(&log->syslog, mail_log_socket, facility, tag);
    mail_log_use(log, &log->syslog.base);
}

static void mail_log_use_postlog(struct sc_mail_log *log, const char *path, const char *host,
                                 const char *tag)
{
    sc_postlog_open(&log->postlog, path, host, tag);
    mail_log_use(log, &log->postlog.base);
}

void sc_mail_log_init(struct sc_mail_log *log, const char *process_name, int verbosity)
{
    const char *postlog = mail_log_from_environment("POSTLOG_SERVICE", NULL);
    char tag[SC_RECORD_TAG_MAX];

    *log = (struct sc_mail_log){.process_name = process_name, .log = {.verbosity = verbosity}};
    sc_syslog_init(&log->syslog);
    sc_postlog_init(&log->postlog);
    sc_stderr_init(&log->to_stderr, process_name, NULL);
    mail_log_make_tag(log, mail_log_from_environment("MAIL_LOGTAG", "postfix"), tag);
    if (postlog)
        mail_log_use_postlog(log, postlog,
                             mail_log_from_environment("POSTLOG_HOSTNAME", "localhost"), tag);
    else
        mail_log_use_syslog(log, LOG_MAIL, tag);
}

void sc_mail_log_fini(struct sc_mail_log *log)
{
    sc_syslog_fini(&log->syslog);
    sc_postlog_fini(&log->postlog);
    sc_stderr_fini(&log->to_stderr);
}

void sc_mail_log_add_stderr(struct sc_mail_log *log)
{
    if (log->also_stderr)
        return;
    log->also_stderr = true;
    mail_log_use(log, log->log.sink);
}

void sc_mail_log_detach(struct sc_mail_log *log, enum sc_sandbox_mode mode)
{
    if (log->also_stderr)
        sc_standard_error_detach(&log->to_stderr, &log->log, mode);
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
    char where[SC_DIAG_TEXT_MAX], path[SC_CHANNEL_PATH_MAX];

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

static void mail_log_open_postlog(struct sc_mail_log *log, const struct sc_params *params,
                                  const char *tag)
{
    char path[SC_CHANNEL_PATH_MAX];

    snprintf(log->relative_path, sizeof(log->relative_path), "public/%s",
             params->mail_log.postlog_service_name);
    snprintf(path, sizeof(path), "%s/public/%s", params->host.queue_directory,
             params->mail_log.postlog_service_name);
    mail_log_use_postlog(log, path, params->mail_log.myhostname, tag);
}

int sc_mail_log_open(struct sc_mail_log *log, const struct sc_params *params)
{
    char problem[SC_DIAG_TEXT_MAX], tag[SC_RECORD_TAG_MAX];
    int error = sc_mail_log_check(params, problem, sizeof(problem));

    mail_log_make_tag(log, params->mail_log.syslog_name, tag);
    if (error < 0)
        sc_log(&log->log, SC_FATAL, "%s", problem);
    else if (params->mail_log.maillog_file[0] != '\0')
        mail_log_open_postlog(log, params, tag);
    else
        mail_log_use_syslog(log, params->mail_log.syslog_facility, tag);
    return error;
}

/* The socket is open already; the path is for when it must be connected again. */
void sc_mail_log_enter_jail(struct sc_mail_log *log, bool jailed)
{
    if (jailed && log->relative_path[0] != '\0')
        sc_channel_set_path(&log->postlog.channel, log->relative_path);
}
