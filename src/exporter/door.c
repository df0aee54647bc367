/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes a listening socket. What is said over it is not known here.
 */
#include "door.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    DOOR_QUEUE = 64,
    DOOR_TEXT_SIZE = 128,
    DOOR_TYPE = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC
};

static const char door_local[] = "unix:";

static int door_listen(struct sc_door *door, const struct sockaddr *address, socklen_t length)
{
    const int yes = 1;

    door->socket = socket(address->sa_family, DOOR_TYPE, 0);
    if (door->socket < 0)
        return -errno;
    /* Or a restart would have to wait until the last conversation is forgotten. */
    if (address->sa_family != AF_UNIX &&
        setsockopt(door->socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0)
        return -errno;
    if (bind(door->socket, address, length) < 0 || listen(door->socket, DOOR_QUEUE) < 0)
        return -errno;
    return 0;
}

static void door_shut(struct sc_door *door)
{
    if (door->socket >= 0)
        close(door->socket);
    door->socket = -1;
}

/* Whether a socket file is what an exporter has left behind that was killed. */
static int door_is_left(const struct sockaddr_un *address)
{
    int probe = socket(AF_UNIX, DOOR_TYPE, 0);
    int error;

    if (probe < 0)
        return -errno;
    error = connect(probe, (const struct sockaddr *)address, sizeof(*address)) < 0 ? errno : 0;
    close(probe);
    return error == ECONNREFUSED;
}

static int door_open_local(struct sc_door *door, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    if (!*path)
        return -EINVAL;
    strcpy(address.sun_path, path);
    int error = door_listen(door, (struct sockaddr *)&address, sizeof(address));
    if (error == -EADDRINUSE && door_is_left(&address) == 1 && unlink(path) == 0) {
        door_shut(door);
        error = door_listen(door, (struct sockaddr *)&address, sizeof(address));
    }
    if (error == 0)
        door->path = path;
    return error;
}

static int door_open_internet(struct sc_door *door, const char *where)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                   .ai_socktype = SOCK_STREAM};
    const char *colon = strrchr(where, ':');
    char host[DOOR_TEXT_SIZE];
    struct addrinfo *found;

    if (!colon || colon == where || !colon[1])
        return -EINVAL;
    int length = (int)(colon - where);
    if (where[0] == '[' && where[length - 1] == ']') {
        where++;
        length -= 2;
    } else if (memchr(where, ':', (size_t)length)) {
        return -EINVAL;
    }
    if (length <= 0 || length >= (int)sizeof(host))
        return -EINVAL;
    snprintf(host, sizeof(host), "%.*s", length, where);
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        return -EINVAL;
    int error = door_listen(door, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return error;
}

int sc_door_open(struct sc_door *door, const char *where)
{
    size_t local = strlen(door_local);
    int error;

    *door = (struct sc_door){.socket = -1};
    if (strncmp(where, door_local, local) == 0)
        error = door_open_local(door, where + local);
    else
        error = door_open_internet(door, where);
    if (error < 0)
        door_shut(door);
    return error;
}

void sc_door_close(struct sc_door *door)
{
    door_shut(door);
    if (door->path)
        unlink(door->path);
    door->path = NULL;
}

void sc_door_tell(const struct sc_door *door, char *text, int size)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    char host[NI_MAXHOST], port[NI_MAXSERV];

    snprintf(text, (size_t)size, "%s%s", door_local, door->path ? door->path : "");
    if (door->path || getsockname(door->socket, (struct sockaddr *)&address, &length) < 0)
        return;
    if (getnameinfo((struct sockaddr *)&address, length, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(text, (size_t)size, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
                 port);
}
