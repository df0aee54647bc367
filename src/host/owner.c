/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds mail_owner. Root is refused, as Postfix does it: what is to give up
 * root's rights would keep them. To become that user is confine's affair.
 */
#include "host/owner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PLACE_SIZE = 512 };

static const char *owner_explain(int error)
{
    switch (error) {
    case -ENOENT:
        return "no such user";
    case -EPERM:
        return "that is root";
    default:
        return strerror(-error);
    }
}

int sc_owner_find(struct sc_identity *identity, const struct sc_params *params, char *problem,
                  size_t size)
{
    char where[PLACE_SIZE];
    int error = sc_identity_find(identity, params->host.mail_owner);

    if (error == 0 && identity->user == 0)
        error = -EPERM;
    if (error < 0)
        snprintf(problem, size, "%s: mail_owner = %s: %s",
                 sc_params_where(params, SC_PARAM_mail_owner, where, sizeof(where)),
                 params->host.mail_owner, owner_explain(error));
    return error;
}
