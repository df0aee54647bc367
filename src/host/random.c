/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bytes of the kernel's: by its system call, or from its device where
 * that call is refused. There is no generator of our own.
 */
#include "host/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/random.h>
#include <unistd.h>

static const char random_device[] = "/dev/urandom";

static int random_read_device(char *bytes, size_t size)
{
    int fd = open(random_device, O_RDONLY | O_CLOEXEC);
    size_t done = 0;
    int error = fd < 0 ? -errno : 0;

    while (error == 0 && done < size) {
        ssize_t got = read(fd, bytes + done, size - done);
        if (got > 0)
            done += (size_t)got;
        else if (got == 0)
            error = -EIO;
        else if (errno != EINTR)
            error = -errno;
    }
    if (fd >= 0)
        close(fd);
    return error;
}

int sc_random_fill(void *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = getrandom((char *)bytes + done, size - done, 0);
        if (got > 0)
            done += (size_t)got;
        else if (got < 0 && errno != EINTR)
            return random_read_device(bytes, size);
    }
    return 0;
}
