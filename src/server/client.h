/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_CLIENT_H
#define SC_SERVER_CLIENT_H

/*
 * One client: a socket, its conversation, and what is on its way to it. It is
 * served in steps, so that several clients can go through each step together
 * (server/round): it is heard; what it said is thought about, until something
 * must be found or sent first; what was found is looked at; it is spoken to;
 * and then it is settled what it waits for.
 *
 * A client is a guest of the crowd, under its user. It owns its socket, its
 * session, and the output that waits; buffers are lent to it while it is
 * served. Nothing here blocks.
 */

#include "loop/watch.h"
#include "server/answer.h"
#include "server/common.h"
#include "server/delivery.h"
#include "server/unread.h"
#include "wire/session.h"

enum sc_client_wait {
    SC_WAIT_INPUT,
    SC_WAIT_OUTPUT,
    SC_WAIT_RETRY /* for something that no event announces */
};

struct sc_client {
    struct sc_guest guest;
    struct sc_watch input;
    struct sc_watch output; /* the same descriptor, but for standard input and output */
    struct sc_common *common;
    TAILQ_ENTRY(sc_client) retry;   /* while it waits for one */
    TAILQ_ENTRY(sc_client) silence; /* while it is silent */
    struct sc_session session;
    struct sc_buf out; /* what is to be sent */
    struct sc_delivery delivery;
    struct sc_unread unread;
    struct sc_acquisition acquisition; /* open while it has neither got it nor given up */
    struct sc_caller caller;
    enum sc_client_wait wait;
    int error;         /* 0; or -errno: it is to be closed, its output sent first if possible */
    bool wants;        /* its last request waits for a connection to be found */
    bool more;         /* something that was received has not been thought about */
    bool answered;     /* something, since it was heard */
    bool served;       /* it is being served: nobody may close it */
    bool acknowledges; /* what it was sent last it will say that it received */
    bool end_of_input;
    bool silent; /* it was not greeted yet, and has said nothing */
};

/*
 * Begins a conversation. Descriptors are passed over the input. From now on
 * the client is queued when there is something to do for it. On failure,
 * -ENOMEM, the descriptors stay the caller's.
 */
SC_MUST_CHECK int sc_client_new(struct sc_client **client, struct sc_common *common,
                                struct sc_user *user, const struct sc_caller *caller, int input,
                                int output);

/* Ends it, for the reason that is counted. What it did not get goes back. */
void sc_client_free(struct sc_client *client, enum sc_counter reason);

static inline struct sc_client *sc_client_of(struct sc_guest *guest)
{
    return guest ? SC_CONTAINER_OF(guest, struct sc_client, guest) : NULL;
}

/*
 * Asks it to go, now that it is idle: closed without its noticing, unless it
 * has just spoken. Returns whether it is gone.
 */
bool sc_client_dismiss(struct sc_client *client, enum sc_counter reason);

/* Whether it has said something that was not heard yet. */
bool sc_client_is_speaking(const struct sc_client *client);

/* It is not greeted now: it waits among the silent, until it speaks or is greeted. */
void sc_client_keep_silent(struct sc_client *client);

/* Says the greeting; a client that is lost by that is closed when it is served. */
void sc_client_greet(struct sc_client *client);

/* Whether it may hear, or has to be spoken to first. */
static inline bool sc_client_can_hear(const struct sc_client *client)
{
    return sc_buf_length(&client->out) == 0 && !client->more && !client->wants &&
           client->error == 0;
}

/* Receives into so many bytes, which must stay until it is settled. Returns how many were used. */
size_t sc_client_hear(struct sc_client *client, char *bytes, size_t size);

/*
 * Goes on with what was received, for at most @quota requests, which it is
 * lessened by. Stops when a connection is wanted: then @request says which,
 * valid until it is thought again.
 */
void sc_client_think(struct sc_client *client, unsigned *quota, struct sc_request *request);

/* What it wants was found, and is held for it from now on; or it was not. */
void sc_client_found(struct sc_client *client, const struct sc_request *request,
                     struct sc_connection *connection, const struct sc_found *found);
void sc_client_missed(struct sc_client *client, const struct sc_request *request);

/* Sends once, if there is anything. Returns the number of bytes, or -errno. */
ssize_t sc_client_speak(struct sc_client *client);

/*
 * Ends the service, after speaking has returned this: sends the rest, as far
 * as that goes, and waits for what must come next. Returns false when the
 * client is to be closed; @reason says what for.
 */
bool sc_client_settle(struct sc_client *client, ssize_t sent, enum sc_counter *reason);

/* Whether it has to be served again though nothing more comes in. */
static inline bool sc_client_has_more(const struct sc_client *client)
{
    return client->wait == SC_WAIT_INPUT && (client->more || client->wants);
}

#endif
