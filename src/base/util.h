/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BASE_UTIL_H
#define SC_BASE_UTIL_H

/*
 * The few compiler extensions and idioms that every room uses, each behind a
 * name that says what it is for.
 */

#include <stddef.h>

#define SC_MUST_CHECK        __attribute__((warn_unused_result))
#define SC_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* A 64-bit member that makes no gap at the end of its structure: what follows may lie there. */
#define SC_TIGHT __attribute__((packed, aligned(4)))

/* The structure that has the given member at the given address. */
#define SC_CONTAINER_OF(pointer, type, member)                                                     \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#define SC_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
