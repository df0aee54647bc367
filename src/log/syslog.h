/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOG_SYSLOG_H
#define SC_LOG_SYSLOG_H

/*
 * A sink that sends records to the system's log, as syslog(3) does but without
 * ever waiting. Time stamps are local time; the time zone must have been read
 * (tzset) before the process enters a jail.
 */

#include "log/channel.h"
#include "log/record.h"

struct sc_syslog {
    struct sc_log_sink base;
    struct sc_channel channel;
    int facility; /* as LOG_MAIL */
    char tag[SC_RECORD_TAG_MAX];
};

/* Not connected to anything yet. */
void sc_syslog_init(struct sc_syslog *syslog);
void sc_syslog_fini(struct sc_syslog *syslog);

/* From the next record on. */
void sc_syslog_open(struct sc_syslog *syslog, const char *path, int facility, const char *tag);

#endif
