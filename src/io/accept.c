/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accepting clients, and asking the kernel who they are. Who may come in is
 * not decided here.
 */
#include "io/accept.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Since Linux 4.13. */
#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif
/* Since Linux 6.5; the same on every architecture but one that Debian has left. */
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif

/* A socket inherits these from its listener, where few set them. */
static void accept_pass_nothing_else(int fd)
{
    static const int options[] = {SO_PASSCRED, SO_PASSSEC, SO_PASSPIDFD};
    const int off = 0;
    const int on = 1;

    for (size_t i = 0; i < SC_COUNT_OF(options); i++)
        (void)setsockopt(fd, SOL_SOCKET, options[i], &off, sizeof(off));
    /*
     * A byte out of band would be dropped by the kernel in the midst of a
     * receive, and what it carries be closed there, however long that takes.
     * In line it is like any other.
     */
    (void)setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on));
}

int sc_accept_client(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return -errno;
    accept_pass_nothing_else(fd);
    return fd;
}

void sc_accept_peer(int socket, int64_t *user, int64_t *process)
{
    struct ucred credentials;
    socklen_t size = sizeof(credentials);

    *user = -1;
    *process = 0;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
        return;
    *user = (int64_t)credentials.uid;
    *process = (int64_t)credentials.pid;
}

/* Looks for the group among the others, of which there may be any number. */
static bool accept_has_other_group(int socket, gid_t group)
{
    gid_t few[64];
    gid_t *groups = few;
    socklen_t size = sizeof(few);
    bool found = false;

    int result = getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size);
    if (result < 0 && errno == ERANGE && (groups = malloc(size)))
        result = getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size);
    for (size_t i = 0; result == 0 && !found && i < size / sizeof(*groups); i++)
        found = groups[i] == group;
    if (groups != few)
        free(groups);
    return found;
}

bool sc_accept_has_group(int socket, gid_t group)
{
    struct ucred credentials;
    socklen_t size = sizeof(credentials);

    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 &&
        credentials.gid == group)
        return true;
    return accept_has_other_group(socket, group);
}
