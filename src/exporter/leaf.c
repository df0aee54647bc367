/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a file beside the one that is meant, and renames it. What the text
 * says, and when it is written, is not known here.
 */
#include "leaf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEAF_MODE = 0644 };

/* A file of a new name in the same directory; its path in a buffer of PATH_MAX bytes. */
static int leaf_make(const char *path, char *made)
{
    const char *slash = strrchr(path, '/');
    int directory = slash ? (int)(slash - path + 1) : 0;
    int length = snprintf(made, PATH_MAX, "%.*s.%s.XXXXXX", directory, path, path + directory);

    if (length < 0 || length >= PATH_MAX)
        return -ENAMETOOLONG;
    int fd = mkostemp(made, O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int leaf_fill(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        text += written;
        length -= (size_t)written;
    }
    return fchmod(fd, LEAF_MODE) < 0 ? -errno : 0;
}

int sc_leaf_write(const char *path, const char *text, size_t length)
{
    char made[PATH_MAX];
    int fd = leaf_make(path, made);

    if (fd < 0)
        return fd;
    int error = leaf_fill(fd, text, length);
    /* Some file systems say only now that the disk is full. */
    if (close(fd) < 0 && error == 0)
        error = -errno;
    if (error == 0 && rename(made, path) < 0)
        error = -errno;
    if (error < 0)
        unlink(made);
    return error;
}
