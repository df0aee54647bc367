/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CMD_TLS_SERVICE_H
#define SC_CMD_TLS_SERVICE_H

/*
 * The relay of TLS sessions as a service: joins relay/, tls/ and host/, none of
 * which knows another.
 */

#include "host/service.h"
#include "relay/porter.h"
#include "tls/engines.h"

struct sc_tls_service {
    struct sc_service base;
    struct sc_runtime *runtime; /* borrowed, from start on */
    struct sc_tls_engines engines;
    bool has_engines;
    struct sc_porter *porter; /* owned */
    uint64_t instance;
    struct sc_timer report;
    struct sc_tally reported;
};

/* A service that is not prepared yet. */
void sc_tls_service_init(struct sc_tls_service *service);

#endif
