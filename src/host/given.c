/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors of a service manager: how many there are and what they are
 * called. What they really are is looked at by whoever uses them.
 */
#include "host/given.h"

#include <stdlib.h>
#include <string.h>

void sc_given_init(struct sc_given *given, pid_t self, const char *listen_pid,
                   const char *listen_fds, const char *listen_fdnames)
{
    *given = (struct sc_given){0};
    if (!listen_pid || !listen_fds || strtol(listen_pid, NULL, 10) != (long)self)
        return;
    long count = strtol(listen_fds, NULL, 10);
    if (count <= 0 || count >= SC_GIVEN_MOST)
        return;
    *given = (struct sc_given){.count = (int)count, .names = listen_fdnames};
}

struct sc_bytes sc_given_name(const struct sc_given *given, int fd)
{
    const char *name = given->names;

    for (int i = SC_GIVEN_FIRST; i < fd && name; i++) {
        name = strchr(name, ':');
        name = name ? name + 1 : NULL;
    }
    if (!name)
        return (struct sc_bytes){"", 0};
    return (struct sc_bytes){name, strcspn(name, ":")};
}

bool sc_given_is_listener(struct sc_bytes name)
{
    /* "unknown" is what systemd calls a socket that it has no name for. */
    static const char *const plain[] = {"", "unknown", "scache"};
    static const char unit[] = ".socket";
    const size_t ending = sizeof(unit) - 1;

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (strlen(plain[i]) == name.length && memcmp(plain[i], name.data, name.length) == 0)
            return true;
    return name.length > ending && memcmp(name.data + name.length - ending, unit, ending) == 0;
}
