/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_MAIL_LOG_H
#define SC_HOST_MAIL_LOG_H

/*
 * The log of a process that Postfix started: before its configuration is
 * read, as the environment says; afterwards, as the parameters say.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "config/params.h"
#include "confine/mode.h"
#include "log/postlog.h"
#include "log/stderr.h"
#include "log/syslog.h"
#include "log/tee.h"

struct sc_mail_log {
    struct sc_log log;
    struct sc_syslog syslog;
    struct sc_postlog postlog;
    struct sc_stderr to_stderr;
    struct sc_tee tee;
    const char *process_name; /* borrowed */
    bool also_stderr;
    char relative_path[SC_CHANNEL_PATH_MAX]; /* of the postlog socket, seen from the queue */
};

void sc_mail_log_init(struct sc_mail_log *log, const char *process_name, int verbosity);
void sc_mail_log_fini(struct sc_mail_log *log);

/* From now on each record goes to standard error as well. */
void sc_mail_log_add_stderr(struct sc_mail_log *log);

/* From now on standard error makes nobody wait either; that may take a process, so confined. */
void sc_mail_log_detach(struct sc_mail_log *log, enum sc_sandbox_mode mode);

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
