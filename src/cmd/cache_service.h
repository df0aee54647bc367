/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CMD_CACHE_SERVICE_H
#define SC_CMD_CACHE_SERVICE_H

/*
 * The cache server as a service: joins server/ and host/, which do not know
 * each other.
 */

#include "host/service.h"
#include "server/server.h"

struct sc_cache_service {
    struct sc_service base;
    struct sc_runtime *runtime; /* borrowed, from start on */
    struct sc_server *server;   /* owned */
    size_t clients;
    bool drained;
    unsigned char key[SC_STORE_KEY_LENGTH]; /* of the store's tables */
};

/* A service that is not prepared yet. */
void sc_cache_service_init(struct sc_cache_service *service);

#endif
