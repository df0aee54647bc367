/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_LINK_H
#define SC_RELAY_LINK_H

/*
 * What the process that lets people in and those that serve them say to each
 * other: messages on a local socket that keeps them apart, of one program that
 * was forked, so they are as they lie in memory. A message may carry one
 * descriptor. Nothing blocks; what cannot be said now is not said.
 *
 * What a worker says is not believed to be sensible: it may have been taken
 * over by whoever it serves.
 */

#include "base/log.h"
#include "relay/settings.h"
#include "relay/state.h"
#include "relay/tally.h"

enum sc_link_word {
    /* To a worker. */
    SC_LINK_SETTINGS, /* the first word */
    SC_LINK_CALLER,   /* carries the socket of somebody who was let in */
    SC_LINK_ALLOWANCE,
    SC_LINK_YIELD_SESSION,
    SC_LINK_YIELD_ASKER,
    SC_LINK_STOP,
    SC_LINK_PING,
    SC_LINK_LIST, /* carries a socket: a message for each session goes there */
    /* From a worker. */
    SC_LINK_COUNTS,
    SC_LINK_TALLY,
    SC_LINK_LOG,
    SC_LINK_IDLE,       /* it has nothing to do and would end */
    SC_LINK_LIST_OTHERS /* carries a socket: where everybody else's sessions are to be listed */
};

struct sc_link_settings {
    struct sc_relay_settings relay;
    int64_t user;
    uint64_t instance;
    int verbosity;
};

struct sc_link_log {
    enum sc_severity severity;
    char text[SC_LOG_TEXT_MAX + 1];
};

struct sc_link_message {
    enum sc_link_word word;
    uint64_t callers; /* so many have come to the worker that says so */
    /* So many that were asked to go it has heard of. */
    uint64_t heeded_sessions;
    uint64_t heeded_askers;
    union {
        struct sc_link_settings settings;
        struct sc_relay_allowance allowance;
        struct sc_relay_counts counts;
        struct sc_tally tally;
        struct sc_link_log log;
    };
};

/* Two ends, close-on-exec. Returns 0 or -errno. */
SC_MUST_CHECK int sc_link_open(int ends[2]);

/* Waits until something is said, which is only done before there is a loop. 0 or -errno. */
SC_MUST_CHECK int sc_link_wait(int fd);

/* Says it, with a descriptor (-1: none), of which the caller keeps a copy. 0 or -errno. */
SC_MUST_CHECK int sc_link_say(int fd, const struct sc_link_message *message, int carried);

/*
 * Hears one. Returns 0; -EAGAIN; -EPIPE: the other side has gone; -EPROTO: it
 * said nothing that could be meant. What it carried is the caller's, or -1.
 */
SC_MUST_CHECK int sc_link_hear(int fd, struct sc_link_message *message, int *carried);

#endif
