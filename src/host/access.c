/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deciding who comes in and whose labels he sees. Who a client is the kernel
 * says; saying to a client that he was refused is the server's affair.
 */
#include "host/access.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/accept.h"

/* No user has this number, nor one behind it: uid_t has 32 bits. */
#define ACCESS_SHARED (INT64_C(1) << 32)

/* What is wrong, in which of the two lists. */
struct access_problem {
    bool in_shared_users;
    char text[256];
};

/* Sharing is a matter of the cache alone. */
static enum sc_param_id access_authorized_id(const struct sc_params *params)
{
    return params->program == SC_PROGRAM_TLS ? SC_PARAM_connection_cache_tls_authorized_users
                                             : SC_PARAM_connection_cache_authorized_users;
}

static void access_describe(const struct sc_params *params, const struct access_problem *problem,
                            char *text)
{
    enum sc_param_id id = problem->in_shared_users ? SC_PARAM_connection_cache_shared_users
                                                   : access_authorized_id(params);
    char where[SC_DIAG_TEXT_MAX];

    snprintf(text, SC_ACCESS_TEXT_MAX, "%s: %s = %s: %s",
             sc_params_where(params, id, where, sizeof(where)), sc_param_get(id)->name,
             problem->in_shared_users ? params->access.shared_users
                                      : params->access.authorized_users,
             problem->text);
}

/* A name that is not there is most often a slip, and letting nobody in would hide it. */
static int access_read_roster(struct sc_roster *roster, struct sc_bytes list,
                              struct access_problem *problem)
{
    struct sc_bytes unknown;
    int error = sc_roster_init(roster, list, &unknown);

    if (error != -ENOENT)
        return error;
    bool is_group = *unknown.data == '@' || *unknown.data == '%';
    snprintf(problem->text, sizeof(problem->text), "no such %s: %.*s", is_group ? "group" : "user",
             (int)(unknown.length < 100 ? unknown.length : 100), unknown.data);
    return -EINVAL;
}

/* A user cannot have two spaces; of groups it is not known here who is in both. */
static int access_check_named_once(const struct sc_access *access, struct access_problem *problem)
{
    const struct sc_roster *last = &access->sharing[access->sharing_count - 1];

    for (const struct sc_roster *set = access->sharing; set < last; set++)
        for (size_t i = 0; i < last->user_count; i++)
            if (!set->everybody && sc_roster_names_user(set, last->users[i])) {
                snprintf(problem->text, sizeof(problem->text), "user %lu is in two sets",
                         (unsigned long)last->users[i]);
                return -EINVAL;
            }
    return 0;
}

/* An empty set, as between two semicolons, is none. */
static int access_add_set(struct sc_access *access, struct sc_bytes list,
                          struct access_problem *problem)
{
    struct sc_roster set;
    int error = access_read_roster(&set, list, problem);

    if (error < 0 || sc_roster_is_empty(&set))
        return error;
    struct sc_roster *sets =
        reallocarray(access->sharing, access->sharing_count + 1, sizeof(*sets));
    if (!sets) {
        sc_roster_fini(&set);
        return -ENOMEM;
    }
    sets[access->sharing_count++] = set;
    access->sharing = sets;
    return access_check_named_once(access, problem);
}

static int access_read_sharing(struct sc_access *access, const char *list,
                               struct access_problem *problem)
{
    int error = 0;

    problem->in_shared_users = true;
    while (error == 0 && *list != '\0') {
        size_t length = strcspn(list, ";");
        error = access_add_set(access, (struct sc_bytes){list, length}, problem);
        list += length + (list[length] == ';' ? 1 : 0);
    }
    return error;
}

int sc_access_init(struct sc_access *access, const struct sc_params *params, char *text)
{
    struct access_problem problem = {0};

    *access = (struct sc_access){
        .own = geteuid(),
        .parameter = sc_param_get(access_authorized_id(params))->name,
    };
    snprintf(text, SC_ACCESS_TEXT_MAX, "out of memory");
    sc_mapping_read_users(&access->users);
    sc_mapping_read_groups(&access->groups);
    int error = access_read_roster(&access->authorized,
                                   sc_bytes_of(params->access.authorized_users), &problem);
    if (error == 0 && params->access.shared_users)
        error = access_read_sharing(access, params->access.shared_users, &problem);
    if (error == -EINVAL)
        access_describe(params, &problem, text);
    if (error < 0)
        sc_access_fini(access);
    return error;
}

