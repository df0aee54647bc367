/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Becoming another user, and living in a jail. Capabilities are given up
 * elsewhere, files and system calls too.
 */
#include "confine/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

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
