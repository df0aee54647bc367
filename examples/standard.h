/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXAMPLES_STANDARD_H
#define EXAMPLES_STANDARD_H

/*
 * A program that keeps connections must not be given one as its standard
 * output: whoever starts it with `>&-`, or from a script that cron runs, would
 * have its messages written into the connection. So each example opens what is
 * closed of 0 to 2 before anything else.
 */

#include <fcntl.h>
#include <unistd.h>

static inline void open_standard(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= STDIN_FILENO && fd < STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

#endif
