/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "server/internal.h"

struct sc_user *sc_user_get(struct sc_server *server, int64_t id)
{
    struct sc_user *user;

    LIST_FOREACH (user, &server->users, link)
        if (user->id == id)
            break;
    if (!user) {
        sc_users_sweep(server, false);
        user = calloc(1, sizeof(*user));
        if (!user)
            return NULL;
        user->id = id;
        if (sc_space_new(&user->space, server->store, id) < 0) {
            free(user);
            return NULL;
        }
        LIST_INSERT_HEAD(&server->users, user, link);
    }
    user->clients++;
    return user;
}

void sc_user_release(struct sc_user *user)
{
    user->clients--;
}

/* Forgets those who have no client and nothing cached; or all, at the end. */
void sc_users_sweep(struct sc_server *server, bool all)
{
    struct sc_user *user = LIST_FIRST(&server->users);

    while (user) {
        struct sc_user *next = LIST_NEXT(user, link);
        if (all || (user->clients == 0 && sc_space_is_empty(user->space))) {
            LIST_REMOVE(user, link);
            sc_space_free(user->space);
            free(user);
        }
        user = next;
    }
}
