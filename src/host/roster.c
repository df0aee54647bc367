/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading lists of people, and looking up who they are. What being in a list
 * means is decided by whoever has it.
 */
#include "host/roster.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char roster_separators[] = ", \t\r\n";

/* A number that no user or group has means "none". */
static int roster_parse_number(const char *name, uint32_t *number)
{
    char *end;

    errno = 0;
    unsigned long value = strtoul(name, &end, 10);
    if (errno != 0 || *name < '0' || *name > '9' || *end != '\0' || value >= UINT32_MAX)
        return -ENOENT;
    *number = (uint32_t)value;
    return 0;
}

int sc_roster_find_user(const char *name, uid_t *user)
{
    const struct passwd *entry = getpwnam(name);

    if (!entry)
        return roster_parse_number(name, user);
    *user = entry->pw_uid;
    return 0;
}

int sc_roster_find_group(const char *name, gid_t *group)
{
    const struct group *entry = getgrnam(name);

    if (!entry)
        return roster_parse_number(name, group);
    *group = entry->gr_gid;
    return 0;
}

/* Users and groups are the same kind of number. */
static int roster_append(uint32_t **ids, size_t *count, uint32_t id)
{
    uint32_t *more = reallocarray(*ids, *count + 1, sizeof(*more));

    if (!more)
        return -ENOMEM;
    more[(*count)++] = id;
    *ids = more;
    return 0;
}

/* A user who is called "everybody" can be named by number. */
static int roster_add(struct sc_roster *roster, const char *name)
{
    uint32_t id;
    bool is_group = *name == '@' || *name == '%';

    if (strcmp(name, "everybody") == 0) {
        roster->everybody = true;
        return 0;
    }
    int error = is_group ? sc_roster_find_group(name + 1, &id) : sc_roster_find_user(name, &id);
    if (error < 0)
        return error;
    return is_group ? roster_append(&roster->groups, &roster->group_count, id)
                    : roster_append(&roster->users, &roster->user_count, id);
}

/* The list may be a part of a longer text, so it is not ended by a NUL. */
int sc_roster_init(struct sc_roster *roster, struct sc_bytes list, struct sc_bytes *unknown)
{
    const char *end = list.data + list.length;
    int error = 0;

    *roster = (struct sc_roster){0};
    for (const char *word = list.data; error == 0 && word < end;) {
        const char *next = word;
        while (next < end && !strchr(roster_separators, *next))
            next++;
        *unknown = (struct sc_bytes){word, (size_t)(next - word)};
        if (next > word) {
            char *name = strndup(word, unknown->length);
            error = name ? roster_add(roster, name) : -ENOMEM;
            free(name);
        }
        word = next + 1;
    }
    if (error < 0)
        sc_roster_fini(roster);
    return error;
}

void sc_roster_fini(struct sc_roster *roster)
{
    free(roster->users);
    free(roster->groups);
    *roster = (struct sc_roster){0};
}

bool sc_roster_names_user(const struct sc_roster *roster, uid_t user)
{
    for (size_t i = 0; i < roster->user_count; i++)
        if (roster->users[i] == user)
            return true;
    return roster->everybody;
}
