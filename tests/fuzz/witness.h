/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_FUZZ_WITNESS_H
#define SC_TESTS_FUZZ_WITNESS_H

/*
 * Sees all that clients say and hear, and knows what a server may answer. It
 * has no store: it remembers every descriptor that was sent with the places
 * under which it may have been saved. What must hold, whatever was said:
 *
 * - each request is answered, in order, by exactly the reply that it calls
 *   for, with a descriptor where one is due and nowhere else;
 * - a descriptor that is handed out was saved by somebody of the same space,
 *   under a label that was asked for, or to which a destination that was
 *   asked for was bound, and with the properties that come with it;
 * - it is handed out once for each time that it was saved, not after its time
 *   to live, and not when its far end had closed it or spoken before.
 *
 * What does not hold ends the process. It uses the wire room to read lists,
 * which has a target of its own. Views that it is given are copied.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "wire/response.h"

/* Under which a descriptor that was sent may be saved. */
struct witness_place {
    struct sc_bytes label;
    struct sc_bytes property;
    int64_t ttl; /* milliseconds */
};

/*
 * One time that a descriptor was sent. The first and the last byte of its
 * message may belong to two requests, and which of them gets it depends on
 * how the kernel joins bytes.
 */
struct witness_deed {
    SLIST_ENTRY(witness_deed) link;
    uint64_t identity;
    int64_t space;
    struct witness_place places[2];
    size_t count;
    int64_t saved_by; /* the server has said so by then; INT64_MAX: not yet */
    bool is_over;     /* handed out, or known not to be saved */
};

struct witness_binding {
    SLIST_ENTRY(witness_binding) link;
    int64_t space;
    struct sc_bytes destination;
    struct sc_bytes property;
    struct sc_bytes endpoint;
};

struct witness_text {
    SLIST_ENTRY(witness_text) link;
    char bytes[];
};

/* A stream socket that was closed or written to at its far end. */
struct witness_spoiled {
    SLIST_ENTRY(witness_spoiled) link;
    uint64_t identity;
    uint64_t step;
};

struct witness {
    SLIST_HEAD(, witness_deed) deeds;
    SLIST_HEAD(, witness_binding) bindings;
    SLIST_HEAD(, witness_text) texts;
    SLIST_HEAD(, witness_spoiled) spoiled;
    int64_t ttl_limit; /* the highest that the server has had, milliseconds */
    size_t limit;      /* of a list, in bytes */
    bool greets;
    bool checks_peer; /* all the time */
    uint64_t step;    /* counts what is said */
};

/* A request that was made and is not answered to the end. */
struct witness_asked {
    STAILQ_ENTRY(witness_asked) link;
    struct sc_request request; /* views of the witness's texts */
    struct witness_deed *deed;
    struct sc_found found;
    int64_t at;
    uint64_t step;
    bool is_promised; /* save: go on; find: the descriptor comes next */
    bool has_more;    /* what it waits for was said */
};

struct witness_client {
    struct witness *witness;
    int64_t space;
    STAILQ_HEAD(, witness_asked) asked;
    struct sc_buf saying; /* a list that is not complete */
    struct sc_list_scanner said;
    struct witness_asked *saving; /* its descriptor's byte is due */
    struct witness_deed *carried; /* came with the list that is not complete */
    bool is_announced;            /* that list is too long, and was answered already */
    struct sc_buf hearing;
    struct sc_list_scanner heard;
    bool has_greeting;
    bool is_refused; /* who may not connect is told so in place of a greeting */
    uint64_t got;    /* identity of the descriptor that came with the item at hand */
};

void witness_init(struct witness *witness);
void witness_fini(struct witness *witness);

void witness_client_init(struct witness_client *client, struct witness *witness, int64_t space,
                         bool is_greeted);
void witness_client_fini(struct witness_client *client);

/* A stream socket's far end is closed, or has spoken. */
void witness_spoil(struct witness *witness, uint64_t identity);

/* Bytes were sent, and @descriptors with them; if it was one, it is @identity. */
void witness_said(struct witness_client *client, struct sc_bytes bytes, size_t descriptors,
                  uint64_t identity, int64_t now);

/* Bytes were received, with them a descriptor, or none (zero). */
void witness_heard(struct witness_client *client, struct sc_bytes bytes, uint64_t identity,
                   int64_t now);

/* Whether the server owes this client nothing now. */
bool witness_is_settled(const struct witness_client *client);

#endif
