/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Becoming another user, and living in a jail. Capabilities are given up
 * elsewhere, files and system calls too.
 */
#include "confine/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A number that no entry has is nobody: what groups he is in would be anybody's guess. */
static const struct passwd *identity_look_up(const char *user)
{
    const struct passwd *entry = getpwnam(user);
    char *end;

    if (entry || *user < '0' || *user > '9')
        return entry;
    unsigned long number = strtoul(user, &end, 10);
    return *end == '\0' && number < (uid_t)-1 ? getpwuid((uid_t)number) : NULL;
}

int sc_identity_find(struct sc_identity *identity, const char *user)
{
    errno = 0;
    const struct passwd *entry = identity_look_up(user);

    if (!entry)
        return errno != 0 ? -errno : -ENOENT;
    if (strlen(entry->pw_name) >= sizeof(identity->name))
        return -ENAMETOOLONG;
    *identity = (struct sc_identity){.user = entry->pw_uid, .group = entry->pw_gid};
    memcpy(identity->name, entry->pw_name, strlen(entry->pw_name));
    return 0;
}

static int identity_jail_in(const char *directory)
{
    return chroot(directory) < 0 || chdir("/") < 0 ? -errno : 0;
}

int sc_identity_assume(const struct sc_identity *identity, const char *jail)
{
    if (identity &&
        (setgid(identity->group) < 0 || initgroups(identity->name, identity->group) < 0))
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
