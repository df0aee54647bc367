/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens connections, with a time limit, that block from then on. Nothing is
 * said on them here.
 */
#include "dial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int64_t dial_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int dial_wait_writable(int fd, int seconds)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    int64_t end = dial_now_ms() + (int64_t)seconds * 1000;

    for (;;) {
        int64_t left = end - dial_now_ms();
        if (left <= 0)
            return -ETIMEDOUT;
        int count = poll(&ready, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (count > 0)
            return 0;
        if (count < 0 && errno != EINTR)
            return -errno;
    }
}

static int dial_finish_connect(int fd, int seconds)
{
    int error = dial_wait_writable(fd, seconds);
    int pending = 0;
    socklen_t length = sizeof(pending);

    if (error < 0)
        return error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &pending, &length) < 0)
        return -errno;
    return -pending;
}

/* Non-blocking while it connects, as only so there is a time limit. */
static int dial_socket(int fd, const struct sockaddr *address, socklen_t length, int seconds)
{
    int error = connect(fd, address, length) < 0 ? -errno : 0;

    if (error == -EINPROGRESS)
        error = dial_finish_connect(fd, seconds);
    if (error < 0)
        return error;
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ? -errno : 0;
}

/* Returns the descriptor or -errno. */
static int dial_address(const struct sockaddr *address, socklen_t length, int seconds)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    int error = dial_socket(fd, address, length, seconds);
    if (error == 0)
        return fd;
    close(fd);
    return error;
}

/* A full queue is waited for only by a socket that blocks, and then the limit is its own. */
static int dial_connect_path(int fd, const char *path, int seconds)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = seconds};

    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path) + 1);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return errno == EAGAIN ? -ETIMEDOUT : -errno;
    limit.tv_sec = 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    return 0;
}

static int dial_path(const char *path, int seconds, const char **reason)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 ? -errno : dial_connect_path(fd, path, seconds);

    if (error == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    *reason = strerror(-error);
    return -1;
}

int sc_ctl_dial(const struct sc_ctl_target *target, int seconds, const char **reason)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    int fd = -EADDRNOTAVAIL;

    if (target->path)
        return dial_path(target->path, seconds, reason);
    if (!sc_ctl_target_has_name(target))
        hints.ai_flags = AI_NUMERICHOST;
    int error = getaddrinfo(target->host, target->port, &hints, &list);
    if (error) {
        *reason = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
        return -1;
    }
    for (const struct addrinfo *next = list; next && fd < 0; next = next->ai_next)
        fd = dial_address(next->ai_addr, next->ai_addrlen, seconds);
    freeaddrinfo(list);
    if (fd >= 0)
        return fd;
    *reason = strerror(-fd);
    return -1;
}
