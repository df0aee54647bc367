/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending records, and letting them wait. What a record looks like is the
 * affair of the sinks, and when to flush that of whoever runs the loop.
 */
#include "log/channel.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* How much may wait, and how long one look at the end does. */
enum { CHANNEL_WAITING_MAX = 256 * 1024, CHANNEL_LOOK_MS = 5 };

void sc_channel_init(struct sc_channel *channel, bool ends_with_nul)
{
    *channel = (struct sc_channel){.fd = -1, .ends_with_nul = ends_with_nul};
    sc_buf_init(&channel->waiting);
}

static void channel_disconnect(struct sc_channel *channel)
{
    if (channel->fd >= 0)
        close(channel->fd);
    channel->fd = -1;
    channel->sent = 0; /* Who comes next has seen nothing of it. */
}

void sc_channel_fini(struct sc_channel *channel)
{
    channel_disconnect(channel);
    sc_buf_fini(&channel->waiting);
}

static int channel_dial(const struct sockaddr_un *address, int type)
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

static void channel_connect_again(struct sc_channel *channel)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    channel_disconnect(channel);
    if (channel->path[0] == '\0')
        return;
    memcpy(address.sun_path, channel->path, sizeof(address.sun_path));
    channel->is_stream = false;
    channel->fd = channel_dial(&address, SOCK_DGRAM);
    if (channel->fd < 0 && errno == EPROTOTYPE) {
        channel->fd = channel_dial(&address, SOCK_STREAM);
        channel->is_stream = channel->fd >= 0;
    }
}

void sc_channel_set_path(struct sc_channel *channel, const char *path)
{
    snprintf(channel->path, sizeof(channel->path), "%s", path);
}

void sc_channel_connect(struct sc_channel *channel, const char *path)
{
    sc_channel_set_path(channel, path);
    channel_connect_again(channel);
}

void sc_channel_take(struct sc_channel *channel, int fd)
{
    int type = 0;
    socklen_t size = sizeof(type);

    channel_disconnect(channel);
    channel->path[0] = '\0';
    channel->fd = fd;
    channel->is_stream =
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

/*
 * Sends what is left of a record. Returns 0 when it is gone; -EAGAIN when it
 * must wait; or -ENOTCONN when nobody is there any more.
 */
static int channel_send_rest(struct sc_channel *channel, struct sc_bytes record)
{
    size_t size = record.length + (channel->is_stream && channel->ends_with_nul ? 1 : 0);

    if (channel->fd < 0)
        return -ENOTCONN;
    ssize_t sent = send(channel->fd, record.data + channel->sent, size - channel->sent,
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == EINTR || errno == ENOMEM))
        return -EAGAIN;
    if (sent < 0) {
        channel_disconnect(channel);
        return -ENOTCONN;
    }
    channel->sent += (size_t)sent;
    if (channel->sent < size)
        return -EAGAIN;
    channel->sent = 0;
    return 0;
}

/* The reader may have gone and come back: tries a fresh socket once. */
static int channel_deliver(struct sc_channel *channel, struct sc_bytes record)
{
    int error = channel_send_rest(channel, record);

    if (error == -ENOTCONN) {
        channel_connect_again(channel);
        error = channel_send_rest(channel, record);
    }
    return error;
}

/* Lets a record wait. One that was sent in part always may: the reader waits for its end. */
static void channel_keep(struct sc_channel *channel, struct sc_bytes record)
{
    struct sc_bytes length = {(const char *)&record.length, sizeof(record.length)};
    struct sc_bytes with_nul = {record.data, record.length + 1};
    size_t size = length.length + with_nul.length;

    if ((channel->sent == 0 && sc_buf_length(&channel->waiting) + size > CHANNEL_WAITING_MAX) ||
        sc_buf_reserve(&channel->waiting, size) < 0) {
        channel->lost++;
        channel->sent = 0;
        return;
    }
    sc_buf_add(&channel->waiting, length);
    sc_buf_add(&channel->waiting, with_nul);
}

static void channel_send_waiting(struct sc_channel *channel)
{
    while (sc_buf_length(&channel->waiting) > 0) {
        struct sc_bytes record = sc_buf_bytes(&channel->waiting);
        size_t length;
        memcpy(&length, record.data, sizeof(length));
        record = (struct sc_bytes){record.data + sizeof(length), length};
        if (channel_deliver(channel, record) < 0)
            return;
        sc_buf_consume(&channel->waiting, sizeof(length) + length + 1);
    }
    sc_buf_clear(&channel->waiting, 0);
}

void sc_channel_send(struct sc_channel *channel, struct sc_bytes record)
{
    channel_send_waiting(channel);
    if (sc_buf_length(&channel->waiting) > 0 || channel_deliver(channel, record) < 0)
        channel_keep(channel, record);
}

bool sc_channel_is_behind(const struct sc_channel *channel)
{
    return sc_buf_length(&channel->waiting) > 0 || channel->lost > 0;
}

/* The report is a record like any other, and may be lost like any other. */
static void channel_report_lost(struct sc_channel *channel, struct sc_log_sink *sink)
{
    char text[96];
    uint64_t lost = channel->lost;
    int length = snprintf(text, sizeof(text),
                          "warning: %" PRIu64 " log records before this one were lost", lost);

    channel->lost = 0;
    sink->write(sink, SC_WARNING, text, (size_t)length);
    if (channel->lost > 0)
        channel->lost = lost;
}

void sc_channel_flush(struct sc_channel *channel, struct sc_log_sink *sink)
{
    channel_send_waiting(channel);
    if (sc_buf_length(&channel->waiting) == 0 && channel->lost > 0)
        channel_report_lost(channel, sink);
}

void sc_channel_settle(struct sc_channel *channel, struct sc_log_sink *sink, int patience)
{
    struct pollfd ready = {.events = POLLOUT};

    sc_channel_flush(channel, sink);
    for (int left = patience; left > 0 && sc_channel_is_behind(channel); left -= CHANNEL_LOOK_MS) {
        ready.fd = channel->fd;
        (void)poll(&ready, 1, CHANNEL_LOOK_MS);
        sc_channel_flush(channel, sink);
    }
}
