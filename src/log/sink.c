/* SPDX-License-Identifier: BSD-2-Clause */
#include "log/sink.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/stamp.h"

/* How much may wait to be sent, and how often and long the end waits for that. */
enum { BACKLOG_MAX = 256 * 1024, LAST_WAITS = 10, LAST_WAIT_MS = 5 };

enum { RECORD_MAX = SC_LOG_PREFIX_MAX + SC_LOG_TEXT_MAX + SC_SINK_TAG_MAX + SC_SINK_HOST_MAX + 64 };

static const int priorities[] = {
    [SC_INFO] = LOG_INFO,  [SC_WARNING] = LOG_WARNING, [SC_ERROR] = LOG_ERR,
    [SC_FATAL] = LOG_CRIT, [SC_PANIC] = LOG_CRIT,
};

static void sink_set_text(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text);
}

static int sink_connect_as(const struct sockaddr_un *address, int type)
{
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static void sink_disconnect(struct sc_sink *sink)
{
    if (sink->fd >= 0)
        close(sink->fd);
    sink->fd = -1;
}

/* Most system logs listen for datagrams; a few still for a stream. */
static void sink_reconnect(struct sc_sink *sink)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    sink_disconnect(sink);
    memcpy(address.sun_path, sink->path, sizeof(address.sun_path));
    sink->is_stream = false;
    sink->fd = sink_connect_as(&address, SOCK_DGRAM);
    if (sink->fd < 0 && errno == EPROTOTYPE) {
        sink->fd = sink_connect_as(&address, SOCK_STREAM);
        sink->is_stream = sink->fd >= 0;
    }
}

