/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps of the user namespace that the process lives in, as /proc shows
 * them. What follows from them for a client is decided in access.c.
 */
#include "host/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A map has at most 340 lines of 33 bytes. The last number means nobody. */
enum { MAPPING_TEXT_MAX = 16384, MAPPING_OVERFLOW = 65534 };

bool sc_mapping_is_whole(const char *text)
{
    unsigned long long first, outside, count, mapped = 0;
    int length;

    for (; sscanf(text, "%llu %llu %llu%n", &first, &outside, &count, &length) == 3; text += length)
        mapped += count;
    return mapped >= UINT32_MAX;
}

/* Returns the number of bytes, or -errno. */
static ssize_t mapping_read(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t got = fd < 0 ? -errno : 1;

    while (got > 0 && length < size - 1) {
        got = read(fd, text + length, size - 1 - length);
        if (got < 0)
            got = -errno;
        else
            length += (size_t)got;
    }
    text[length] = '\0';
    if (fd >= 0)
        close(fd);
    return got < 0 ? got : (ssize_t)length;
}

static void mapping_read_all(struct sc_mapping *mapping, const char *map, const char *overflow)
{
    char text[MAPPING_TEXT_MAX];
    ssize_t length = mapping_read(map, text, sizeof(text));

    /* A kernel without such namespaces shows no map; without /proc nobody can tell. */
    mapping->whole = length >= 0 ? sc_mapping_is_whole(text)
                                 : length == -ENOENT && access("/proc/self/stat", F_OK) == 0;
    mapping->overflow = MAPPING_OVERFLOW;
    if (mapping_read(overflow, text, sizeof(text)) > 0)
        mapping->overflow = (uint32_t)strtoul(text, NULL, 10);
}

void sc_mapping_read_users(struct sc_mapping *mapping)
{
    mapping_read_all(mapping, "/proc/self/uid_map", "/proc/sys/kernel/overflowuid");
}

void sc_mapping_read_groups(struct sc_mapping *mapping)
{
    mapping_read_all(mapping, "/proc/self/gid_map", "/proc/sys/kernel/overflowgid");
}
