/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions about foreign descriptors that the kernel answers without taking
 * the descriptor's own lock. It opens, closes and changes nothing, and it
 * decides nothing about what becomes of a connection that is dead.
 */
#include "io/peer.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

/* TCP over several paths; C libraries before 2.32 do not name it. */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* One of the options that the socket layer itself answers, or -1: it is no socket. */
static int peer_option(int fd, int option)
{
    int value;
    socklen_t size = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

/* A raw socket may carry TCP's number too, so this alone does not make it a stream. */
static bool peer_protocol_is_tcp(int fd)
{
    int protocol = peer_option(fd, SO_PROTOCOL);

    return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
}

static bool peer_is_judgeable(int fd, int domain)
{
    bool known = domain == AF_UNIX ||
                 ((domain == AF_INET || domain == AF_INET6) && peer_protocol_is_tcp(fd));

    return known && peer_option(fd, SO_TYPE) == SOCK_STREAM && peer_option(fd, SO_ACCEPTCONN) == 0;
}

uint8_t sc_peer_nature(int fd)
{
    int domain = peer_option(fd, SO_DOMAIN);

    if (domain < 0)
        return 0;
    return peer_is_judgeable(fd, domain) ? SC_PEER_SOCKET | SC_PEER_JUDGEABLE : SC_PEER_SOCKET;
}

uint64_t sc_peer_cookie(int fd)
{
    uint64_t cookie;
    socklen_t size = sizeof(cookie);

    return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

/* Returns whether the kernel has answered. A signal that is pending comes first. */
static bool peer_poll(struct pollfd *looked, size_t count)
{
    int result;

    do
        result = poll(looked, count, 0);
    while (result < 0 && errno == EINTR);
    return result >= 0;
}

void sc_peer_look(const int *fds, size_t count, bool *dead)
{
    struct pollfd looked[SC_PEER_LOOK_MAX];

    assert(count <= SC_PEER_LOOK_MAX);
    for (size_t i = 0; i < count; i++)
        looked[i] = (struct pollfd){.fd = fds[i], .events = POLLIN | POLLRDHUP};
    bool answered = peer_poll(looked, count);
    /* Many take memory that there may not be; for one the kernel takes none. */
    for (size_t i = 0; i < count; i++)
        dead[i] = (answered || peer_poll(&looked[i], 1)) && looked[i].revents != 0;
}

bool sc_peer_is_socket(int fd)
{
    return peer_option(fd, SO_DOMAIN) >= 0;
}
