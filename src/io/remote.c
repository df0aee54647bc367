/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections that clients bring along. It neither opens any nor moves bytes.
 */
#include "io/remote.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union remote_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

static int remote_option(int fd, int option)
{
    int value;
    socklen_t size = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -errno;
}

static int remote_write_peer(const union remote_address *address, socklen_t length,
                             char peer[SC_REMOTE_PEER_SIZE])
{
    char host[INET6_ADDRSTRLEN];

    switch (address->any.sa_family) {
    case AF_INET:
        if (!inet_ntop(AF_INET, &address->v4.sin_addr, host, sizeof(host)))
            return -errno;
        snprintf(peer, SC_REMOTE_PEER_SIZE, "%s:%u", host, ntohs(address->v4.sin_port));
        return 0;
    case AF_INET6:
        if (!inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof(host)))
            return -errno;
        snprintf(peer, SC_REMOTE_PEER_SIZE, "[%s]:%u", host, ntohs(address->v6.sin6_port));
        return 0;
    case AF_UNIX:
        if (length <= offsetof(struct sockaddr_un, sun_path) || address->local.sun_path[0] == '\0')
            snprintf(peer, SC_REMOTE_PEER_SIZE, "unix");
        else
            snprintf(peer, SC_REMOTE_PEER_SIZE, "unix:%.*s",
                     (int)(length - offsetof(struct sockaddr_un, sun_path)),
                     address->local.sun_path);
        return 0;
    default:
        return -EPROTOTYPE;
    }
}

int sc_remote_examine(int fd, char peer[SC_REMOTE_PEER_SIZE])
{
    union remote_address address = {.any = {.sa_family = AF_UNSPEC}};
    socklen_t length = sizeof(address);
    int type = remote_option(fd, SO_TYPE);

    if (type < 0)
        return -ENOTSOCK;
    if (type != SOCK_STREAM)
        return -EPROTOTYPE;
    if (getpeername(fd, &address.any, &length) < 0)
        return -ENOTCONN;
    return remote_write_peer(&address, length, peer);
}

void sc_remote_hurry(int fd)
{
    const int on = 1;

    /* What is no TCP knows nothing of it. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void sc_remote_end_output(int fd)
{
    /* It fails only when the connection is lost. */
    (void)shutdown(fd, SHUT_WR);
}

size_t sc_remote_unacknowledged(int fd)
{
    int length;

    return ioctl(fd, SIOCOUTQ, &length) == 0 && length > 0 ? (size_t)length : 0;
}

void sc_remote_close(int fd)
{
    const struct linger none = {0};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    close(fd);
}
