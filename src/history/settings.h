/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HISTORY_SETTINGS_H
#define SC_HISTORY_SETTINGS_H

/*
 * What the history is told by its configuration; all of it may change while it
 * is kept. Each field is called like its parameter, without
 * "connection_cache_" in front.
 */

#include <stddef.h>
#include <stdint.h>

struct sc_history_settings {
    size_t history_limit; /* places; 0: there is none */
    int64_t history_time; /* ms: how long ago a save may be and yet be matched by a look-up */
};

#endif
