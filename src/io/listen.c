/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making, checking and removing the socket that a server listens on. It
 * accepts nobody, and it never follows or changes what others have put in the
 * place of its files.
 */
#include "io/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* "Permission denied" alone says neither which file is meant nor whose it is. */
static void listen_note_obstacle(struct sc_listen *listener, const char *end)
{
    char name[SC_LOCK_PATH_MAX];
    struct stat file;

    snprintf(name, sizeof(name), "%s%s", listener->name, end);
    if (fstatat(listener->directory, name, &file, AT_SYMLINK_NOFOLLOW) < 0 ||
        file.st_uid == geteuid())
        return;
    snprintf(listener->obstacle, sizeof(listener->obstacle), "%s%s", listener->path, end);
    listener->obstacle_owner = file.st_uid;
}

static int listen_open_directory(struct sc_listen *listener)
{
    const char *slash = strrchr(listener->path, '/');
    char directory[SC_LISTEN_PATH_MAX] = ".";

    listener->name = slash ? slash + 1 : listener->path;
    if (listener->name[0] == '\0')
        return -EISDIR;
    if (slash)
        snprintf(directory, sizeof(directory), "%.*s", (int)(slash - listener->path) + 1,
                 listener->path);
    listener->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return listener->directory < 0 ? -errno : 0;
}

static int listen_take_lock(struct sc_listen *listener)
{
    char name[SC_LOCK_PATH_MAX];

    snprintf(name, sizeof(name), "%s.lock", listener->name);
    int error = sc_lock_take(&listener->lock, listener->directory, name);
    if (error < 0 && error != -EADDRINUSE)
        listen_note_obstacle(listener, ".lock");
    return error;
}

/* Whether somebody listens at a socket whose lock file was not there. */
static bool listen_is_served(const struct sc_listen *listener)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    memcpy(address.sun_path, listener->path, sizeof(address.sun_path));
    bool served = fd >= 0 && (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ||
                              errno == EAGAIN || errno == EINPROGRESS);
    if (fd >= 0)
        close(fd);
    return served;
}

static int listen_remove_stale(struct sc_listen *listener)
{
    struct stat old;

    if (fstatat(listener->directory, listener->name, &old, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(old.st_mode))
        return -EEXIST;
    if (listener->lock.fresh && listen_is_served(listener))
        return -EADDRINUSE;
    int error = unlinkat(listener->directory, listener->name, 0) < 0 ? -errno : 0;
    if (error < 0)
        listen_note_obstacle(listener, "");
    return error;
}

/*
 * Whether nobody but root and us can exchange any directory or link on the way
 * to a file. In a directory with the sticky bit nobody moves what is others'.
 */
static bool listen_way_is_ours(const char *path)
{
    char way[SC_LISTEN_PATH_MAX];
    struct stat step;

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(way, sizeof(way), "%.*s", slash == path ? 1 : (int)(slash - path), path);
        if (lstat(way, &step) < 0 || (step.st_uid != 0 && step.st_uid != geteuid()))
            return false;
        if (S_ISDIR(step.st_mode) && (step.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
            (step.st_mode & S_ISVTX) == 0)
            return false;
    }
    return true;
}

/*
 * The mode is there from the first moment: chmod(2) by name afterwards could
 * meet another file. A default ACL of the directory overrules the mask, but
 * never gives more than the mode that the socket itself has.
 */
static int listen_bind_as(int fd, const char *name, mode_t mode)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
    if (fchmod(fd, mode) < 0)
        return -errno;
    mode_t mask = umask(0777 & ~mode);
    int error = bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
    umask(mask);
    return error;
}

/* From within the directory, whatever is made of its path meanwhile. */
static int listen_bind_inside(const struct sc_listen *listener, mode_t mode)
{
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (here < 0)
        return -errno;
    int error = fchdir(listener->directory) < 0 ? -errno : 0;
    if (error == 0)
        error = listen_bind_as(listener->fd, listener->name, mode);
    if (fchdir(here) < 0 && error == 0)
        error = -errno;
    close(here);
    return error;
}

