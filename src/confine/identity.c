/* SPDX-License-Identifier: BSD-2-Clause */
#include "confine/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LOOKED_AT = 1024, COME_LATER = 8, MOST_DESCRIPTORS = 1 << 24, FEWEST_DESCRIPTORS = 64 };

int sc_identity_find(struct sc_identity *identity, const char *user)
{
    errno = 0;
    const struct passwd *entry = getpwnam(user);

    if (!entry)
        return errno != 0 ? -errno : -ENOENT;
    *identity = (struct sc_identity){entry->pw_uid, entry->pw_gid};
    return 0;
}

static int identity_jail_in(const char *directory)
{
    return chroot(directory) < 0 || chdir("/") < 0 ? -errno : 0;
}

int sc_identity_assume(const struct sc_identity *identity, const char *user, const char *jail)
{
    if (identity && (setgid(identity->group) < 0 || initgroups(user, identity->group) < 0))
        return -errno;
    if (jail) {
        int error = identity_jail_in(jail);
        if (error < 0)
            return error;
    }
    if (identity && setuid(identity->user) < 0)
        return -errno;
    return 0;
}

void sc_descriptors_raise(size_t *limit, size_t *used)
{
    struct rlimit files = {.rlim_cur = FEWEST_DESCRIPTORS, .rlim_max = FEWEST_DESCRIPTORS};

    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        rlim_t before = files.rlim_cur;
        files.rlim_cur = files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files) < 0)
            files.rlim_cur = before;
    }
    *limit = files.rlim_cur < MOST_DESCRIPTORS ? (size_t)files.rlim_cur : MOST_DESCRIPTORS;
    *used = COME_LATER;
    for (int fd = 0; fd < LOOKED_AT && (size_t)fd < *limit; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            ++*used;
}
