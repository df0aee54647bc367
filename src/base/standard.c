/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sees to it that descriptors 0 to 2 are open. What is open already is left
 * as it is, whatever it is; nothing is read or written here.
 */
#include "base/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

static bool standard_is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0 || errno != EBADF;
}

/* Takes the lowest free number, as every open does. */
static int standard_open_any(void)
{
    int fd = open("/dev/null", O_RDWR);

    /* A root directory without devices: this at least holds the number. */
    if (fd < 0)
        fd = open("/", O_PATH | O_DIRECTORY);
    return fd < 0 ? -errno : fd;
}

int sc_standard_avoid(int fd)
{
    if (fd > STDERR_FILENO)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error = moved < 0 ? -errno : 0;
    close(fd);
    return error < 0 ? error : moved;
}

int sc_standard_open(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int opened = standard_is_open(fd) ? fd : standard_open_any();
        if (opened < 0)
            return opened;
    }
    return 0;
}
