/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_SETTINGS_H
#define SC_SERVER_SETTINGS_H

/*
 * What the server is told by its configuration; all of it may change while it
 * runs. Each field is called like its parameter, without "connection_cache_"
 * in front. Times are in milliseconds.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/settings.h"
#include "store/store.h"

enum sc_greeting_mode {
    SC_GREETING_NO,
    SC_GREETING_YES,
    SC_GREETING_AUTO /* whether clients expect it is to be found out */
};

struct sc_server_settings {
    int64_t ttl_limit;
    int64_t status_update_time;
    int64_t request_time_limit; /* of a request that has begun, to its end */
    size_t message_limit;       /* bytes of one list; for clients that come from now on */
    size_t client_limit;        /* most at once; 0: a quarter of the descriptors */
    enum sc_greeting_mode greeting;
    bool check_peer;
    struct sc_history_settings history;
    struct sc_store_limits limits; /* as configured; descriptors may allow less */
};

#endif
