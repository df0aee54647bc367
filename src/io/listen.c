/* SPDX-License-Identifier: BSD-2-Clause */
#include "io/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void listen_lock_path(const struct sc_listen *listen, char path[SC_LOCK_PATH_MAX])
{
    snprintf(path, SC_LOCK_PATH_MAX, "%s.lock", listen->path);
}

/* Whether the name still leads to the file that is open. */
static bool listen_is_at(int fd, const char *path)
{
    struct stat opened, named;

    return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* "Permission denied" alone says neither which file is meant nor whose it is. */
static void listen_note_obstacle(struct sc_listen *listen, const char *path)
{
    struct stat file;

    if (lstat(path, &file) < 0 || file.st_uid == geteuid())
        return;
    snprintf(listen->obstacle, sizeof(listen->obstacle), "%s", path);
    listen->obstacle_owner = file.st_uid;
}

static int listen_lock_once(struct sc_listen *listen)
{
    char path[SC_LOCK_PATH_MAX];

    listen_lock_path(listen, path);
    listen->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (listen->lock < 0) {
        int reason = -errno;
        listen_note_obstacle(listen, path);
        return reason;
    }
    int error = flock(listen->lock, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
    if (error == -EWOULDBLOCK)
        error = -EADDRINUSE;
    else if (error == 0 && !listen_is_at(listen->lock, path))
        error = -EAGAIN; /* Its last owner has just removed it. */
    if (error < 0) {
        close(listen->lock);
        listen->lock = -1;
    }
    return error;
}

static int listen_take_lock(struct sc_listen *listen)
{
    int error;

    do
        error = listen_lock_once(listen);
    while (error == -EAGAIN);
    return error;
}

static int listen_remove_stale(struct sc_listen *listen)
{
    struct stat old;

    if (lstat(listen->path, &old) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(old.st_mode))
        return -EEXIST;
    int error = unlink(listen->path) < 0 ? -errno : 0;
    if (error < 0)
        listen_note_obstacle(listen, listen->path);
    return error;
}

static int bind_and_listen(struct sc_listen *listener, const struct sc_listen_options *options)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat made;

    memcpy(address.sun_path, listener->path, sizeof(address.sun_path));
    listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->fd < 0)
        return -errno;
    /* Nobody may connect before owner and mode are as they should be. */
    mode_t mask = umask(0777);
    int error = bind(listener->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
    umask(mask);
    if (error < 0)
        return error;
    if (lstat(listener->path, &made) < 0)
        return -errno;
    listener->device = made.st_dev;
    listener->inode = made.st_ino;
    if (lchown(listener->path, options->owner, options->group) < 0 ||
        chmod(listener->path, options->mode) < 0 || listen(listener->fd, SOMAXCONN) < 0)
        return -errno;
    return 0;
}

int sc_listen_open(struct sc_listen *listener, const struct sc_listen_options *options)
{
    *listener = (struct sc_listen){.fd = -1, .lock = -1};
    if (strlen(options->path) >= sizeof(listener->path))
        return -ENAMETOOLONG;
    snprintf(listener->path, sizeof(listener->path), "%s", options->path);
    int error = listen_take_lock(listener);
    if (error == 0)
        error = listen_remove_stale(listener);
    if (error == 0)
        error = bind_and_listen(listener, options);
    if (error < 0)
        sc_listen_close(listener);
    return error;
}

static void listen_remove_socket(const struct sc_listen *listener)
{
    struct stat now;

    if (listener->inode != 0 && lstat(listener->path, &now) == 0 &&
        now.st_dev == listener->device && now.st_ino == listener->inode)
        unlink(listener->path);
}

void sc_listen_close(struct sc_listen *listener)
{
    char path[SC_LOCK_PATH_MAX];

    if (listener->fd >= 0) {
        listen_remove_socket(listener);
        close(listener->fd);
    }
    if (listener->lock >= 0) {
        listen_lock_path(listener, path);
        if (listen_is_at(listener->lock, path))
            unlink(path);
        close(listener->lock);
    }
    listener->fd = listener->lock = -1;
}

static bool listen_has_option(int fd, int option, int wanted)
{
    int value = -1;
    socklen_t size = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

int sc_listen_adopt(int fd)
{
    if (!listen_has_option(fd, SO_DOMAIN, AF_UNIX) ||
        !listen_has_option(fd, SO_TYPE, SOCK_STREAM) || !listen_has_option(fd, SO_ACCEPTCONN, 1))
        return -ENOTSOCK;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    return 0;
}

void sc_notify(const char *address, const char *word)
{
    struct sockaddr_un manager = {.sun_family = AF_UNIX};
    size_t length = address ? strlen(address) : 0;

    if (length < 2 || length >= sizeof(manager.sun_path))
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    memcpy(manager.sun_path, address, length);
    if (manager.sun_path[0] == '@')
        manager.sun_path[0] = '\0'; /* an abstract name */
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    (void)sendto(fd, word, strlen(word), MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&manager,
                 size);
    close(fd);
}
