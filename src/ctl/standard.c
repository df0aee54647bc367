/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tool's own copy of what the server does first, as the tool is built on
 * scache.h alone. What is open already is left as it is.
 */
#include "standard.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The lowest free number is taken; a root directory without devices holds it as well. */
static bool standard_open_any(void)
{
    return open("/dev/null", O_RDWR) >= 0 || open("/", O_PATH | O_DIRECTORY) >= 0;
}

bool sc_ctl_standard_open(void)
{
    bool is_open = true;

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            is_open = standard_open_any() && is_open;
    return is_open;
}
