/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens a configuration file, step by step where root does it, and reads it
 * whole. What it holds is nobody's affair here.
 */
#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
    READ_SIZE = 16 * 1024,
    LINKS_MAX = 40, /* as many as the kernel follows */
    OTHERS_MAY_WRITE = S_IWGRP | S_IWOTH,
    TO_READ = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
    TO_LOOK = O_PATH | O_NOFOLLOW | O_CLOEXEC
};

/* The way to a file: where we are, and what is still to be gone. */
struct way {
    int directory;
    struct stat here;
    char rest[PATH_MAX];
    int links;
};

static int file_enter(struct way *way, int directory)
{
    if (directory < 0)
        return -errno;
    if (way->directory >= 0)
        close(way->directory);
    way->directory = directory;
    return fstat(directory, &way->here) < 0 ? -errno : 0;
}

/* Whether nobody but root can have put anything here. */
static bool file_is_safe_here(const struct way *way)
{
    return way->here.st_uid == 0 && (way->here.st_mode & OTHERS_MAY_WRITE) == 0;
}

/* Links of /proc are the kernel's and lead to what is open already. */
static bool file_is_in_proc(const struct way *way)
{
    struct statfs system;

    return fstatfs(way->directory, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

/* Moves the first name of the rest to @name. Returns 0, or -errno: -EISDIR when none is left. */
static int file_take_name(struct way *way, char name[NAME_MAX + 1])
{
    const char *start = way->rest + strspn(way->rest, "/");
    size_t length = strcspn(start, "/");

    if (length == 0 || length > NAME_MAX)
        return length == 0 ? -EISDIR : -ENAMETOOLONG;
    memcpy(name, start, length);
    name[length] = '\0';
    memmove(way->rest, start + length, strlen(start + length) + 1);
    return 0;
}

/* Puts where a link leads in front of the rest. */
static int file_follow(struct way *way, int link)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(link, "", target, sizeof(target));

    if (length < 0)
        return -errno;
    if (++way->links > LINKS_MAX)
        return -ELOOP;
    size_t rest = strlen(way->rest);
    if ((size_t)length + rest >= sizeof(way->rest))
        return -ENAMETOOLONG;
    memmove(way->rest + length, way->rest, rest + 1);
    memcpy(way->rest, target, (size_t)length);
    return target[0] == '/' ? file_enter(way, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) : 0;
}

/* Opens the last name of a way, at which there is what was looked at. */
static int file_open_last(const struct way *way, const char *name, const struct stat *seen)
{
    struct stat opened;

    if (!S_ISREG(seen->st_mode))
        return -EINVAL;
    if (!file_is_safe_here(way) && seen->st_nlink > 1 && seen->st_uid != way->here.st_uid)
        return -EPERM;
    int fd = openat(way->directory, name, TO_READ | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &opened) == 0 && opened.st_ino == seen->st_ino && opened.st_dev == seen->st_dev)
        return fd;
    close(fd);
    return -EPERM;
}

/* One name further. Returns 0, the descriptor of the file at the end, or -errno. */
static int file_step(struct way *way, const char *name)
{
    struct stat seen;
    bool last = way->rest[strspn(way->rest, "/")] == '\0';

    if (last && file_is_in_proc(way)) {
        int fd = openat(way->directory, name, TO_READ);
        return fd < 0 ? -errno : fd;
    }
    int step = openat(way->directory, name, TO_LOOK);
    if (step < 0)
        return -errno;
    int result = fstat(step, &seen) < 0 ? -errno : 0;
    if (result == 0 && S_ISDIR(seen.st_mode))
        return file_enter(way, step);
    if (result == 0 && S_ISLNK(seen.st_mode))
        result = file_is_safe_here(way) || seen.st_uid == 0 ? file_follow(way, step) : -EPERM;
    else if (result == 0)
        result = last ? file_open_last(way, name, &seen) : -ENOTDIR;
    close(step);
    return result;
}

/* As root: every directory on the way is looked at; a way that ends in one is no file's. */
static int file_open_carefully(const char *path)
{
    struct way way = {.directory = -1};
    char name[NAME_MAX + 1];
    int result;

    size_t size = strlen(path) + 1;
    if (size > sizeof(way.rest))
        return -ENAMETOOLONG;
    memcpy(way.rest, path, size);
    result = file_enter(&way, open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    while (result == 0) {
        result = file_take_name(&way, name);
        if (result == 0)
            result = file_step(&way, name);
    }
    if (way.directory >= 0)
        close(way.directory);
    return result;
}

static int file_open(const char *path)
{
    struct stat opened = {0};
    int fd;

    if (*path == '\0')
        return -ENOENT;
    if (geteuid() == 0)
        fd = file_open_carefully(path);
    else if ((fd = open(path, TO_READ)) < 0)
        fd = -errno;
    if (fd < 0)
        return fd;
    if (fstat(fd, &opened) == 0 && S_ISREG(opened.st_mode))
        return fd;
    close(fd);
    return S_ISDIR(opened.st_mode) ? -EISDIR : -EINVAL;
}

/* Returns 0 at the end of the file, or -errno. */
static int file_read_all(int fd, size_t most, struct sc_buf *buf)
{
    size_t before = sc_buf_length(buf);

    for (;;) {
        int error = sc_buf_reserve(buf, READ_SIZE);
        if (error < 0)
            return error;
        ssize_t count = read(fd, buf->data + buf->end, READ_SIZE);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? -errno : 0;
        buf->end += (size_t)count;
        if (sc_buf_length(buf) - before > most)
            return -EFBIG;
    }
}

int sc_file_read(const char *path, size_t most, struct sc_buf *buf)
{
    int fd = file_open(path);

    if (fd < 0)
        return fd;
    int error = file_read_all(fd, most, buf);
    close(fd);
    return error;
}

const char *sc_file_error(int error)
{
    switch (error) {
    case -EINVAL:
        return "it is no regular file";
    case -EPERM:
        return "root follows no link of somebody else's in a directory that is not root's alone";
    default:
        return strerror(-error);
    }
}
