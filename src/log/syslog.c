/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records for the system's log: priority, date, tag, text. How they get there
 * is the channel's affair.
 */
#include "log/syslog.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/stamp.h"

static void syslog_write(struct sc_log_sink *base, enum sc_severity severity, const char *text,
                         size_t length)
{
    struct sc_syslog *syslog = SC_CONTAINER_OF(base, struct sc_syslog, base);
    char stamp[SC_STAMP_SIZE];
    char record[SC_RECORD_MAX];

    sc_stamp(stamp, time(NULL));
    int size = snprintf(record, sizeof(record), "<%d>%s %s[%ld]: %.*s",
                        syslog->facility | sc_record_priority(severity), stamp, syslog->tag,
                        (long)getpid(), (int)length, text);
    sc_channel_send(&syslog->channel, (struct sc_bytes){record, (size_t)size});
    base->is_behind = sc_channel_is_behind(&syslog->channel);
}

static void syslog_flush(struct sc_log_sink *base)
{
    struct sc_syslog *syslog = SC_CONTAINER_OF(base, struct sc_syslog, base);

    sc_channel_flush(&syslog->channel, base);
    base->is_behind = sc_channel_is_behind(&syslog->channel);
}

static void syslog_settle(struct sc_log_sink *base, int patience)
{
    struct sc_syslog *syslog = SC_CONTAINER_OF(base, struct sc_syslog, base);

    sc_channel_settle(&syslog->channel, base, patience);
}

void sc_syslog_init(struct sc_syslog *syslog)
{
    *syslog = (struct sc_syslog){
        .base = {.write = syslog_write, .flush = syslog_flush, .settle = syslog_settle}};
    sc_channel_init(&syslog->channel, true);
}

void sc_syslog_fini(struct sc_syslog *syslog)
{
    sc_channel_fini(&syslog->channel);
}

void sc_syslog_open(struct sc_syslog *syslog, const char *path, int facility, const char *tag)
{
    syslog->facility = facility;
    snprintf(syslog->tag, sizeof(syslog->tag), "%s", tag);
    sc_channel_connect(&syslog->channel, path);
}
