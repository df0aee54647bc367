/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connecting to a local socket without waiting. Where a server is to be looked
 * for, and what is said to it, others know.
 */
#include "io/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/standard.h"

int sc_dial_connect(const char *path, int *result)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);

    if (length > SC_DIAL_PATH_MAX)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    fd = sc_standard_avoid(fd);
    if (fd < 0)
        return fd;
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        int error = -errno;
        close(fd);
        return error;
    }
    *result = fd;
    return 0;
}

int sc_dial_user(int socket, uid_t *user)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return -errno;
    *user = peer.uid;
    return 0;
}

bool sc_dial_has_room(int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

    if (copy >= 0)
        close(copy);
    return copy >= 0;
}
