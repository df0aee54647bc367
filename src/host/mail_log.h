/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_MAIL_LOG_H
#define SC_HOST_MAIL_LOG_H

/*
 * The log of a process that Postfix started: before its configuration is
 * read, as the environment says; afterwards, as the parameters say. Warnings
 * about the configuration are kept until it is known where they belong.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/log.h"
#include "config/params.h"
#include "log/sink.h"

struct sc_mail_log {
    struct sc_log log;
    struct sc_sink sink;
    const char *process_name;             /* borrowed */
    struct sc_buf warnings;               /* each ends with NUL */
    char relative_path[SC_SINK_PATH_MAX]; /* of the postlog socket, seen from the queue */
};

void sc_mail_log_init(struct sc_mail_log *log, const char *process_name, int verbosity,
                      bool also_stderr);
void sc_mail_log_fini(struct sc_mail_log *log);

/* Keeps a warning; without memory it is logged at once. */
void sc_mail_log_keep_warning(struct sc_mail_log *log, const char *text);
void sc_mail_log_flush_warnings(struct sc_mail_log *log);

/*
 * Whether the parameters name a place where the log may go. Returns 0, or
 * -EINVAL with the problem described.
 */
SC_MUST_CHECK int sc_mail_log_check(const struct sc_params *params, char *problem, size_t size);

/* Goes on as the parameters say. Returns 0, or -EINVAL with the reason logged. */
SC_MUST_CHECK int sc_mail_log_open(struct sc_mail_log *log, const struct sc_params *params);

/* The process now lives in the queue directory, in a jail or not. */
void sc_mail_log_enter_jail(struct sc_mail_log *log, bool jailed);

#endif