static int sink_send_record(struct sc_sink *sink, struct sc_bytes record)
{
    /* On a stream the NUL behind the record ends it; it is there. */
    size_t size = record.length + (sink->is_stream ? 1 : 0);

    if (sink->fd < 0)
        return -ENOTCONN;
    ssize_t sent = send(sink->fd, record.data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
        return -EAGAIN;
    if (sent == (ssize_t)size)
        return 0;
    sink_disconnect(sink);
    return -ENOTCONN;
}

/* The log's reader may have gone and come back: tries a fresh socket once. */
static int sink_deliver(struct sc_sink *sink, struct sc_bytes record)
{
    int error = sink_send_record(sink, record);

    if (error == -ENOTCONN) {
        sink_reconnect(sink);
        error = sink_send_record(sink, record);
    }
    return error;
}

/* Lets a record wait. Returns false if there is no room for it. */
static bool sink_keep(struct sc_sink *sink, struct sc_bytes record)
{
    struct sc_bytes length = {(const char *)&record.length, sizeof(record.length)};
    struct sc_bytes with_nul = {record.data, record.length + 1};

    if (sc_buf_length(&sink->backlog) + length.length + with_nul.length > BACKLOG_MAX ||
        sc_buf_reserve(&sink->backlog, length.length + with_nul.length) < 0)
        return false;
    /* There is room: neither can fail. */
    return sc_buf_append(&sink->backlog, length) == 0 &&
           sc_buf_append(&sink->backlog, with_nul) == 0;
}

static size_t sink_format(const struct sc_sink *sink, enum sc_severity severity, const char *text,
                          size_t length, char *record)
{
    char stamp[SC_STAMP_SIZE];
    char origin[SC_SINK_HOST_MAX + 1] = "";
    char priority[16] = "";

    sc_stamp(stamp, time(NULL));
    if (sink->kind == SC_SINK_SYSLOG)
        snprintf(priority, sizeof(priority), "<%d>", sink->facility | priorities[severity]);
    else
        snprintf(origin, sizeof(origin), "%s ", sink->host);
    int size = snprintf(record, RECORD_MAX, "%s%s %s%s[%ld]: %.*s", priority, stamp, origin,
                        sink->tag, (long)getpid(), (int)length, text);
    return size < RECORD_MAX ? (size_t)size : RECORD_MAX - 1;
}

static void sink_write_stderr(const struct sc_sink *sink, const char *text, size_t length)
{
    char line[SC_SINK_TAG_MAX + SC_LOG_PREFIX_MAX + SC_LOG_TEXT_MAX + 8];
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
    int size = snprintf(line, sizeof(line), "%s: %.*s\n", sink->tag, (int)length, text);

    /* A pipe that is ready takes a whole line; one that is full loses it. */
    if (poll(&ready, 1, 0) == 1 && write(STDERR_FILENO, line, (size_t)size) < 0)
        return;
}

static void sink_send_or_keep(struct sc_sink *sink, struct sc_bytes record)
{
    if (sc_sink_is_behind(sink))
        sc_sink_flush(sink);
    if (!sc_sink_is_behind(sink) && sink_deliver(sink, record) == 0)
        return;
    if (!sink_keep(sink, record))
        sink->lost++;
}

static void sink_report_lost(struct sc_sink *sink)
{
    char record[RECORD_MAX];
    char text[96];
    int length = snprintf(text, sizeof(text),
                          "warning: %" PRIu64 " log records before this one were lost", sink->lost);

    size_t size = sink_format(sink, SC_WARNING, text, (size_t)length, record);
    struct sc_bytes report = {record, size};
    if (sink_deliver(sink, report) == 0 || sink_keep(sink, report))
        sink->lost = 0;
}

bool sc_sink_is_behind(const struct sc_sink *sink)
{
    return sc_buf_length(&sink->backlog) > 0;
}

void sc_sink_flush(struct sc_sink *sink)
{
    while (sc_sink_is_behind(sink)) {
        struct sc_bytes record = sc_buf_bytes(&sink->backlog);
        size_t length;
        memcpy(&length, record.data, sizeof(length));
        record = (struct sc_bytes){record.data + sizeof(length), length};
        if (sink_deliver(sink, record) < 0)
            return;
        sc_buf_consume(&sink->backlog, sizeof(length) + length + 1);
    }
    sc_buf_clear(&sink->backlog, 0);
    if (sink->lost > 0)
        sink_report_lost(sink);
}

static void sink_write(struct sc_log_sink *base, enum sc_severity severity, const char *text,
                       size_t length)
{
    struct sc_sink *sink = SC_CONTAINER_OF(base, struct sc_sink, base);
    char record[RECORD_MAX];

    if (sink->kind == SC_SINK_STDERR || sink->also_stderr)
        sink_write_stderr(sink, text, length);
    if (sink->kind == SC_SINK_STDERR)
        return;
    size_t size = sink_format(sink, severity, text, length, record);
    sink_send_or_keep(sink, (struct sc_bytes){record, size});
}

void sc_sink_init(struct sc_sink *sink, const char *tag)
{
    *sink = (struct sc_sink){.base = {sink_write}, .kind = SC_SINK_STDERR, .fd = -1};
    sc_buf_init(&sink->backlog);
    sc_sink_set_tag(sink, tag);
}

void sc_sink_fini(struct sc_sink *sink)
{
    struct pollfd ready = {.events = POLLOUT};

    for (int i = 0; i < LAST_WAITS && sc_sink_is_behind(sink); i++) {
        ready.fd = sink->fd;
        (void)poll(&ready, 1, LAST_WAIT_MS);
        sc_sink_flush(sink);
    }
    sc_buf_fini(&sink->backlog);
    sink_disconnect(sink);
}

void sc_sink_set_tag(struct sc_sink *sink, const char *tag)
{
    sink_set_text(sink->tag, sizeof(sink->tag), tag);
}

void sc_sink_set_path(struct sc_sink *sink, const char *path)
{
    sink_set_text(sink->path, sizeof(sink->path), path);
}

void sc_sink_use_syslog(struct sc_sink *sink, const char *path, int facility)
{
    sink->kind = SC_SINK_SYSLOG;
    sink->facility = facility;
    sc_sink_set_path(sink, path);
    sink_reconnect(sink);
}

void sc_sink_use_postlog(struct sc_sink *sink, const char *path, const char *host)
{
    sink->kind = SC_SINK_POSTLOG;
    sink_set_text(sink->host, sizeof(sink->host), host);
    sink->host[strcspn(sink->host, ".")] = '\0';
    sc_sink_set_path(sink, path);
    sink_reconnect(sink);
}
