/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages between the processes of one server. What they lead to is for
 * those who hear them.
 */
#include "relay/link.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/pass.h"

enum { PATIENCE_MS = 10000 };

int sc_link_open(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ? -errno : 0;
}

int sc_link_wait(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int result;

    do
        result = poll(&ready, 1, PATIENCE_MS);
    while (result < 0 && errno == EINTR);
    if (result < 0)
        return -errno;
    return result == 0 ? -ETIMEDOUT : 0;
}

static size_t link_length(const struct sc_link_message *message)
{
    size_t length = offsetof(struct sc_link_message, settings);

    switch (message->word) {
    case SC_LINK_SETTINGS:
        return length + sizeof(message->settings);
    case SC_LINK_ALLOWANCE:
        return length + sizeof(message->allowance);
    case SC_LINK_COUNTS:
        return length + sizeof(message->counts);
    case SC_LINK_TALLY:
        return length + sizeof(message->tally);
    case SC_LINK_LOG:
        return length + offsetof(struct sc_link_log, text) + strlen(message->log.text) + 1;
    default:
        return length;
    }
}

int sc_link_say(int fd, const struct sc_link_message *message, int carried)
{
    struct sc_bytes bytes = {(const char *)message, link_length(message)};
    ssize_t sent;

    do
        sent = sc_pass_send(fd, bytes, carried);
    while (sent == -EINTR);
    return sent < 0 ? (int)sent : 0;
}

/* Whether a message is as long as its word asks for; a text ends within it. */
static bool link_is_whole(struct sc_link_message *message, size_t length)
{
    if (length < offsetof(struct sc_link_message, settings) ||
        (unsigned)message->word > SC_LINK_LIST_OTHERS)
        return false;
    if (message->word == SC_LINK_LOG) {
        message->log.text[SC_LOG_TEXT_MAX] = '\0';
        return (unsigned)message->log.severity <= SC_PANIC &&
               length > offsetof(struct sc_link_message, log.text);
    }
    return length == link_length(message);
}

int sc_link_hear(int fd, struct sc_link_message *message, int *carried)
{
    struct sc_received received;
    int error;

    *carried = -1;
    memset(message, 0, sizeof(*message));
    do
        error = sc_pass_receive(fd, message, sizeof(*message), &received);
    while (error == -EINTR);
    if (error < 0)
        return error == -EAGAIN ? error : -EPIPE;
    for (size_t i = 0; i < received.surplus_count; i++)
        close(received.surplus[i]);
    if (received.length == 0)
        return -EPIPE;
    if (!received.bad && link_is_whole(message, received.length)) {
        *carried = received.fd;
        return 0;
    }
    if (received.fd >= 0)
        close(received.fd);
    return -EPROTO;
}
