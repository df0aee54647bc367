/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOG_POSTLOG_H
#define SC_LOG_POSTLOG_H

/*
 * A sink that sends records to Postfix's postlogd(8), a datagram each, which
 * writes them into a file as they are. So they look like the lines of a log
 * file, as Postfix itself writes them there: the day has a leading zero. Time
 * stamps are local time, as for the system's log.
 */

#include "log/channel.h"
#include "log/record.h"

struct sc_postlog {
    struct sc_log_sink base;
    struct sc_channel channel;
    char host[SC_RECORD_HOST_MAX];
    char tag[SC_RECORD_TAG_MAX];
};

/* Not connected to anything yet. */
void sc_postlog_init(struct sc_postlog *postlog);
void sc_postlog_fini(struct sc_postlog *postlog);

/* From the next record on. @host is put into each, of which only the first label is used. */
void sc_postlog_open(struct sc_postlog *postlog, const char *path, const char *host,
                     const char *tag);

#endif
