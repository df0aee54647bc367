/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names the two ends of a connection, in numbers. No name server is asked.
 */
#include "peer.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

union any_address {
    struct sockaddr any;
    struct sockaddr_storage storage;
    struct sockaddr_un local;
};

static bool peer_is_inet(const union any_address *address)
{
    return address->any.sa_family == AF_INET || address->any.sa_family == AF_INET6;
}

/* A datagram socket has a peer too, but is no connection in this sense. */
static bool peer_is_stream(int fd)
{
    int type = 0;
    socklen_t length = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
}

static bool peer_split_address(const union any_address *from, socklen_t length,
                               struct sc_ctl_address *address)
{
    return peer_is_inet(from) &&
           getnameinfo(&from->any, length, address->host, sizeof(address->host), address->port,
                       sizeof(address->port), NI_NUMERICHOST | NI_NUMERICSERV) == 0;
}

bool sc_ctl_peer_address(int fd, struct sc_ctl_address *address)
{
    union any_address from = {.storage = {.ss_family = AF_UNSPEC}};
    socklen_t length = sizeof(from);

    return peer_is_stream(fd) && getpeername(fd, &from.any, &length) == 0 &&
           peer_split_address(&from, length, address);
}

bool sc_ctl_peer_local_address(int fd, struct sc_ctl_address *address)
{
    union any_address from = {.storage = {.ss_family = AF_UNSPEC}};
    socklen_t length = sizeof(from);

    return getsockname(fd, &from.any, &length) == 0 && peer_split_address(&from, length, address);
}

bool sc_ctl_peer_path(int fd, char *text, size_t size)
{
    union any_address from = {.storage = {.ss_family = AF_UNSPEC}};
    socklen_t length = sizeof(from);

    if (!peer_is_stream(fd) || getpeername(fd, &from.any, &length) < 0 ||
        from.any.sa_family != AF_UNIX || from.local.sun_path[0] == '\0')
        return false;
    /* The longest path has no NUL behind it. */
    snprintf(text, size, "%.*s", (int)sizeof(from.local.sun_path), from.local.sun_path);
    return true;
}

bool sc_ctl_peer_name(int fd, char *text, size_t size)
{
    struct sc_ctl_address address;
    char path[SC_CTL_PEER_SIZE];

    if (sc_ctl_peer_address(fd, &address)) {
        bool has_colons = strchr(address.host, ':') != NULL;
        const char *format = has_colons ? "tcp:[%s]:%s" : "tcp:%s:%s";
        snprintf(text, size, format, address.host, address.port);
        return true;
    }
    if (!sc_ctl_peer_path(fd, path, sizeof(path)))
        return false;
    snprintf(text, size, "unix:%s", path);
    return true;
}
