/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SESSION_ENGINE_H
#define SC_SESSION_ENGINE_H

/*
 * TLS towards the far end, as a tunnel needs it: the interface behind which a
 * TLS library stands. The engine is embedded in what implements it. It owns
 * the state of the protocol and never the socket.
 *
 * No verb blocks, and none does more in one turn than its budget allows,
 * however much the far end has sent.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/util.h"
#include "session/far.h"
#include "session/wishes.h"
#include "wire/tls.h"

enum sc_engine_result {
    SC_ENGINE_DONE,       /* bytes have moved, or what was asked for is complete */
    SC_ENGINE_WANT_READ,  /* nothing more until the far end's socket is readable */
    SC_ENGINE_WANT_WRITE, /* the same, writable */
    SC_ENGINE_AGAIN,     /* this turn is used up: in the next, whether the socket is ready or not */
    SC_ENGINE_LATER,     /* the kernel is short of memory: no event will tell when it is not */
    SC_ENGINE_CLOSED,    /* the far end has said that nothing more comes */
    SC_ENGINE_TRUNCATED, /* its bytes have ended, and it has not said so */
    SC_ENGINE_FAILED,    /* an alert, a breach of the protocol, a lost connection */
};

/* Whether it is to be tried once more, when that is so. */
static inline bool sc_engine_must_wait(enum sc_engine_result result)
{
    return result >= SC_ENGINE_WANT_READ && result <= SC_ENGINE_LATER;
}

struct sc_engine;

/* Of these the last three are for who made it, the others for its tunnel. */
struct sc_engine_verbs {
    /* A new turn begins: the budget is whole again. */
    void (*begin)(struct sc_engine *engine);

    /*
     * Goes on with the handshake. @moved tells whether a message of it was
     * completed; a part of one is no progress. Ends with DONE or FAILED.
     */
    enum sc_engine_result (*handshake)(struct sc_engine *engine, bool *moved);

    /* At least one byte with DONE. Any other result is without bytes. */
    enum sc_engine_result (*read)(struct sc_engine *engine, void *bytes, size_t size,
                                  size_t *length);

    /*
     * Takes some of the bytes with DONE, at least one. After any other result
     * but FAILED the same bytes are to be offered again, and perhaps more
     * behind them, before anything else is said.
     */
    enum sc_engine_result (*write)(struct sc_engine *engine, struct sc_bytes bytes, size_t *length);

    /*
     * Tells the far end that nothing more comes, in TLS and in TCP. DONE also
     * when the connection is lost.
     */
    enum sc_engine_result (*farewell)(struct sc_engine *engine);

    /*
     * Throws away what the far end still sends, without a look at it. CLOSED
     * when its bytes have ended, however.
     */
    enum sc_engine_result (*discard)(struct sc_engine *engine, void *bytes, size_t size);

    /* Whether a part of something has come, or waits to be sent. */
    bool (*is_amid)(const struct sc_engine *engine);

    /* Nothing will happen for a while: gives back what memory it can. */
    void (*rest)(struct sc_engine *engine);

    /*
     * Why it failed. The text is printable, at most SC_TLS_TEXT_MAX bytes and
     * a NUL.
     */
    enum sc_tls_reason (*explain)(const struct sc_engine *engine, char *text, size_t size);

    /*
     * Appends what is known of the session after the handshake, as fields.
     * Returns 0 or -errno.
     */
    int (*report)(const struct sc_engine *engine, struct sc_buf *out);

    void (*free)(struct sc_engine *engine);
};

struct sc_engine {
    const struct sc_engine_verbs *verbs; /* borrowed */
};

/*
 * Where engines come from: what all of them share, and the operator's policy.
 * Embedded likewise.
 */
struct sc_engines;

struct sc_engines_verbs {
    /*
     * Makes an engine for what @owner wishes. Certificates of one owner are
     * never used for another. The far is borrowed for the engine's life, the
     * wishes are not needed afterwards. Returns SC_TLS_REASON_NONE, or why
     * not, and says so in a text as explain does.
     */
    enum sc_tls_reason (*make)(struct sc_engines *engines, int64_t owner,
                               const struct sc_wishes *wishes, struct sc_far *far,
                               struct sc_engine **engine, char *text, size_t size);

    /* Of how many combinations of owners and certificates what was made of them is kept. */
    void (*limit)(struct sc_engines *engines, size_t combinations);

    /* A digest of what the operator has laid down, in hexadecimal digits. */
    struct sc_bytes (*policy)(const struct sc_engines *engines);
};

struct sc_engines {
    const struct sc_engines_verbs *verbs; /* borrowed */
};

#endif
