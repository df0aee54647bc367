/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_OPTIONS_H
#define SC_LIB_OPTIONS_H

/*
 * The settings of a handle, as scache.h numbers them. Each has its default
 * and its range in one table.
 */

struct sc_options {
    int deadline_ms;
    int backoff_min_ms;
    int backoff_max_ms;
    int greeting;        /* 0 or 1 */
    int classic;         /* 0 or 1 */
    int max_connections; /* of a cache in this process */
};

/* All defaults, of which the environment may have its say. */
void sc_options_init(struct sc_options *options);

#endif
