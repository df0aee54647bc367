/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_ACCESS_H
#define SC_HOST_ACCESS_H

/*
 * Who may connect to a server that stands alone, and whose labels are whose.
 * The kernel says who a client is. Root and the server's own user may always
 * connect, and have a space of their own like everybody else; users who are
 * named as sharing have one space together.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"
#include "config/params.h"

struct sc_user_set {
    uid_t *users; /* owned */
    size_t count;
};

struct sc_access {
    struct sc_user_set authorized;
    struct sc_user_set shared;
};

enum { SC_ACCESS_PROBLEM_MAX = 1024 };

/*
 * Looks up the parameters' two lists of users, names or numbers, set apart by
 * commas or blanks. Returns 0; -ENOENT with the problem described; or -ENOMEM.
 */
SC_MUST_CHECK int sc_access_init(struct sc_access *access, const struct sc_params *params,
                                 char problem[SC_ACCESS_PROBLEM_MAX]);
void sc_access_fini(struct sc_access *access);

/* The space of a client's labels, or -1 if that user may not connect. */
int64_t sc_access_space(const struct sc_access *access, uid_t user);

/* A user by name or number. Returns 0 or -ENOENT. */
SC_MUST_CHECK int sc_access_find_user(const char *name, uid_t *user);

#endif
