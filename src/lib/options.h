/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_OPTIONS_H
#define SC_LIB_OPTIONS_H

/*
 * The settings of a handle, as scache.h numbers them. Each has its default
 * and its range in one table.
 */

#include <stdbool.h>

#include "base/util.h"
#include "scache.h"

struct sc_options {
    int deadline_ms;
    int backoff_min_ms;
    int backoff_max_ms;
    int greeting;        /* 0 or 1 */
    int classic;         /* 0 or 1 */
    int hints;           /* 0 or 1 */
    int max_connections; /* of a cache in this process */
};

/* All defaults, of which the environment may have its say. */
void sc_options_init(struct sc_options *options);

/*
 * Sets one, or reads it. @is_local: the handle is a cache in this process.
 * Returns 0, or -EINVAL: such a handle has no such setting, or the value is
 * out of range.
 */
SC_MUST_CHECK int sc_options_set(struct sc_options *options, bool is_local,
                                 enum scache_option number, long value);
SC_MUST_CHECK int sc_options_get(const struct sc_options *options, bool is_local,
                                 enum scache_option number, long *value);

#endif
