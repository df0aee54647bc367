/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/access.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No user has this number: uid_t has 32 bits. */
#define SHARED_SPACE (INT64_C(1) << 32)

int sc_access_find_user(const char *name, uid_t *user)
{
    const struct passwd *entry = getpwnam(name);
    char *end;

    if (entry) {
        *user = entry->pw_uid;
        return 0;
    }
    errno = 0;
    unsigned long number = strtoul(name, &end, 10);
    if (errno != 0 || *name < '0' || *name > '9' || *end != '\0' || number >= (uid_t)-1)
        return -ENOENT;
    *user = (uid_t)number;
    return 0;
}

static int access_add_user(struct sc_user_set *set, const char *name)
{
    uid_t user;

    if (sc_access_find_user(name, &user) < 0)
        return -ENOENT;
    uid_t *users = reallocarray(set->users, set->count + 1, sizeof(*users));
    if (!users)
        return -ENOMEM;
    users[set->count++] = user;
    set->users = users;
    return 0;
}

static void access_describe(const struct sc_params *params, enum sc_param_id id, const char *list,
                            const char *name, char problem[SC_ACCESS_PROBLEM_MAX])
{
    char where[SC_ACCESS_PROBLEM_MAX];

    snprintf(problem, SC_ACCESS_PROBLEM_MAX, "%s: %s = %s: no such user: %s",
             sc_params_where(params, id, where, sizeof(where)), sc_param_get(id)->name, list, name);
}

static int access_add_users(struct sc_user_set *set, const struct sc_params *params,
                            enum sc_param_id id, const char *list,
                            char problem[SC_ACCESS_PROBLEM_MAX])
{
    char *names = strdup(list);
    char *rest = NULL;
    int error = names ? 0 : -ENOMEM;

    for (char *name = names ? strtok_r(names, ", \t\r\n", &rest) : NULL; name && error == 0;
         name = strtok_r(NULL, ", \t\r\n", &rest)) {
        error = access_add_user(set, name);
        if (error == -ENOENT)
            access_describe(params, id, list, name, problem);
    }
    free(names);
    return error;
}

int sc_access_init(struct sc_access *access, const struct sc_params *params,
                   char problem[SC_ACCESS_PROBLEM_MAX])
{
    *access = (struct sc_access){0};
    int error =
        access_add_users(&access->authorized, params, SC_PARAM_connection_cache_authorized_users,
                         params->access.authorized_users, problem);
    if (error == 0)
        error = access_add_users(&access->shared, params, SC_PARAM_connection_cache_shared_users,
                                 params->access.shared_users, problem);
    if (error < 0)
        sc_access_fini(access);
    return error;
}

void sc_access_fini(struct sc_access *access)
{
    free(access->authorized.users);
    free(access->shared.users);
    *access = (struct sc_access){0};
}

static bool access_has_user(const struct sc_user_set *set, uid_t user)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->users[i] == user)
            return true;
    return false;
}

int64_t sc_access_space(const struct sc_access *access, uid_t user)
{
    if (user != 0 && user != geteuid() && !access_has_user(&access->authorized, user))
        return -1;
    return access_has_user(&access->shared, user) ? SHARED_SPACE : (int64_t)user;
}
