/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_SERVED_H
#define SC_TESTS_SERVED_H

/*
 * A cache server in the test's own process, on a loop that turns when it is
 * told to and a clock that stands still until it is advanced, with clients on
 * real sockets. Who a client is, the test says; what the server closes is
 * closed at once.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "server/server.h"

enum { SERVED_CLIENTS = 64 };

struct served {
    struct sc_loop *loop;
    struct sc_closer *closer;
    struct sc_server *server;
    struct sc_log log;
    struct sc_log_sink sink;
    char records[16384]; /* a line each */
    int listener;
    int64_t next_user; /* of whoever connects next; negative: not admitted */
    size_t clients;    /* as the host was told */
    int first_requests;
    int drained;
};

/* Settings as a standalone server has them, but for what a test changes before starting. */
struct sc_server_settings served_settings(void);

void served_start(struct served *served, const struct sc_server_settings *settings,
                  size_t descriptors, bool one_space);
void served_stop(struct served *served);

/* Turns the loop until nothing more happens; and lets so much time pass first. */
void served_turn(struct served *served);
void served_wait(struct served *served, int64_t ms);

/* A client's end of a new connection, non-blocking; the server has accepted it if it can. */
int served_connect(struct served *served, int64_t user);

/* Sends bytes, with a descriptor unless it is -1. */
void served_send(int client, struct sc_bytes bytes, int fd);

/*
 * What has come: bytes appended to @bytes, a descriptor in @fd unless null.
 * Returns -1 at the end of the stream, else how many bytes.
 */
int served_receive(int client, struct sc_buf *bytes, int *fd);

/* Both at once, for a request that is answered by one list: its status, or -1. */
int served_ask(struct served *served, int client, struct sc_bytes request, int fd, int *found);

/* Whether the server has closed this client's connection. */
bool served_is_closed(int client);

/* One end of a stream pair to be cached, and its far end. */
int served_pair(int *far);

#endif
