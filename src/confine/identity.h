/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFINE_IDENTITY_H
#define SC_CONFINE_IDENTITY_H

/*
 * Whom the process runs as and where it lives. Users are looked up before,
 * because inside a jail there is nobody to ask.
 */

#include <sys/types.h>

#include "base/util.h"

enum { SC_IDENTITY_NAME_MAX = 256 };

struct sc_identity {
    uid_t user;
    gid_t group;
    char name[SC_IDENTITY_NAME_MAX];
};

/* Finds a user by name, or by number. Returns 0, or -ENOENT when there is no such user, or another
 * -errno. */
SC_MUST_CHECK int sc_identity_find(struct sc_identity *identity, const char *user);

/*
 * Gives up privileges for good: the group, the user's further groups, the
 * jail (null: none) with the directory changed to its root, then the user.
 * A null identity stays as it is. Returns 0 or -errno; then the process must not go on.
 */
SC_MUST_CHECK int sc_identity_assume(const struct sc_identity *identity, const char *jail);

#endif
