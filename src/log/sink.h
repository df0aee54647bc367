/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOG_SINK_H
#define SC_LOG_SINK_H

/*
 * Where log records go: the system's log, Postfix's postlog service, or
 * standard error. Each record is one datagram over a socket of our own, sent
 * without waiting: the C library's syslog(3) hangs without limit when nobody
 * reads /dev/log. Records that cannot be sent at once wait, up to a bound, for
 * the next flush; those beyond it are counted, and the count is reported with
 * the next one that can be sent.
 *
 * Time stamps are local time; the time zone must have been read (tzset)
 * before the process enters a jail.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/log.h"

enum { SC_SINK_TAG_MAX = 256, SC_SINK_PATH_MAX = 108, SC_SINK_HOST_MAX = 256 };

enum sc_sink_kind { SC_SINK_STDERR, SC_SINK_SYSLOG, SC_SINK_POSTLOG };

struct sc_sink {
    struct sc_log_sink base;
    enum sc_sink_kind kind;
    int fd;
    int facility;
    bool also_stderr;
    bool is_stream;
    uint64_t lost;
    struct sc_buf backlog;       /* records that wait, each behind its length */
    char path[SC_SINK_PATH_MAX]; /* to connect to, again if need be */
    char tag[SC_SINK_TAG_MAX];
    char host[SC_SINK_HOST_MAX];
};

/* A sink that writes to standard error. It cannot fail. */
void sc_sink_init(struct sc_sink *sink, const char *tag);

/* Waits a few hundredths of a second at most for records to be sent. */
void sc_sink_fini(struct sc_sink *sink);

/* Cut to what fits. */
void sc_sink_set_tag(struct sc_sink *sink, const char *tag);

/* facility: as LOG_MAIL. From the next record on; a failure is only counted. */
void sc_sink_use_syslog(struct sc_sink *sink, const char *path, int facility);

/* host: the name put into each record, of which only the first label is used. */
void sc_sink_use_postlog(struct sc_sink *sink, const char *path, const char *host);

/* Whether records wait to be flushed. */
bool sc_sink_is_behind(const struct sc_sink *sink);

/* Sends what waits, as far as that goes without waiting. */
void sc_sink_flush(struct sc_sink *sink);

/* From now on the path is this one, as seen inside a jail. */
void sc_sink_set_path(struct sc_sink *sink, const char *path);

#endif
