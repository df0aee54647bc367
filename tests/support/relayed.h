/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_RELAYED_H
#define SC_TESTS_RELAYED_H

/*
 * Both sides of a tunnel, as a model: a far end behind an engine, and a caller
 * behind a plain. Between each of them and the tunnel lie pipes of a stated
 * size. Every byte of a direction has a value that its place decides, so that
 * what is lost, doubled or out of order is found where it arrives.
 *
 * What an engine or a kernel may decide (how much is taken, whether the turn
 * is used up) is asked of choose(), which always says 0 unless a test has
 * other plans; 0 is the plain course of things.
 *
 * All of it but the tunnel's buffers is in the structure, so it can be copied.
 */

#include <stdbool.h>
#include <stddef.h>

#include "session/tunnel.h"

enum { RELAYED_NET = 50000, RELAYED_PIPE = 200000 };

enum far_end { FAR_SPEAKS, FAR_SAYS_FAREWELL, FAR_HANGS_UP, FAR_IS_LOST };

struct relayed {
    struct sc_tunnel tunnel;
    struct sc_tunnel_limits limits;
    struct sc_engine engine;
    struct sc_plain plain;
    /* How much each pipe holds: to and from the far end, to and from the caller. */
    size_t net_size;
    size_t pipe_size;
    /* Upwards: where each byte is. caller_wrote >= taken >= pushed >= far_heard. */
    size_t caller_wrote, taken, pushed, far_heard;
    /* Downwards: far_wrote >= opened >= delivered >= caller_heard. */
    size_t far_wrote, opened, delivered, caller_heard;
    size_t offered; /* the engine has begun with so many bytes, which must come again */
    bool caller_ended, caller_deaf, caller_left;
    bool caller_sees_end;
    bool is_dismissed; /* the server has ended the session */
    enum far_end far;  /* how its words end, behind all that it wrote */
    bool far_sees_farewell;
    bool far_was_deaf; /* it was broken while it still spoke */
    bool is_broken;    /* nothing reaches the far end any more */
    bool shakes_hands; /* the far end takes part in the handshake */
    bool has_rested;
    bool quirk; /* something was chosen that does not last */
    int (*choose)(struct relayed *relayed, int count);
    void *chooser;
    int64_t now;
    char *scratch;
};

char relayed_byte(size_t place);

/* A session whose handshake is complete, with pipes of these sizes and very long limits. */
void relayed_open(struct relayed *relayed, size_t net_size, size_t pipe_size);

/* The same, with pipes and limits as they usually are. */
extern const struct sc_tunnel_limits relayed_usual;
void relayed_begin(struct relayed *relayed);

/* The same before the handshake. */
void relayed_init(struct relayed *relayed, size_t net_size, size_t pipe_size);
void relayed_close(struct relayed *relayed);

/* Each returns how many bytes went, at most @length. */
size_t relayed_caller_writes(struct relayed *relayed, size_t length);
size_t relayed_caller_reads(struct relayed *relayed, size_t length);
size_t relayed_far_writes(struct relayed *relayed, size_t length);
size_t relayed_far_reads(struct relayed *relayed, size_t length);

/* What of all events is the case now. */
int relayed_ready(const struct relayed *relayed);

/* One turn for what is wanted and ready, or due. False: there was no reason for one. */
bool relayed_turn(struct relayed *relayed);

/* Turns until there is no reason for another; fails if that takes for ever. */
void relayed_settle(struct relayed *relayed);

/* Lets time pass to when the tunnel is due, at most to @until, and takes that turn. */
void relayed_wait(struct relayed *relayed, int64_t until);

/* Time goes on until then, the tunnel being called whenever it wants to be. */
void relayed_pass(struct relayed *relayed, int64_t until);

/* It is gone, or about to be, for that cause and with that end. */
void relayed_assert_gone(struct relayed *relayed, enum sc_tunnel_cause cause, enum sc_tls_end end);

#endif
