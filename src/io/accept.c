/* SPDX-License-Identifier: BSD-2-Clause */
#include "io/accept.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

int sc_io_accept(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

#ifdef SO_PEERCRED
int sc_io_peer_user(int socket, uid_t *user)
{
    struct ucred credentials;
    socklen_t size = sizeof(credentials);

    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
        return -errno;
    *user = credentials.uid;
    return 0;
}
#else
int sc_io_peer_user(int socket, uid_t *user)
{
    gid_t group;

    return getpeereid(socket, user, &group) < 0 ? -errno : 0;
}
#endif
