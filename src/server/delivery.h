/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_DELIVERY_H
#define SC_SERVER_DELIVERY_H

/*
 * A connection on its way to a client. It is found, and held; it is promised
 * to the client, who has to say a word first (Postfix's exchange), or rides
 * at once on the reply (take); and it is sent: its descriptor with one certain
 * byte of the output. Until the kernel has taken that byte the connection goes
 * back to its place if the client is lost; from then on it is the client's.
 */

#include "server/common.h"

enum sc_delivery_state {
    SC_DELIVERY_NONE,
    SC_DELIVERY_PROMISED, /* the client's word is due */
    SC_DELIVERY_RIDING    /* on byte @at of the output */
};

struct sc_delivery {
    enum sc_delivery_state state;
    struct sc_connection *connection; /* held, unless the state is NONE */
    size_t at;
    enum sc_counter hit; /* what it counts as when it has been sent */
};

static inline bool sc_delivery_is_riding(const struct sc_delivery *delivery)
{
    return delivery->state == SC_DELIVERY_RIDING;
}

/* The client is told that it will have this connection, which is held. */
void sc_delivery_promise(struct sc_delivery *delivery, struct sc_connection *connection,
                         enum sc_counter hit);

/* The descriptor is to go with the byte that has so many bytes of output before it. */
void sc_delivery_ride(struct sc_delivery *delivery, size_t at);

/*
 * Sends output, once: up to the byte that carries the descriptor, or from it
 * on. Returns the number of bytes, or -errno. The bytes must be there.
 */
SC_MUST_CHECK ssize_t sc_delivery_send(const struct sc_delivery *delivery, int output, int passing,
                                       struct sc_bytes bytes);

/*
 * So many bytes of the output were taken. True: the descriptor was with them,
 * and the connection has left the cache.
 */
SC_MUST_CHECK bool sc_delivery_note_sent(struct sc_delivery *delivery, struct sc_common *common,
                                         size_t length);

/* The client is lost: what it did not get goes back. */
void sc_delivery_give_back(struct sc_delivery *delivery, struct sc_common *common);

#endif
