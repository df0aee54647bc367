/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOG_CHANNEL_H
#define SC_LOG_CHANNEL_H

/*
 * Records on their way over a local socket to whoever keeps the log, sent
 * without ever waiting: the C library's syslog(3) hangs without limit when
 * nobody reads /dev/log. A record that cannot be sent at once waits, up to a
 * bound, for the next flush; those beyond it are counted.
 *
 * Most logs listen for datagrams, a record each; a few still for a stream. A
 * channel that has a path connects again when its reader was away.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/log.h"

enum { SC_CHANNEL_PATH_MAX = 108 };

struct sc_channel {
    int fd; /* owned; -1: nobody is there */
    bool is_stream;
    bool ends_with_nul;             /* on a stream, each record; else records end as they are */
    uint64_t lost;                  /* records, since that was reported */
    struct sc_buf waiting;          /* records, each behind its length */
    size_t sent;                    /* bytes of the first that waits: a stream takes what it can */
    char path[SC_CHANNEL_PATH_MAX]; /* empty: it cannot connect again */
};

void sc_channel_init(struct sc_channel *channel, bool ends_with_nul);
void sc_channel_fini(struct sc_channel *channel);

/* From the next record on they go to the socket of that name. A failure is only counted. */
void sc_channel_connect(struct sc_channel *channel, const char *path);

/* The socket is now found at another path, as the process has entered a jail. */
void sc_channel_set_path(struct sc_channel *channel, const char *path);

/* Takes a connected socket. There is no way to connect it again. */
void sc_channel_take(struct sc_channel *channel, int fd);

/* There must be a NUL behind the record, which is not counted in its length. */
void sc_channel_send(struct sc_channel *channel, struct sc_bytes record);

/* Whether there is something to flush, or to report. */
bool sc_channel_is_behind(const struct sc_channel *channel);

/* Sends what waits as far as that goes; then says in a record of @sink's how many were lost. */
void sc_channel_flush(struct sc_channel *channel, struct sc_log_sink *sink);

/* Flushes for @patience milliseconds at most. The process is about to exit. */
void sc_channel_settle(struct sc_channel *channel, struct sc_log_sink *sink, int patience);

#endif
