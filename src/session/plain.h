/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SESSION_PLAIN_H
#define SC_SESSION_PLAIN_H

/*
 * The caller's side of a tunnel: our end of the socket pair whose other end
 * the caller, or whoever has it by now, reads and writes in plaintext. The
 * plain is embedded in what implements it. No verb blocks.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/util.h"

enum sc_plain_result {
    SC_PLAIN_DONE,  /* at least one byte has moved */
    SC_PLAIN_WAIT,  /* not until the socket is ready */
    SC_PLAIN_LATER, /* the kernel is short of memory: no event will tell when it is not */
    SC_PLAIN_ENDED, /* the caller writes no more, but reads; all that it wrote was received */
    SC_PLAIN_GONE,  /* nobody is at the other end; receiving: all that was written was received */
};

struct sc_plain;

struct sc_plain_verbs {
    enum sc_plain_result (*receive)(struct sc_plain *plain, void *bytes, size_t size,
                                    size_t *length);

    /* GONE also when the caller only reads no more. */
    enum sc_plain_result (*send)(struct sc_plain *plain, struct sc_bytes bytes, size_t *length);

    /* The caller will read the end of file behind what was sent. */
    void (*end)(struct sc_plain *plain);

    /* Whether nobody is at the other end any more. */
    bool (*is_gone)(struct sc_plain *plain);
};

struct sc_plain {
    const struct sc_plain_verbs *verbs; /* borrowed */
};

#endif
