/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A name service that does not answer: loaded into a program by LD_PRELOAD,
 * lets every look-up of a user called "slow" wait for a byte from the pipe
 * SLOW_NAMES, a descriptor's number, and then know nobody of that name. All
 * other look-ups are as ever.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct passwd *getpwnam(const char *name)
{
    struct passwd *(*real)(const char *) = NULL;
    const char *number = getenv("SLOW_NAMES");
    char byte;

    if (number && strcmp(name, "slow") == 0) {
        while (read(atoi(number), &byte, 1) < 0 && errno == EINTR)
            continue;
        errno = 0;
        return NULL;
    }
    *(void **)(&real) = dlsym(RTLD_NEXT, "getpwnam");
    return real ? real(name) : NULL;
}
