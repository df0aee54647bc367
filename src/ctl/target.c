/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads what `run --to` leads to. Whether anybody is there is not asked here.
 */
#include "target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static const char tcp_prefix[] = "tcp:";
static const char unix_prefix[] = "unix:";

/* If a text starts so, what follows; else null. */
static const char *target_behind(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* Cuts "HOST:PORT" or "[HOST]:PORT" in two. */
static int target_split_host(struct sc_ctl_target *target, const char *text)
{
    target->host = strdup(text);
    if (!target->host)
        return -ENOMEM;
    char *colon = strrchr(target->host, ':');
    if (!colon || colon == target->host || colon[1] == '\0')
        return -EINVAL;
    *colon = '\0';
    target->port = colon + 1;
    char *last = colon - 1;
    if (*target->host != '[')
        return strchr(target->host, ':') ? -EINVAL : 0;
    if (*last != ']' || last == target->host + 1)
        return -EINVAL;
    *last = '\0';
    memmove(target->host, target->host + 1, (size_t)(last - target->host));
    return 0;
}

/* Absolute, so that two ways of writing one path are one place. */
static int target_set_path(struct sc_ctl_target *target, const char *path)
{
    char *whole = realpath(path, NULL);

    if (!whole)
        return -errno;
    if (asprintf(&target->text, "%s%s", unix_prefix, whole) < 0)
        target->text = NULL;
    free(whole);
    if (!target->text)
        return -ENOMEM;
    target->path = target->text + sizeof(unix_prefix) - 1;
    return 0;
}

int sc_ctl_target_init(struct sc_ctl_target *target, const char *text)
{
    const char *path = target_behind(text, unix_prefix);
    const char *host = target_behind(text, tcp_prefix);

    *target = (struct sc_ctl_target){0};
    if (path && *path)
        return target_set_path(target, path);
    if (!host)
        return -EINVAL;
    target->text = strdup(text);
    return target->text ? target_split_host(target, host) : -ENOMEM;
}

void sc_ctl_target_fini(struct sc_ctl_target *target)
{
    free(target->text);
    free(target->host);
    *target = (struct sc_ctl_target){0};
}

bool sc_ctl_target_has_name(const struct sc_ctl_target *target)
{
    struct in6_addr address;

    if (!target->host)
        return false;
    /* A colon is in no name, and stands for addresses with a zone too. */
    return !strchr(target->host, ':') && inet_pton(AF_INET, target->host, &address) != 1;
}

/* Digits are looked up nowhere, and the name of a service in a file. */
static socklen_t target_numeric_address(const struct sc_ctl_target *target,
                                        struct sockaddr_storage *address)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *list;
    socklen_t length = 0;

    if (getaddrinfo(target->host, target->port, &hints, &list) != 0)
        return 0;
    if (list->ai_addrlen <= sizeof(*address)) {
        length = list->ai_addrlen;
        memcpy(address, list->ai_addr, length);
    }
    freeaddrinfo(list);
    return length;
}

socklen_t sc_ctl_target_address(const struct sc_ctl_target *target,
                                struct sockaddr_storage *address)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};

    if (!target->path)
        return sc_ctl_target_has_name(target) ? 0 : target_numeric_address(target, address);
    if (strlen(target->path) >= sizeof(local.sun_path))
        return 0;
    memcpy(local.sun_path, target->path, strlen(target->path) + 1);
    memcpy(address, &local, sizeof(local));
    return sizeof(local);
}
