/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_FUZZ_WORLD_H
#define SC_TESTS_FUZZ_WORLD_H

/*
 * A real server on a real loop, with a listening socket, clients and things
 * to be cached, all in this process, and the witness of what they say. Time
 * stands still unless it is advanced, and the server does something only in a
 * turn.
 *
 * A call that cannot be carried out (nobody is in the slot, no descriptor is
 * left, a socket is full) does nothing. What must hold and does not ends the
 * process.
 */

#include <stdbool.h>
#include <stdint.h>

#include "closer_double.h"
#include "descriptors.h"
#include "server/server.h"
#include "witness.h"

enum { WORLD_CLIENTS = 6, WORLD_THINGS = 8, WORLD_WAITING = 16, WORLD_REFUSED = 3 };

struct world_client {
    int socket; /* -1: the slot is free */
    int output; /* what is said to it comes here, or -1: on the socket too */
    int served_input;
    int served_output;   /* the server's ends, when it was told to serve them */
    unsigned generation; /* of the slot */
    bool is_admitted;    /* by the server */
    bool is_lost;        /* the server has closed it */
    bool is_deaf;        /* hears no more, or something it should have heard was lost */
    struct witness_client witness;
};

struct world_thing {
    int near; /* what is saved */
    int far;
    enum descriptor_kind kind;
    uint64_t identity;
};

/* Those who have connected and were not accepted yet, in order. */
struct world_waiting {
    size_t slot;
    unsigned generation;
    int64_t space;
};

struct world_options {
    struct sc_server_settings settings;
    size_t descriptors; /* that the server thinks it may have open */
    int verbosity;
    bool has_small_buffers;
};

struct world {
    struct sc_loop *loop;
    struct sc_closer *closer;
    struct sc_log_sink sink;
    struct sc_log log;
    struct sc_server *server;
    struct sc_server_settings settings;
    int listener;
    bool has_small_buffers;
    bool is_draining;
    bool is_drained;
    size_t clients_of_server;
    struct world_client clients[WORLD_CLIENTS];
    struct world_thing things[WORLD_THINGS];
    struct world_waiting waiting[WORLD_WAITING];
    size_t waiting_count;
    struct witness witness;
};

void world_init(struct world *world, const struct world_options *options);

/* Reads what is left, sees that nobody was forgotten, and ends everything. */
void world_fini(struct world *world);

/* One turn of the loop. */
void world_turn(struct world *world);

/* Somebody of this space connects; WORLD_REFUSED: is not admitted. */
void world_connect(struct world *world, size_t slot, int64_t space);

/* The server serves two descriptors, as standard input and output. */
void world_serve(struct world *world, size_t slot);

/* Says @bytes with @copies of descriptor @fd (-1: none). */
void world_say(struct world *world, size_t slot, struct sc_bytes bytes, int fd, size_t copies);

/* Whether something was heard. */
bool world_hear(struct world *world, size_t slot, size_t most);
void world_half_close(struct world *world, size_t slot, bool hearing);
void world_close(struct world *world, size_t slot);

/* A thing's own end, made if it is not there; -1 if that fails. */
int world_thing(struct world *world, size_t which, enum descriptor_kind kind);

/* Its far end is closed, or says something. */
void world_spoil(struct world *world, size_t which, bool by_closing);

/* Our own copies are closed; what is cached stays. */
void world_forget(struct world *world, size_t which);

void world_configure(struct world *world, const struct sc_server_settings *settings);
void world_drain(struct world *world, int64_t patience);

#endif
