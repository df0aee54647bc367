/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records for postlogd(8): date, host, tag, text. How they get there is the
 * channel's affair.
 */
#include "log/postlog.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/stamp.h"

static void postlog_write(struct sc_log_sink *base, enum sc_severity severity, const char *text,
                          size_t length)
{
    struct sc_postlog *postlog = SC_CONTAINER_OF(base, struct sc_postlog, base);
    char stamp[SC_STAMP_SIZE];
    char record[SC_RECORD_MAX];

    (void)severity; /* It stands in the text already. */
    sc_stamp_with_zero(stamp, time(NULL));
    int size = snprintf(record, sizeof(record), "%s %s %s[%ld]: %.*s", stamp, postlog->host,
                        postlog->tag, (long)getpid(), (int)length, text);
    sc_channel_send(&postlog->channel, (struct sc_bytes){record, (size_t)size});
    base->is_behind = sc_channel_is_behind(&postlog->channel);
}

static void postlog_flush(struct sc_log_sink *base)
{
    struct sc_postlog *postlog = SC_CONTAINER_OF(base, struct sc_postlog, base);

    sc_channel_flush(&postlog->channel, base);
    base->is_behind = sc_channel_is_behind(&postlog->channel);
}

static void postlog_settle(struct sc_log_sink *base, int patience)
{
    struct sc_postlog *postlog = SC_CONTAINER_OF(base, struct sc_postlog, base);

    sc_channel_settle(&postlog->channel, base, patience);
}

void sc_postlog_init(struct sc_postlog *postlog)
{
    *postlog = (struct sc_postlog){
        .base = {.write = postlog_write, .flush = postlog_flush, .settle = postlog_settle}};
    sc_channel_init(&postlog->channel, true);
}

void sc_postlog_fini(struct sc_postlog *postlog)
{
    sc_channel_fini(&postlog->channel);
}

void sc_postlog_open(struct sc_postlog *postlog, const char *path, const char *host,
                     const char *tag)
{
    snprintf(postlog->host, sizeof(postlog->host), "%s", host);
    postlog->host[strcspn(postlog->host, ".")] = '\0';
    snprintf(postlog->tag, sizeof(postlog->tag), "%s", tag);
    sc_channel_connect(&postlog->channel, path);
}