/*
 * The socket file by a descriptor, which stays the same whatever is put in its
 * place: -EADDRINUSE when it is not the one that we have just made.
 */
static int listen_open_file(struct sc_listen *listener)
{
    struct stat made;
    int file = openat(listener->directory, listener->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (file < 0)
        return -errno;
    if (fstat(file, &made) < 0 || !S_ISSOCK(made.st_mode) || made.st_uid != geteuid() ||
        made.st_nlink != 1) {
        close(file);
        return -EADDRINUSE;
    }
    listener->device = made.st_dev;
    listener->inode = made.st_ino;
    return file;
}

static int listen_give_away(struct sc_listen *listener, const struct sc_listen_options *options)
{
    int file = listen_open_file(listener);

    if (file < 0)
        return file;
    bool gives = options->owner != (uid_t)-1 || options->group != (gid_t)-1;
    int error = 0;
    if (gives && fchownat(file, "", options->owner, options->group, AT_EMPTY_PATH) < 0)
        error = -errno;
    close(file);
    return error;
}

/* Nobody can connect before it listens, and then owner and mode are as they should be. */
static int listen_make(struct sc_listen *listener, const struct sc_listen_options *options)
{
    listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->fd < 0)
        return -errno;
    int error = listen_way_is_ours(listener->path)
                    ? listen_bind_as(listener->fd, listener->path, options->mode)
                    : listen_bind_inside(listener, options->mode);
    if (error == 0)
        error = listen_give_away(listener, options);
    /* Somebody may have found our lock's file without a lock for a moment. */
    if (error == 0 && !sc_lock_is_whole(&listener->lock))
        error = -EADDRINUSE;
    if (error == 0 && listen(listener->fd, SOMAXCONN) < 0)
        error = -errno;
    return error;
}

int sc_listen_open(struct sc_listen *listener, const struct sc_listen_options *options)
{
    *listener = SC_LISTEN_NONE;
    if (strlen(options->path) >= sizeof(listener->path))
        return -ENAMETOOLONG;
    snprintf(listener->path, sizeof(listener->path), "%s", options->path);
    int error = listen_open_directory(listener);
    if (error == 0)
        error = listen_take_lock(listener);
    if (error == 0)
        error = listen_remove_stale(listener);
    if (error == 0)
        error = listen_make(listener, options);
    if (error < 0)
        sc_listen_close(listener);
    return error;
}

static bool listen_is_named(const struct sc_listen *listener)
{
    struct stat now;

    return listener->inode != 0 &&
           fstatat(listener->directory, listener->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
           now.st_dev == listener->device && now.st_ino == listener->inode;
}

enum sc_listen_loss sc_listen_check(const struct sc_listen *listener)
{
    if (listener->fd < 0)
        return SC_LISTEN_WHOLE;
    if (!listen_is_named(listener))
        return SC_LISTEN_UNNAMED;
    return sc_lock_is_whole(&listener->lock) ? SC_LISTEN_WHOLE : SC_LISTEN_UNLOCKED;
}

void sc_listen_close(struct sc_listen *listener)
{
    if (listener->fd >= 0) {
        if (listen_is_named(listener))
            (void)unlinkat(listener->directory, listener->name, 0);
        close(listener->fd);
    }
    sc_lock_release(&listener->lock);
    if (listener->directory >= 0)
        close(listener->directory);
    listener->fd = listener->directory = -1;
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

static int listen_replace_as(int fd, const char *path, mode_t mode)
{
    struct stat old;

    if (lstat(path, &old) == 0) {
        if (!S_ISSOCK(old.st_mode))
            return -EEXIST;
        if (unlink(path) < 0)
            return -errno;
    }
    int error = listen_bind_as(fd, path, mode);
    if (error == 0 && listen(fd, SOMAXCONN) < 0)
        error = -errno;
    return error;
}

int sc_listen_replace(const char *path, mode_t mode)
{
    if (strlen(path) >= SC_LISTEN_PATH_MAX)
        return -ENAMETOOLONG;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int error = listen_replace_as(fd, path, mode);
    if (error < 0)
        close(fd);
    return error < 0 ? error : fd;
}
