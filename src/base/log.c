/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making log records: severity, text that prints, and a limit to how many of
 * a kind there are. Where they go is the sink's affair.
 */
#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LIMIT_INTERVAL_MS = 10000, LIMIT_NOTE_MAX = 64 };

static const char *const prefixes[] = {
    [SC_INFO] = "",         [SC_WARNING] = "warning: ", [SC_ERROR] = "error: ",
    [SC_FATAL] = "fatal: ", [SC_PANIC] = "panic: ",
};

static void log_make_printable(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            text[i] = '?';
}

void sc_log_list(struct sc_log *log, enum sc_severity severity, const char *format,
                 va_list arguments)
{
    char record[SC_LOG_PREFIX_MAX + SC_LOG_TEXT_MAX + 1];
    size_t prefix = strlen(prefixes[severity]);

    memcpy(record, prefixes[severity], prefix);
    int length = vsnprintf(record + prefix, SC_LOG_TEXT_MAX + 1, format, arguments);
    if (length < 0)
        length = 0;
    if (length > SC_LOG_TEXT_MAX)
        length = SC_LOG_TEXT_MAX;
    log_make_printable(record + prefix, (size_t)length);
    log->sink->write(log->sink, severity, record, prefix + (size_t)length);
}

void sc_log(struct sc_log *log, enum sc_severity severity, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    sc_log_list(log, severity, format, arguments);
    va_end(arguments);
}

void sc_log_flush(struct sc_log *log)
{
    if (log->sink->flush)
        log->sink->flush(log->sink);
}

void sc_log_settle(struct sc_log *log, int patience)
{
    if (log->sink->settle)
        log->sink->settle(log->sink, patience);
}

void sc_log_limited(struct sc_log *log, struct sc_log_limit *limit, int64_t now,
                    enum sc_severity severity, const char *format, ...)
{
    char text[SC_LOG_TEXT_MAX + 1];
    size_t size = sizeof(text) - (limit->withheld > 0 ? LIMIT_NOTE_MAX : 0);
    va_list arguments;

    if (now < limit->next) {
        limit->withheld++;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text, size, format, arguments);
    va_end(arguments);
    if (limit->withheld > 0)
        sc_log(log, severity, "%s (and %" PRIu64 " more like it)", text, limit->withheld);
    else
        sc_log(log, severity, "%s", text);
    limit->withheld = 0;
    limit->next = now + LIMIT_INTERVAL_MS;
}
