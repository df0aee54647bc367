/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_OWNER_H
#define SC_HOST_OWNER_H

/*
 * The user that a service of Postfix's runs as, mail_owner.
 */

#include <stddef.h>

#include "base/util.h"
#include "config/params.h"
#include "confine/identity.h"

/*
 * Looks the user up. Returns 0; or -errno with the problem described: -ENOENT
 * when there is no such user, -EPERM when it is root.
 */
SC_MUST_CHECK int sc_owner_find(struct sc_identity *identity, const struct sc_params *params,
                                char *problem, size_t size);

#endif
