/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_RELAYED_H
#define SC_RELAY_RELAYED_H

/*
 * A session on the loop: a tunnel, its engine, its two sockets, and what is
 * waited for on them. It owns all of these; whoever has it is told when its
 * handshake is complete and when it is over.
 *
 * Call-backs come out of the loop or of sc_relayed_go_on(), and may free the
 * session as the last thing that they do.
 */

#include <sys/queue.h>

#include "loop/timer.h"
#include "loop/watch.h"
#include "relay/ends.h"
#include "session/tunnel.h"
#include "session/wishes.h"

enum { SC_RELAYED_ID_SIZE = 48 };

struct sc_relayed;

struct sc_relayed_calls {
    void (*ready)(struct sc_relayed *relayed); /* the handshake is complete */
    void (*over)(struct sc_relayed *relayed);  /* nothing is left of it */
};

struct sc_relayed_options {
    struct sc_loop *loop; /* borrowed, as all of these */
    const struct sc_tunnel_limits *limits;
    const struct sc_relayed_calls *calls;
    char *scratch; /* SC_TUNNEL_DOWN_MAX bytes, shared by all who never need it at once */
    void *owner;   /* for call-backs */
};

struct sc_relayed {
    TAILQ_ENTRY(sc_relayed) link; /* its owner's, as what follows up to the options */
    void *asker;                  /* who waits for it; null: nobody does */
    char id[SC_RELAYED_ID_SIZE];
    char *peer; /* whom it is connected to; owned */
    char *name; /* that was verified, or wished for; owned */
    enum sc_level level;
    int64_t began_at;
    bool counted; /* as one of those that are limited */
    bool given;   /* somebody has it, or had */

    struct sc_relayed_options options;
    struct sc_tunnel tunnel;
    struct sc_engine *engine;
    struct sc_far_end far;
    struct sc_plain_end plain;
    struct sc_watch far_watch;
    struct sc_watch plain_watch;
    struct sc_timer timer;
    bool begun;     /* before that there is no tunnel */
    bool unwatched; /* the kernel cannot watch a socket of its */
};

TAILQ_HEAD(sc_relayed_list, sc_relayed);

/*
 * Takes over the connection, in every outcome. Nothing happens before it is
 * begun. Returns it, or null: no memory.
 */
SC_MUST_CHECK struct sc_relayed *sc_relayed_new(const struct sc_relayed_options *options, int fd);
void sc_relayed_free(struct sc_relayed *relayed);

/* Takes the engine over, and a limit for its handshake, milliseconds (0: the usual one). */
void sc_relayed_prepare(struct sc_relayed *relayed, struct sc_engine *engine, int64_t handshake);

/* Shakes hands. */
void sc_relayed_begin(struct sc_relayed *relayed);

/* When it is ready: takes our end of the caller's plaintext over, and goes on. */
void sc_relayed_open(struct sc_relayed *relayed, int plain);

/* Goes on at once, with all that may be ready. */
void sc_relayed_go_on(struct sc_relayed *relayed);

/* It ends; see sc_tunnel_drain() and sc_tunnel_dismiss(). */
void sc_relayed_drain(struct sc_relayed *relayed);
void sc_relayed_dismiss(struct sc_relayed *relayed, enum sc_tunnel_cause cause);

/* Bytes that one side has said and the other has not been sent yet, or not acknowledged. */
size_t sc_relayed_under_way(const struct sc_relayed *relayed);

#endif