void sc_access_fini(struct sc_access *access)
{
    sc_roster_fini(&access->authorized);
    for (size_t i = 0; i < access->sharing_count; i++)
        sc_roster_fini(&access->sharing[i]);
    free(access->sharing);
    *access = (struct sc_access){0};
}

/* Somebody in a set who cannot connect, as far as that is known before he tries. */
static bool access_find_idle_sharer(const struct sc_access *access, const struct sc_roster *set,
                                    struct access_problem *problem)
{
    const struct sc_roster *authorized = &access->authorized;

    for (size_t i = 0; authorized->group_count == 0 && i < set->user_count; i++)
        if (set->users[i] != 0 && set->users[i] != access->own &&
            !sc_roster_names_user(authorized, set->users[i])) {
            snprintf(problem->text, sizeof(problem->text), "user %lu may not connect",
                     (unsigned long)set->users[i]);
            return true;
        }
    snprintf(problem->text, sizeof(problem->text), "they may not connect");
    return sc_roster_is_empty(authorized) && (set->group_count > 0 || set->everybody);
}

bool sc_access_has_idle_sharer(const struct sc_access *access, const struct sc_params *params,
                               char *text)
{
    struct access_problem problem = {.in_shared_users = true};

    for (size_t i = 0; i < access->sharing_count; i++)
        if (access_find_idle_sharer(access, &access->sharing[i], &problem)) {
            access_describe(params, &problem, text);
            return true;
        }
    return false;
}

/* Groups that stand for nobody are not among those that count. */
static bool access_is_in_group(const struct sc_access *access, const struct sc_roster *roster,
                               int socket)
{
    for (size_t i = 0; i < roster->group_count; i++)
        if (sc_mapping_is_real(&access->groups, roster->groups[i]) &&
            sc_accept_has_group(socket, roster->groups[i]))
            return true;
    return false;
}

/* Names are compared first: that costs no system call. */
static bool access_is_in_roster(const struct sc_access *access, const struct sc_roster *roster,
                                int socket, uid_t user)
{
    return sc_roster_names_user(roster, user) || access_is_in_group(access, roster, socket);
}

/* Who stands for nobody is turned away before any list is asked, everybody's included. */
int64_t sc_access_admit(const struct sc_access *access, int socket, uid_t user)
{
    if (!sc_mapping_is_real(&access->users, user))
        return -1;
    if (user != 0 && user != access->own &&
        !access_is_in_roster(access, &access->authorized, socket, user))
        return -1;
    for (size_t i = 0; i < access->sharing_count; i++)
        if (access_is_in_roster(access, &access->sharing[i], socket, user))
            return ACCESS_SHARED + (int64_t)i;
    return (int64_t)user;
}

/* Returns whether that was noted. */
static bool access_note_refusal(struct sc_access *access, uid_t user)
{
    if (access->refused_count == SC_ACCESS_REFUSED_MOST)
        return false;
    access->refused[access->refused_count++] = user;
    return true;
}

/*
 * One line a user, for ever: a program that tries every second fills no log.
 * Whoever can make users without end (subordinate ids) does not either.
 */
void sc_access_log_refusal(struct sc_access *access, struct sc_log *log, int64_t now, uid_t user)
{
    char why[128];

    for (size_t i = 0; i < access->refused_count; i++)
        if (access->refused[i] == user)
            return;
    if (sc_mapping_is_real(&access->users, user))
        snprintf(why, sizeof(why), "not in %s", access->parameter);
    else
        snprintf(why, sizeof(why), "it stands for all whom this user namespace does not map");
    if (access_note_refusal(access, user))
        sc_log(log, SC_WARNING, "user %lu may not connect: %s", (unsigned long)user, why);
    else
        sc_log_limited(log, &access->refusals, now, SC_WARNING, "user %lu may not connect: %s",
                       (unsigned long)user, why);
}
