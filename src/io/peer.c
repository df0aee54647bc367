/* SPDX-License-Identifier: BSD-2-Clause */
#include "io/peer.h"

#include <errno.h>
#include <sys/socket.h>

/* The type of a socket, or -1. */
static int peer_socket_type(int fd)
{
    int type;
    socklen_t size = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 ? type : -1;
}

bool sc_io_is_socket(int fd)
{
    return peer_socket_type(fd) >= 0;
}

enum sc_peer sc_io_look_at_peer(int fd)
{
    char byte;

    /* Mostly nothing is there, and nothing more need be asked. */
    ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && errno == ENOTSOCK)
        return SC_PEER_NONE;
    bool speaks = got >= 0; /* an end of file, or words that nobody asked for */
    bool lost = got < 0 && (errno == ECONNRESET || errno == ETIMEDOUT || errno == EPIPE);
    if ((speaks || lost) && peer_socket_type(fd) == SOCK_STREAM)
        return SC_PEER_GONE;
    return SC_PEER_SILENT;
}
