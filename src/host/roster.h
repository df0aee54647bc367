/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_ROSTER_H
#define SC_HOST_ROSTER_H

/*
 * A list of people as a parameter has it: users, groups (@mail or %mail), or
 * everybody; names or numbers, set apart by commas or blanks. Names are looked
 * up once, when the list is read. Who is in a group is asked of the kernel for
 * each client, so whoever joins one is found without a restart.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/util.h"

struct sc_roster {
    uid_t *users; /* owned */
    size_t user_count;
    gid_t *groups; /* owned */
    size_t group_count;
    bool everybody;
};

/*
 * Looks up all names in @list. Returns 0; -ENOENT when there is no such user
 * or group as @unknown, a part of the list; or -ENOMEM. A roster of all zeros
 * is empty and may be ended.
 */
SC_MUST_CHECK int sc_roster_init(struct sc_roster *roster, struct sc_bytes list,
                                 struct sc_bytes *unknown);
void sc_roster_fini(struct sc_roster *roster);

static inline bool sc_roster_is_empty(const struct sc_roster *roster)
{
    return roster->user_count == 0 && roster->group_count == 0 && !roster->everybody;
}

/* Whether a user is in it by name, not by a group. */
bool sc_roster_names_user(const struct sc_roster *roster, uid_t user);

/* A user or a group by name or number. Returns 0 or -ENOENT. */
SC_MUST_CHECK int sc_roster_find_user(const char *name, uid_t *user);
SC_MUST_CHECK int sc_roster_find_group(const char *name, gid_t *group);

#endif
