/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BASE_LOG_H
#define SC_BASE_LOG_H

/*
 * Log records as Postfix users know them: a severity prefix and one line of
 * text, in which bytes that do not print have become question marks. Where
 * the records go is the sink's affair. A sink never blocks.
 *
 * A record is made in automatic memory, so that running out of memory can be
 * logged too.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

enum sc_severity { SC_INFO, SC_WARNING, SC_ERROR, SC_FATAL, SC_PANIC };

enum {
    SC_LOG_TEXT_MAX = 2000, /* bytes of text; what is longer is cut */
    SC_LOG_PREFIX_MAX = 16,
};

/* A sink that keeps nothing needs to do no more than write; the rest may be null. */
struct sc_log_sink {
    void (*write)(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                  size_t length);
    void (*flush)(struct sc_log_sink *sink);                /* sends what waits to be sent */
    void (*settle)(struct sc_log_sink *sink, int patience); /* the same at the very end, in ms */
    bool is_behind;                                         /* something waits */
};

struct sc_log {
    struct sc_log_sink *sink; /* borrowed */
    int verbosity;            /* 0, 1: requests, 2: attributes */
};

void sc_log(struct sc_log *log, enum sc_severity severity, const char *format, ...) SC_PRINTF(3, 4);
void sc_log_list(struct sc_log *log, enum sc_severity severity, const char *format,
                 va_list arguments) SC_PRINTF(3, 0);

/* Whether records wait, and sends them as far as that goes without waiting. */
static inline bool sc_log_is_behind(const struct sc_log *log)
{
    return log->sink->is_behind;
}

void sc_log_flush(struct sc_log *log);

/* Waits for what waits, for @patience milliseconds at most: the process is about to exit. */
void sc_log_settle(struct sc_log *log, int patience);

/* For a view in a format: "%.*s", SC_LOG_VIEW(bytes). */
#define SC_LOG_VIEW(bytes)                                                                         \
    (int)((bytes).length < SC_LOG_TEXT_MAX ? (bytes).length : SC_LOG_TEXT_MAX),                    \
        ((bytes).data ? (bytes).data : "")

/*
 * Lets the first record of its kind through at once and then one in every ten
 * seconds, which says how many were kept back.
 */
struct sc_log_limit {
    int64_t next; /* monotonic milliseconds */
    uint64_t withheld;
};

void sc_log_limited(struct sc_log *log, struct sc_log_limit *limit, int64_t now,
                    enum sc_severity severity, const char *format, ...) SC_PRINTF(5, 6);

#endif
