/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_OWNER_H
#define SC_HOST_OWNER_H

/*
 * The user that a server runs as: a service of Postfix's as mail_owner, one
 * that root has started on its own as connection_cache_user.
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

/*
 * The same for a server on its own. Returns 0 when it is to become that user;
 * 1 when it is to stay whom it is; or -errno with the problem described. A
 * user whom it cannot become, as root did not start it, is a problem with 1.
 */
SC_MUST_CHECK int sc_owner_find_alone(struct sc_identity *identity, const struct sc_params *params,
                                      char *problem, size_t size);

#endif
