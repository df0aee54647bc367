/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a child process of our own sheds: descriptors, its parent's name, and
 * signals. What it does afterwards, and what it may, is not known here.
 */
#include "io/child.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    CHILD_FD_MOST = 1 << 20, /* looked at where nobody tells which are open */
    CHILD_ARGUMENTS_MOST = 1 << 21,
};

static int child_compare(const void *one, const void *other)
{
    return *(const int *)one - *(const int *)other;
}

/* How many descriptors there can be, where neither the kernel nor /proc closes or shows them. */
static int child_limit(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur > (rlim_t)CHILD_FD_MOST)
        return CHILD_FD_MOST;
    return (int)files.rlim_cur;
}

/*
 * Closes those that /proc shows. Returns whether it shows any; in a jail it
 * is not there. A name that goes away while the directory is read hides none.
 */
static bool child_close_shown(int first, int last)
{
    DIR *open = opendir("/proc/self/fd");
    bool shown = false;
    struct dirent *entry;

    if (!open)
        return false;
    while ((entry = readdir(open))) {
        int fd = atoi(entry->d_name);
        shown = shown || fd == dirfd(open);
        if (entry->d_name[0] != '.' && fd >= first && fd <= last && fd != dirfd(open))
            close(fd);
    }
    closedir(open);
    return shown;
}

/* Kernels before 5.9, and the filters of some containers, know no ranges. */
static void child_close_one_by_one(int first, int last)
{
    if (child_close_shown(first, last))
        return;
    int limit = child_limit();
    for (int fd = first; fd <= last && fd < limit; fd++)
        close(fd);
}

static void child_close(int first, int last)
{
    if (first <= last && close_range((unsigned)first, (unsigned)last, 0) < 0)
        child_close_one_by_one(first, last);
}

/*
 * ps(1) shows the arguments, which lie behind each other in memory, and the
 * environment behind them: the C library knows where both begin.
 */
static void child_set_title(const char *name)
{
    char *start = program_invocation_name;
    char *end = start + strlen(start) + 1;

    if (environ && environ[0] > end && environ[0] - start < CHILD_ARGUMENTS_MOST)
        end = environ[0];
    size_t size = (size_t)(end - start);
    size_t length = strlen(name) < size ? strlen(name) : size - 1;
    memset(start, 0, size);
    memcpy(start, name, length);
}

void sc_child_name(const char *name)
{
    (void)prctl(PR_SET_NAME, name);
    child_set_title(name);
}

void sc_child_settle(const char *name, int *keep, size_t count)
{
    sigset_t all;
    int next = 0;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (count > 1)
        qsort(keep, count, sizeof(*keep), child_compare);
    for (size_t i = 0; i < count; i++) {
        child_close(next, keep[i] - 1);
        next = keep[i] + 1;
    }
    child_close(next, INT_MAX);
    sc_child_name(name);
}
