/* SPDX-License-Identifier: BSD-2-Clause */
#include "io/peer.h"

#include <errno.h>
#include <sys/socket.h>

/* The type of a socket, or -1. */
static int socket_type(int fd)
{
    int type;
    socklen_t size = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 ? type : -1;
}

bool sc_io_is_socket(int fd)
{
    return socket_type(fd) >= 0;
}

bool sc_io_is_stream(int fd)
{
    return socket_type(fd) == SOCK_STREAM;
}

bool sc_io_peer_is_gone(int fd)
{
    char byte;

    if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0)
        return true; /* end of file, or words that nobody asked for */
    return errno == ECONNRESET || errno == ETIMEDOUT || errno == EPIPE;
}
