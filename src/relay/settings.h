/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_SETTINGS_H
#define SC_RELAY_SETTINGS_H

/*
 * What may change while the relay runs. Types only; see the parameters.
 */

#include <stddef.h>
#include <stdint.h>

#include "session/state.h"

struct sc_relay_settings {
    size_t session_limit;      /* of all users together; 0: as descriptors allow */
    size_t user_session_limit; /* 0: none */
    size_t client_limit;       /* of all users together */
    size_t handshake_limit;    /* likewise */
    size_t context_limit;      /* for each user */
    int64_t status_update_time;
    struct sc_tunnel_limits times;
};

#endif
