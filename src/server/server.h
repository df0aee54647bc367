/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_SERVER_H
#define SC_SERVER_SERVER_H

/*
 * The connection cache server: who comes in (gate), who is served when
 * (queue, round), what each client says and is told (client, answer,
 * delivery), over one store. It is the same however it was started; what is
 * peculiar to a host comes in by the options and goes out by its call-backs.
 *
 * No call blocks. The server owns its clients and, through its store, every
 * cached descriptor; listening sockets stay the host's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/client.h"

struct sc_server;

/* What the server tells its host; a null call-back is not called. */
struct sc_server_host {
    /*
     * Which space a new client's labels live in; negative refuses the client.
     * Without it all clients share one.
     */
    int64_t (*admit)(void *context, const struct sc_caller *caller, int client);
    void (*first_request)(void *context);
    void (*clients_changed)(void *context, size_t clients);
    void (*drained)(void *context); /* after sc_server_drain(): the last client has gone */
    void *context;
};

struct sc_server_options {
    struct sc_loop *loop; /* borrowed, like log and closer */
    struct sc_log *log;
    struct sc_closer *closer;
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

/* New settings, at once. */
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

/* Logs the statistics and starts a new interval. */
void sc_server_report(struct sc_server *server);

/*
 * What others may look at: borrowed, until the server is freed. The tap, if
 * not all null, is told all that the store tells, after the server was.
 */
struct sc_server_parts {
    struct sc_store *store;
    struct sc_stats *stats;
    struct sc_crowd *crowd;
    const struct sc_history *history;
};

struct sc_server_parts sc_server_parts(struct sc_server *server);
void sc_server_set_tap(struct sc_server *server, const struct sc_store_observer *tap);
void sc_server_gauge(const struct sc_server *server, uint64_t gauges[SC_GAUGES]);

/* Something was dropped from the store: closes it, and removes the rest bit by bit. */
void sc_server_note_dropped(struct sc_server *server);

/* Logs a few lines of what there is just now. */
void sc_server_describe(const struct sc_server *server);

#endif
