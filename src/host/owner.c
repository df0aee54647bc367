/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds the user to become. For mail_owner root is refused, as Postfix does
 * it: what is to give up root's rights would keep them. To become that user is
 * confine's affair.
 */
#include "host/owner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static void owner_describe(const struct sc_params *params, enum sc_param_id id, const char *value,
                           const char *why, char *problem, size_t size)
{
    char where[PLACE_SIZE];

    snprintf(problem, size, "%s: %s = %s: %s", sc_params_where(params, id, where, sizeof(where)),
             sc_param_get(id)->name, value, why);
}

int sc_owner_find(struct sc_identity *identity, const struct sc_params *params, char *problem,
                  size_t size)
{
    int error = sc_identity_find(identity, params->host.mail_owner);

    if (error == 0 && identity->user == 0)
        error = -EPERM;
    if (error < 0)
        owner_describe(params, SC_PARAM_mail_owner, params->host.mail_owner, owner_explain(error),
                       problem, size);
    return error;
}

int sc_owner_find_alone(struct sc_identity *identity, const struct sc_params *params, char *problem,
                        size_t size)
{
    const char *why = "it was not started by root: it goes on as the user it is";

    problem[0] = '\0';
    if (params->host.user[0] == '\0')
        return 1;
    int error = sc_identity_find(identity, params->host.user);
    if (error == 0 && (getuid() == 0 || identity->user == geteuid()))
        return getuid() == 0 ? 0 : 1;
    owner_describe(params, SC_PARAM_connection_cache_user, params->host.user,
                   error < 0 ? owner_explain(error) : why, problem, size);
    return error < 0 ? error : 1;
}
