/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_SERVER_H
#define SC_SERVER_SERVER_H

/*
 * The connection cache server: joins the store, the protocol, the counters
 * and the sockets on one event loop. It is the same however it was started;
 * what is peculiar to a host comes in by the options and goes out by the
 * host's call-backs.
 *
 * No call blocks. The server owns its clients and, through its store, every
 * cached descriptor; listening sockets stay the host's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ev.h>

#include "base/log.h"
#include "base/util.h"
#include "close/closer.h"
#include "server/settings.h"
#include "store/store.h"

struct sc_server;

/* What the server tells its host; a null call-back is not called. */
struct sc_server_host {
    /*
     * Which space a new client's labels live in; negative refuses the client.
     * Without it all clients share one.
     */
    int64_t (*admit)(void *context, int client);
    void (*first_request)(void *context);
    void (*clients_changed)(void *context, size_t clients);
    void (*drained)(void *context); /* after sc_server_drain(): the last client has gone */
    void *context;
};

struct sc_server_options {
    struct ev_loop *loop;     /* borrowed */
    struct sc_log *log;       /* borrowed */
    struct sc_closer *closer; /* borrowed */
    unsigned char key[SC_STORE_KEY_LENGTH];
    size_t descriptors;      /* that the process may have open */
    size_t descriptors_used; /* by all else than clients and connections */
    struct sc_server_settings settings;
    struct sc_server_host host;
};

/* Returns 0, -ENOMEM, or -EMFILE when the descriptors do not suffice. */
SC_MUST_CHECK int sc_server_new(struct sc_server **server, const struct sc_server_options *options);

/* Closes all clients and hands all cached descriptors to the closer. */
void sc_server_free(struct sc_server *server);

void sc_server_configure(struct sc_server *server, const struct sc_server_settings *settings);

/* Accepts clients on a listening, non-blocking socket. 0 or -ENOMEM. */
SC_MUST_CHECK int sc_server_listen(struct sc_server *server, int listener);

/*
 * Serves one client on two descriptors, without a greeting. Descriptors are
 * passed over the input. 0 or -ENOMEM.
 */
SC_MUST_CHECK int sc_server_serve(struct sc_server *server, int input, int output);

/*
 * Stops accepting, closes idle clients, and gives requests that are half-way
 * so many milliseconds; then calls the host's drained.
 */
void sc_server_drain(struct sc_server *server, int64_t patience);

/* The time of this turn of the loop, monotonic milliseconds. */
int64_t sc_server_now(const struct sc_server *server);

/* Logs the statistics and starts a new interval. */
void sc_server_report(struct sc_server *server);

#endif
