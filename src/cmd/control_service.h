/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CMD_CONTROL_SERVICE_H
#define SC_CMD_CONTROL_SERVICE_H

/*
 * The control service as a service: joins control/, the cache server and the
 * host, which do not know each other. Its socket is made while the process
 * still has its privileges; where none can be made the cache runs without.
 */

#include "cmd/cache_service.h"
#include "control/control.h"
#include "host/mapping.h"
#include "host/roster.h"
#include "host/service.h"
#include "io/listen.h"

struct sc_control_service {
    struct sc_service base;
    struct sc_cache_service *cache; /* borrowed; started before */
    struct sc_runtime *runtime;     /* borrowed */
    struct sc_control *control;     /* owned; null: there is no socket */
    struct sc_roster all;           /* who may do all */
    struct sc_roster stats;         /* who may look */
    struct sc_mapping users;
    struct sc_listen listen; /* of a server on its own */
    int listener;            /* under master(8); or -1 */
    uint64_t instance;
};

void sc_control_service_init(struct sc_control_service *service, struct sc_cache_service *cache);

#endif
