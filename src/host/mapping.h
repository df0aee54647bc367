/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_MAPPING_H
#define SC_HOST_MAPPING_H

/*
 * Which user and group numbers of clients mean somebody. In a user namespace
 * that does not map all of them, the kernel shows every stranger under one
 * number, the overflow id (65534, "nobody"): that is an identity of nobody, and
 * whoever is let in under it lets in all.
 */

#include <stdbool.h>
#include <stdint.h>

struct sc_mapping {
    bool whole;        /* every number stands for one user, or group */
    uint32_t overflow; /* otherwise: the one that stands for all that are not mapped */
};

/* To be called before the process gives up files: /proc is read. */
void sc_mapping_read_users(struct sc_mapping *mapping);
void sc_mapping_read_groups(struct sc_mapping *mapping);

/* Whether a client's number stands for somebody. */
static inline bool sc_mapping_is_real(const struct sc_mapping *mapping, uint32_t id)
{
    return mapping->whole || id != mapping->overflow;
}

/*
 * Whether a text as in /proc/self/uid_map, with lines of three numbers of
 * which the last is how many, maps all numbers that there are.
 */
bool sc_mapping_is_whole(const char *text);

#endif
